/** Voxels along three axes. */
export type Shape3 = readonly [number, number, number]

/** A row-major 4x4 matrix: voxel index (i, j, k, 1) to RAS millimetres. */
export type Affine = readonly number[]

/** The 3x3 part, row-major. */
type Matrix3 = readonly number[]

const upperLeft = (a: Affine): Matrix3 => [a[0]!, a[1]!, a[2]!, a[4]!, a[5]!, a[6]!, a[8]!, a[9]!, a[10]!]

/** The affine with these columns: the steps of i, j, k, and the place of voxel (0, 0, 0). */
export const affineOf = (m: Matrix3, origin: readonly number[]): Affine =>
  [0, 1, 2].flatMap(r => [m[3 * r]!, m[3 * r + 1]!, m[3 * r + 2]!, origin[r]!]).concat(0, 0, 0, 1)

/** Where voxel (i, j, k) lies: RAS millimetres. */
export function pointRas(a: Affine, voxel: readonly number[]): [number, number, number] {
  const [i, j, k] = voxel as Shape3
  const row = (r: number): number => a[4 * r]! * i + a[4 * r + 1]! * j + a[4 * r + 2]! * k + a[4 * r + 3]!
  return [row(0), row(1), row(2)]
}

/** Lengths of the three steps, in millimetres. */
export function voxelSizes(a: Affine): [number, number, number] {
  const length = (c: number): number => Math.sqrt(a[c]! * a[c]! + a[4 + c]! * a[4 + c]! + a[8 + c]! * a[8 + c]!)
  return [length(0), length(1), length(2)]
}

function determinant(m: Matrix3): number {
  const [a, b, c, d, e, f, g, h, i] = m as [number, number, number, number, number, number, number, number, number]
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
}

/** Whether the affine places voxels in space at all: finite, and its three axes span it. */
export function isInvertible(a: Affine): boolean {
  const sizes = voxelSizes(a)
  const volume = sizes[0] * sizes[1] * sizes[2]
  return a.every(Number.isFinite) && volume > 0 && Math.abs(determinant(upperLeft(a))) / volume > 1e-6
}

/** The transposed inverse. */
function inverseTransposed(m: Matrix3): number[] {
  const [a, b, c, d, e, f, g, h, i] = m as [number, number, number, number, number, number, number, number, number]
  const det = determinant(m)
  const cofactors = [e * i - f * h, f * g - d * i, d * h - e * g, c * h - b * i, a * i - c * g, b * g - a * h]
  return [...cofactors, b * f - c * e, c * d - a * f, a * e - b * d].map(x => x / det)
}

/**
 * The rotation (or rotoinversion) closest to the axes of the affine, without zooms and shears, row-major 3x3: the polar factor,
 * by Newton's iteration X <- (X + X^-T) / 2 (Higham 1986).
 */
export function rotationOf(a: Affine): Matrix3 {
  const sizes = voxelSizes(a)
  let x = upperLeft(a).map((v, at) => v / sizes[at % 3]!)
  for (let step = 0; step < 100; step++) {
    const y = inverseTransposed(x)
    const next = x.map((v, at) => (v + y[at]!) / 2)
    const change = Math.max(...next.map((v, at) => Math.abs(v - x[at]!)))
    x = next
    if (change < 1e-14) break
  }
  return x
}

/** A header's quaternion and offsets as an affine; `qfac` is -1 where k runs against the rotation. Nifti-1 standard, method 2. */
export function qformAffine(
  bcd: readonly [number, number, number],
  offset: readonly number[],
  spacing: readonly [number, number, number],
  qfac: number,
): Affine {
  const [b, c, d] = bcd
  // Rounding to float32 can leave b, c, d a little longer than 1.
  const a = Math.sqrt(Math.max(0, 1 - (b * b + c * c + d * d)))
  const s = 2 / (a * a + b * b + c * c + d * d)
  const rotation = [
    [1 - s * (c * c + d * d), s * (b * c - a * d), s * (b * d + a * c)],
    [s * (b * c + a * d), 1 - s * (b * b + d * d), s * (c * d - a * b)],
    [s * (b * d - a * c), s * (c * d + a * b), 1 - s * (b * b + c * c)],
  ].flat()
  const steps = [spacing[0], spacing[1], spacing[2] * qfac]
  return affineOf(
    rotation.map((v, at) => v * steps[at % 3]!),
    offset,
  )
}

/** The affine of a header that has neither sform nor qform: the centre at 0, x from right to left (SPM, nibabel). */
export function baseAffine(shape: Shape3, spacing: readonly [number, number, number]): Affine {
  const steps = [-spacing[0], spacing[1], spacing[2]]
  const m = [0, 1, 2].flatMap(r => [0, 1, 2].map(c => (r === c ? steps[r]! : 0)))
  return affineOf(
    m,
    steps.map((step, r) => (-step * (shape[r]! - 1)) / 2),
  )
}

/** The quaternion (b, c, d) and qfac that stand for the affine in a header, without its shears. */
export function quaternionOf(affine: Affine): { readonly bcd: readonly [number, number, number]; readonly qfac: 1 | -1 } {
  const polar = rotationOf(affine)
  const qfac = determinant(polar) < 0 ? -1 : 1
  const m = polar.map((v, at) => (at % 3 === 2 ? v * qfac : v))
  const at = (r: number, c: number): number => m[3 * r + c]!
  // Four times each component squared; divide by the largest (Shepperd 1978).
  const squares = [
    1 + at(0, 0) + at(1, 1) + at(2, 2),
    1 + at(0, 0) - at(1, 1) - at(2, 2),
    1 - at(0, 0) + at(1, 1) - at(2, 2),
    1 - at(0, 0) - at(1, 1) + at(2, 2),
  ]
  const ab = at(2, 1) - at(1, 2)
  const ac = at(0, 2) - at(2, 0)
  const ad = at(1, 0) - at(0, 1)
  const bc = at(1, 0) + at(0, 1)
  const bd = at(0, 2) + at(2, 0)
  const cd = at(2, 1) + at(1, 2)
  const largest = squares.indexOf(Math.max(...squares))
  const products = [
    [squares[0]!, ab, ac, ad],
    [ab, squares[1]!, bc, bd],
    [ac, bc, squares[2]!, cd],
    [ad, bd, cd, squares[3]!],
  ][largest]!
  const divisor = 2 * Math.sqrt(squares[largest]!)
  const sign = products[0]! < 0 ? -1 : 1
  const [b, c, d] = products.slice(1).map(v => (sign * v) / divisor) as [number, number, number]
  return { bcd: [b, c, d], qfac }
}

/** How far the corners of a grid lie apart under two affines, at most: millimetres. */
export function cornerDistance(shape: Shape3, one: Affine, other: Affine): number {
  const ends = shape.map(n => [0, n - 1])
  const corners = ends[0]!.flatMap(i => ends[1]!.flatMap(j => ends[2]!.map(k => [i, j, k])))
  const distances = corners.map(corner => {
    const p = pointRas(one, corner)
    const q = pointRas(other, corner)
    return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2])
  })
  return Math.max(...distances)
}
