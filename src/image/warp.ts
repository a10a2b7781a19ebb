/** Height and width of a plane, in pixels. */
export type PlaneShape = readonly [height: number, width: number]

/** out(o) = in(M o + b), o = (row, column); where that is outside the plane, out is 0. `matrix` is M row by row. */
export interface AffineWarp {
  readonly kind: 'affine'
  readonly matrix: readonly [number, number, number, number]
  readonly offset: readonly [number, number]
}

/** out(o) = in(o + d(o)), the plane mirrored beyond its borders (d c b a | a b c d | d c b a). d in pixels, per pixel. */
export interface DisplacementWarp {
  readonly kind: 'displacement'
  readonly dy: Float64Array
  readonly dx: Float64Array
}

/** A change of geometry as data: where each output pixel reads the input. */
export type Warp = AffineWarp | DisplacementWarp

/** The map back: in = M o + b, so o = inv(M) (in - b). */
export function invertAffine({ matrix: [yy, yx, xy, xx], offset: [y0, x0] }: AffineWarp): AffineWarp {
  const determinant = yy * xx - yx * xy
  const [a, b, c, d] = [xx / determinant, -yx / determinant, -xy / determinant, yy / determinant]
  return { kind: 'affine', matrix: [a, b, c, d], offset: [-(a * y0 + b * x0), -(c * y0 + d * x0)] }
}

/** Where each pixel of a plane reads another plane of the same shape, in pixels; NaN: outside, reads 0. */
export interface Points {
  readonly y: Float64Array
  readonly x: Float64Array
}

/**
 * What the warps do when done one after another, as one map: so that an image is interpolated once, and not blurred once
 * for each of them.
 */
export function compose(warps: readonly Warp[], shape: PlaneShape): Points {
  const points = grid(shape)
  for (const warp of warps.toReversed()) {
    if (warp.kind === 'affine') moveAffine(points, warp, shape)
    else moveDisplaced(points, warp, shape)
  }
  return points
}

function grid([height, width]: PlaneShape): Points {
  const y = new Float64Array(height * width)
  const x = new Float64Array(height * width)
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      y[i] = row
      x[i] = column
    }
  }
  return { y, x }
}

function moveAffine({ y, x }: Points, { matrix, offset }: AffineWarp, [height, width]: PlaneShape): void {
  const [yy, yx, xy, xx] = matrix
  const [y0, x0] = offset
  for (let i = 0; i < y.length; i++) {
    const py = yy * y[i]! + yx * x[i]! + y0
    const px = xy * y[i]! + xx * x[i]! + x0
    const inside = py >= 0 && py <= height - 1 && px >= 0 && px <= width - 1
    y[i] = inside ? py : NaN
    x[i] = inside ? px : NaN
  }
}

function moveDisplaced({ y, x }: Points, { dy, dx }: DisplacementWarp, shape: PlaneShape): void {
  const [height, width] = shape
  for (let i = 0; i < y.length; i++) {
    const py = y[i]!
    const px = x[i]!
    if (Number.isNaN(py)) continue
    y[i] = fold(py + valueAt(dy, 0, shape, py, px), height)
    x[i] = fold(px + valueAt(dx, 0, shape, py, px), width)
  }
}

/**
 * A position brought into 0 ... n-1 by mirroring about the borders at -1/2 and n-1/2. Linear interpolation of the mirrored
 * plane is constant over the half pixels next to a border; hence the clamp.
 */
function fold(position: number, n: number): number {
  if (position >= 0 && position <= n - 1) return position
  const shifted = (position + 0.5) % (2 * n)
  const positive = shifted < 0 ? shifted + 2 * n : shifted
  const folded = (positive < n ? positive : 2 * n - positive) - 0.5
  return Math.min(Math.max(folded, 0), n - 1)
}

/** Linear interpolation inside the plane that begins at `start`. */
function valueAt(data: Float32Array | Float64Array, start: number, [height, width]: PlaneShape, y: number, x: number): number {
  const row = Math.floor(y)
  const column = Math.floor(x)
  const ty = y - row
  const tx = x - column
  const at = start + row * width + column
  const right = column + 1 < width ? 1 : 0
  const down = row + 1 < height ? width : 0
  const above = (1 - tx) * data[at]! + tx * data[at + right]!
  const below = (1 - tx) * data[at + down]! + tx * data[at + down + right]!
  return (1 - ty) * above + ty * below
}

/** Reads every plane of [planes, height, width] at the points, linearly. */
export function samplePlanes(data: Float32Array, shape: PlaneShape, { y, x }: Points): Float32Array {
  const out = new Float32Array(data.length)
  const size = shape[0] * shape[1]
  for (let start = 0; start < data.length; start += size) {
    for (let i = 0; i < size; i++) {
      // NaN >= 0 is false: outside stays 0.
      if (y[i]! >= 0) out[start + i] = valueAt(data, start, shape, y[i]!, x[i]!)
    }
  }
  return out
}

/** One plane through `out(o) = in(M o + b)`, as `scipy.ndimage.affine_transform` of order 1, zeros outside. */
export function affineTransform2d(
  data: Float32Array,
  shape: PlaneShape,
  matrix: AffineWarp['matrix'],
  offset: AffineWarp['offset'],
): Float32Array {
  return samplePlanes(data, shape, compose([{ kind: 'affine', matrix, offset }], shape))
}

/** One plane read at (y, x), mirrored beyond its borders, as `scipy.ndimage.map_coordinates(order=1, mode='reflect')`. */
export function mapCoordinates(data: Float32Array | Float64Array, shape: PlaneShape, { y, x }: Points): Float64Array {
  return Float64Array.from(y, (py, i) => valueAt(data, 0, shape, fold(py, shape[0]), fold(x[i]!, shape[1])))
}
