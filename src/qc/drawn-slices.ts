import { voxelSizes } from '../image/affine.ts'
import { isMicrograph } from '../image/formats.ts'
import { hwdGrid, hwdSpacing, takeSlice, type SliceAxis, type StoredGrid } from '../image/hwd.ts'
import { readImageFile } from '../image/read-file.ts'
import type { ClassPair } from './errors.ts'
import type { Drawn } from './overlay.ts'

/**
 * Some slices of an image, each with the label and the mask of all classes. Of the volumes only one class is held at a time. `like`:
 * the mask, which says how large the pixels of a picture are.
 */
export async function drawnSlices(
  pairs: AsyncIterable<ClassPair>,
  imagePath: string,
  axis: SliceAxis,
  slices: readonly number[],
  like: StoredGrid,
): Promise<ReadonlyMap<number, Drawn>> {
  const volume = await readImageFile(imagePath, voxelSizes(like.affine))
  const view = isMicrograph(imagePath) ? 'picture' : axis
  const grid = hwdGrid(volume, axis)
  const shape = [grid.shape[0], grid.shape[1]] as const
  const area = shape[0] * shape[1]
  const take = (data: Float32Array, slice: number): Float32Array => {
    const plane = new Float32Array(area)
    takeSlice(data, grid, slice, plane)
    return plane
  }
  const takeBits = (data: Uint8Array, slice: number): Uint8Array => {
    const plane = new Uint8Array(area)
    takeSlice(data, grid, slice, plane)
    return plane
  }
  const [mm, across] = hwdSpacing(volume, axis)
  const images = slices.map(slice => take(volume.data, slice))
  const classes = slices.map((): { truths: Uint8Array[]; masks: Uint8Array[] } => ({ truths: [], masks: [] }))
  for await (const { mask, truth } of pairs)
    slices.forEach((slice, i) => {
      classes[i]!.truths.push(takeBits(truth, slice))
      classes[i]!.masks.push(takeBits(mask, slice))
    })
  return new Map(slices.map((slice, i) => [slice, { view, shape, spacingMm: [mm, across], image: images[i]!, ...classes[i]! }]))
}
