import { pointRas } from '../image/affine.ts'
import { hwdGrid, type SliceAxis, type StoredGrid } from '../image/hwd.ts'

/** One class of an image: 0 and 1, first axis fastest. */
export interface ClassPair {
  readonly mask: Uint8Array
  readonly truth: Uint8Array
}

/** Where a mask and the truth differ, slice by slice. */
export interface SliceErrors {
  readonly axis: SliceAxis
  /** By slice: how many voxels of any class are in one of the two and not in the other. */
  readonly wrong: readonly number[]
  /** The slice with the most of them, and the middle of those (RAS millimetres); undefined where mask and truth are equal. */
  readonly worst?: { readonly slice: number; readonly pointRas: readonly [number, number, number] }
  /** The middle one of the slices that have truth or mask; of all slices where none has. */
  readonly middle: number
}

/** Counts the errors of all classes. The slices are those of the image turned to RAS, as everywhere here. */
export async function sliceErrors(classes: AsyncIterable<ClassPair>, stored: StoredGrid, axis: SliceAxis): Promise<SliceErrors> {
  const grid = hwdGrid(stored, axis)
  const [height, width, depth] = grid.shape
  const wrong = new Array<number>(depth).fill(0)
  const sums = wrong.map((): [h: number, w: number] => [0, 0])
  const hasAny = wrong.map(() => false)
  for await (const { mask, truth } of classes)
    for (let k = 0; k < depth; k++)
      for (let h = 0; h < height; h++)
        for (let w = 0, at = grid.start + k * grid.strides[2] + h * grid.strides[0]; w < width; w++, at += grid.strides[1]) {
          if (mask[at] === 0 && truth[at] === 0) continue
          hasAny[k] = true
          if (mask[at] === truth[at]) continue
          wrong[k]!++
          sums[k]![0] += h
          sums[k]![1] += w
        }
  const most = Math.max(...wrong)
  const slice = wrong.indexOf(most)
  const centre = most > 0 ? sums[slice]!.map(sum => sum / most) : []
  const worst = most > 0 ? { slice, pointRas: pointRas(grid.affine, [...centre, slice]) } : undefined
  return { axis, wrong, ...(worst && { worst }), middle: middleOf(hasAny) }
}

/** The middle one of the places that are true; of all where none is. */
function middleOf(present: readonly boolean[]): number {
  const places = present.flatMap((is, k) => (is ? [k] : []))
  return places[places.length >> 1] ?? present.length >> 1
}
