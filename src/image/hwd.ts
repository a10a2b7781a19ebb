import { affineOf, pointRas, voxelSizes } from './affine.ts'
import type { Affine } from './affine.ts'
import { orientationOf } from './orientation.ts'
import type { ImageHeader, Shape3, Volume } from './volume.ts'

/** Along which way an image is cut into slices. */
export type SliceAxis = 'sagittal' | 'coronal' | 'axial'

/** Which RAS axes are height, width and depth. ivadomed's `orient_img_hwd`: slice k is `hwd[..., k]` of the image turned to RAS. */
const rasOfHwd = { sagittal: [2, 1, 0], coronal: [2, 0, 1], axial: [0, 1, 2] } as const

/**
 * A way to walk a stored volume in height, width, depth order without copying it: voxel (h, w, d) is
 * `data[start + h * strides[0] + w * strides[1] + d * strides[2]]`.
 */
export interface HwdGrid {
  readonly shape: Shape3
  readonly strides: readonly [number, number, number]
  readonly start: number
  /** Of (h, w, d) to RAS millimetres. */
  readonly affine: Affine
}

/** The grid of an image as it is stored: its three sizes, and where it lies. */
export interface StoredGrid {
  readonly shape: readonly number[]
  readonly affine: Affine
}

/** The walk through an image as it is stored (axes flipped and permuted to the closest RAS, then to H, W, D). */
export function hwdGrid({ shape, affine }: StoredGrid, axis: SliceAxis): HwdGrid {
  const stored = storedAxes(affine, axis)
  const steps = [1, shape[0]!, shape[0]! * shape[1]!]
  const corner = shape.map((n, at) => (stored.some(s => s.axis === at && s.sign < 0) ? n - 1 : 0))
  const columns = [0, 1, 2].flatMap(r => stored.map(s => affine[4 * r + s.axis]! * s.sign))
  const pick = (from: (s: StoredAxis) => number): [number, number, number] => [from(stored[0]), from(stored[1]), from(stored[2])]
  return {
    shape: pick(s => shape[s.axis]!),
    strides: pick(s => steps[s.axis]! * s.sign),
    start: corner.reduce((sum, n, at) => sum + n * steps[at]!, 0),
    affine: affineOf(columns, pointRas(affine, corner)),
  }
}

/**
 * Millimetres between voxels along height, width, depth. As nibabel gives them after `as_closest_canonical`: the header's own
 * values where the image is stored in RAS, else the lengths of the affine's columns; both float32.
 */
export function hwdSpacing({ spacing, affine }: Pick<ImageHeader, 'spacing' | 'affine'>, axis: SliceAxis): [number, number, number] {
  const inRas = orientationOf(affine).every(({ ras, sign }, at) => ras === at && sign > 0)
  const sizes = inRas ? spacing : voxelSizes(affine).map(Math.fround)
  const [h, w, d] = storedAxes(affine, axis)
  return [sizes[h.axis]!, sizes[w.axis]!, sizes[d.axis]!]
}

interface StoredAxis {
  /** Which stored axis: i, j or k. */
  readonly axis: number
  readonly sign: 1 | -1
}

/** For height, width, depth. */
function storedAxes(affine: Affine, axis: SliceAxis): readonly [StoredAxis, StoredAxis, StoredAxis] {
  const orientation = orientationOf(affine)
  const find = (ras: number): StoredAxis => {
    const at = orientation.findIndex(direction => direction.ras === ras)
    return { axis: at, sign: orientation[at]!.sign }
  }
  const [h, w, d] = rasOfHwd[axis]
  return [find(h), find(w), find(d)]
}

/** Copies slice k into `out`: [H, W], w fastest. */
export function takeSlice<T extends Float32Array | Uint8Array>(data: T, { shape, strides, start }: HwdGrid, k: number, out: T): void {
  const [height, width] = shape
  const [down, right] = strides
  const first = start + k * strides[2]
  for (let h = 0, to = 0; h < height; h++) for (let w = 0, from = first + h * down; w < width; w++, from += right) out[to++] = data[from]!
}

/** Copies `slice` [H, W] into the volume as slice k; `offset` is where the volume begins in `data`. */
export function putSlice(slice: Float32Array, { shape, strides, start }: HwdGrid, k: number, data: Float32Array, offset = 0): void {
  const [height, width] = shape
  const [down, right] = strides
  const first = offset + start + k * strides[2]
  for (let h = 0, from = 0; h < height; h++) for (let w = 0, to = first + h * down; w < width; w++, to += right) data[to] = slice[from++]!
}

/** All slices one after the other: [D, H, W]. */
export function toHwd(volume: Volume, axis: SliceAxis): { readonly grid: HwdGrid; readonly slices: Float32Array } {
  const grid = hwdGrid(volume, axis)
  const [height, width, depth] = grid.shape
  const area = height * width
  const slices = new Float32Array(area * depth)
  for (let k = 0; k < depth; k++) takeSlice(volume.data, grid, k, slices.subarray(k * area, (k + 1) * area))
  return { grid, slices }
}

/**
 * Slices put back into the grid of the image as it was stored; the inverse of cutting. `slices[s]` says which slice of the
 * volume is row s of `predictions` [S, K, H, W]; slices that were not kept stay 0. Gives K volumes [X, Y, Z] one after the other,
 * x fastest: ready for `writeNifti` with the shape [X, Y, Z] or [X, Y, Z, K].
 */
export function restoreNative(
  native: StoredGrid,
  axis: SliceAxis,
  slices: readonly number[],
  predictions: Float32Array,
  classes: number,
): Float32Array<ArrayBuffer> {
  const grid = hwdGrid(native, axis)
  const area = grid.shape[0] * grid.shape[1]
  if (predictions.length !== slices.length * classes * area)
    throw new Error(`${predictions.length} numbers are not ${slices.length} slices of ${classes} x ${grid.shape[0]} x ${grid.shape[1]}`)
  const voxels = area * grid.shape[2]
  const data = new Float32Array(classes * voxels)
  slices.forEach((k, s) => {
    for (let c = 0; c < classes; c++) {
      const at = (s * classes + c) * area
      putSlice(predictions.subarray(at, at + area), grid, k, data, c * voxels)
    }
  })
  return data
}
