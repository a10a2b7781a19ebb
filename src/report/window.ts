import type { HwdGrid } from '../image/hwd.ts'
import type { View } from '../image/picture.ts'

/** Which rows and columns of a slice are shown: from the first to before the last, of height and width. */
export interface Box {
  readonly height: readonly [number, number]
  readonly width: readonly [number, number]
}

/** A part of a slice as one looks at it (the head or the front of the body is up, a picture as it is): for every pixel, which voxel it shows. */
export interface Window {
  readonly height: number
  readonly width: number
  /** Millimetres between pixels, across and down. */
  readonly spacing: readonly [number, number]
  /** Row by row from the top: places in the data of the volume. */
  readonly voxels: Int32Array
}

/** At most this many pixels high and wide is a picture of a report; of larger slices every second voxel is shown, or fewer. */
const LARGEST = 384

/** The window of slice `k`. `spacing` as `hwdSpacing` gives it. */
export function windowOf(grid: HwdGrid, spacing: readonly number[], view: View, k: number, { height, width }: Box): Window {
  const step = Math.ceil(Math.max(height[1] - height[0], width[1] - width[0], 1) / LARGEST)
  const [rows, columns] = [height, width].map(([from, to]) => Math.ceil((to - from) / step)) as [number, number]
  const at = (h: number, w: number): number =>
    grid.start + (height[0] + h * step) * grid.strides[0] + (width[0] + w * step) * grid.strides[1] + k * grid.strides[2]
  // Axial slices have right as their height and front as their width; the others have up as their height.
  const turned = view === 'axial'
  const [high, wide] = turned ? [columns, rows] : [rows, columns]
  const voxels = Int32Array.from({ length: high * wide }, (_, i) => {
    const [up, along] = [high - 1 - Math.floor(i / wide), i % wide]
    if (view === 'picture') return at(Math.floor(i / wide), along)
    return turned ? at(along, up) : at(up, along)
  })
  const [h, w] = [spacing[0]! * step, spacing[1]! * step]
  return { height: high, width: wide, spacing: turned ? [h, w] : [w, h], voxels }
}

/** Voxels around what is marked that are shown as well. */
const MARGIN = 10
/** What is shown is at least so many voxels high and wide, where the image is. */
const LEAST = 40

/** The box around all marked voxels of a volume, in every slice, with a margin; the whole slice where none is. */
export function boxAround(marks: readonly Uint8Array[], { shape, strides, start }: HwdGrid): Box {
  const [height, width, depth] = shape
  const [down, right, deep] = strides
  const [inHeight, inWidth] = [new Uint8Array(height), new Uint8Array(width)]
  for (const mark of marks)
    for (let d = 0; d < depth; d++)
      for (let h = 0; h < height; h++)
        for (let w = 0, i = start + h * down + d * deep; w < width; w++, i += right) if (mark[i] !== 0) inHeight[h] = inWidth[w] = 1
  const [top, bottom] = [inHeight.indexOf(1), inHeight.lastIndexOf(1)]
  if (bottom < 0) return { height: [0, height], width: [0, width] }
  return { height: widened(top, bottom + 1, height), width: widened(inWidth.indexOf(1), inWidth.lastIndexOf(1) + 1, width) }
}

function widened(from: number, to: number, size: number): readonly [number, number] {
  const length = Math.min(size, Math.max(LEAST, to - from + 2 * MARGIN))
  const start = Math.min(size - length, Math.max(0, Math.round((from + to - length) / 2)))
  return [start, start + length]
}
