import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeMask, maskNames } from '../image/mask-picture.ts'
import { writeNifti } from '../image/nifti-write.ts'
import type { Native } from './pick.ts'
import type { Segmentation } from './segment.ts'

/** Writes a file a class, in the grid of the image: uint8 where they are masks, float32 where soft. Those of a picture are PNG. */
export async function writeMasks(dir: string, name: string, { data, classes }: Segmentation, native: Native): Promise<readonly string[]> {
  const size = data.length / classes
  const names = maskNames(name, classes, native.isPicture ? '.png' : '.nii.gz')
  const dtype = data instanceof Uint8Array ? 'uint8' : 'float32'
  for (const [k, file] of names.entries()) {
    const values = data.subarray(k * size, (k + 1) * size)
    if (native.isPicture) await writeFile(join(dir, file), encodeMask(values, native.shape))
    else await writeNifti(join(dir, file), { ...native, data: values, dtype })
  }
  return names
}
