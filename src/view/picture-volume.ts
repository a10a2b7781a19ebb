import { niftiHeader } from '../image/nifti-write.ts'
import { pixelSizeOf } from '../image/pixel-size.ts'
import { readImageFile, readLabelFile } from '../image/read-file.ts'
import { datasetStep } from './images.ts'
import { stepsOfKind } from './kinds.ts'
import type { ShownStep } from './run-folder.ts'

/**
 * A picture of a dataset, image or label, as the bytes of a NIfTI file on the grid of its masks, so that they lie over each other. `file`:
 * where it lies. Undefined where no index names it.
 */
export async function pictureVolume(
  steps: readonly ShownStep[],
  stepName: string,
  path: string,
  file: string,
): Promise<Buffer<ArrayBuffer> | undefined> {
  for (const index of stepsOfKind('index', steps))
    for (const row of index.value.images) {
      const isImage = row.image === path || row.channels?.includes(path) === true
      if (datasetStep(index, row.dataset) !== stepName || (!isImage && !row.labels.flat().includes(path))) continue
      const size = pixelSizeOf(row.image, row.metadata ?? {})
      const volume = await (isImage ? readImageFile(file, size) : readLabelFile(file, size, true))
      const { buffer, byteOffset, byteLength } = volume.data
      return Buffer.concat([niftiHeader({ ...volume, dtype: 'float32' }), new Uint8Array(buffer, byteOffset, byteLength)])
    }
  return undefined
}
