import { roundHalfEven } from './round.ts'

/** The degree of the interpolating spline: 0 nearest, 1 linear, 2 quadratic, 3 cubic. */
export type Order = 0 | 1 | 2 | 3

/** The poles of the filters that turn samples into the coefficients of a quadratic or cubic spline (Unser 1999). */
const poles = { 2: Math.sqrt(8) - 3, 3: Math.sqrt(3) - 2 } as const

/** How many samples an axis of n has after a change of scale: round(n * factor), ties to even, and at least one. */
export const zoomedSize = (n: number, factor: number): number => Math.max(1, roundHalfEven(n * factor))

/**
 * Interpolates an array of any number of axes (C order) onto another number of samples per axis, as `scipy.ndimage.zoom`:
 * the centres of the first and last samples stay where they are, so output k reads the input at k * (n-1)/(m-1). Axes that
 * keep their size are left alone. Differs from scipy where the last position exceeds n-1 by a rounding error: scipy gives
 * zero there, which blackens the last row or column of an image (48 -> 24, 28 -> 22 ...); here it is the edge sample.
 * `within`: of each axis the outputs that are wanted, [from, to); all others may be left 0.
 */
export function zoom(
  data: ArrayLike<number>,
  shape: readonly number[],
  outShape: readonly number[],
  order: Order,
  within?: readonly (readonly [from: number, to: number])[],
): Float64Array {
  let values = new Float64Array(data)
  const size = [...shape]
  for (const [axis, m] of outShape.entries()) {
    const n = size[axis]!
    if (m === n) continue
    const inner = size.slice(axis + 1).reduce((a, b) => a * b, 1)
    if (order >= 2 && n > 1) splineFilter(values, n, inner, poles[order as 2 | 3])
    values = interpolateAxis(values, n, m, inner, order, within?.[axis] ?? [0, m])
    size[axis] = m
  }
  return values
}

/**
 * In place, along the middle axis of [outer, n, inner]: samples to spline coefficients, mirrored about the first and last
 * sample. c+[i] = g s[i] + z c+[i-1];  c[i] = z (c[i+1] - c+[i]);  g = (1 - z)(1 - 1/z).
 */
function splineFilter(c: Float64Array, n: number, inner: number, z: number): void {
  const gain = (1 - z) * (1 - 1 / z)
  for (let i = 0; i < c.length; i++) c[i]! *= gain
  const last = (n - 1) * inner
  const isEmpty = emptyBlocks(c, n * inner)
  for (let first = 0; first < c.length; first += n * inner) {
    if (isEmpty[first / (n * inner)]) continue
    for (let j = first; j < first + inner; j++) c[j] = firstCausal(c, j, n, inner, z)
    for (let i = first + inner; i < first + n * inner; i++) c[i]! += z * c[i - inner]!
    for (let j = first + last; j < first + last + inner; j++) c[j] = ((z * c[j - inner]! + c[j]!) * z) / (z * z - 1)
    for (let i = first + last - 1; i >= first; i--) c[i] = z * (c[i + inner]! - c[i]!)
  }
}

/** The causal filter's first value: the geometric sum over the mirrored, endless signal. */
function firstCausal(c: Float64Array, at: number, n: number, stride: number, z: number): number {
  const zn = z ** (n - 1)
  let sum = c[at]! + zn * c[at + (n - 1) * stride]!
  let zi = z
  // Beyond 1e-40 the terms cannot change a double; the loop would only meet denormal numbers.
  for (let i = 1; i < n - 1 && Math.abs(zi) > 1e-40; i++) {
    sum += zi * (c[at + i * stride]! + zn * c[at + (n - 1 - i) * stride]!)
    zi *= z
  }
  return sum / (1 - zn * zn)
}

/**
 * [outer, n, inner] to [outer, m, inner]: every output is a weighted sum of `order + 1` rows. Rows of zeros add nothing and are
 * passed over: of a prediction that was cropped they are most.
 */
function interpolateAxis(
  values: Float64Array,
  n: number,
  m: number,
  inner: number,
  order: Order,
  [first, end]: readonly [number, number],
): Float64Array<ArrayBuffer> {
  const { index, weight, taps } = axisWeights(n, m, order)
  const outer = values.length / (n * inner)
  const out = new Float64Array(outer * m * inner)
  // A line along the axis is looked at as a whole where its rows are single numbers.
  const step = inner === 1 ? n : inner
  const isEmpty = emptyBlocks(values, step)
  for (let o = 0; o < outer; o++) {
    if (inner === 1 && isEmpty[o]) continue
    for (let k = first; k < end; k++) {
      const to = (o * m + k) * inner
      for (let t = k * taps; t < (k + 1) * taps; t++) {
        const row = o * n + index[t]!
        if (inner > 1 && isEmpty[row]) continue
        const w = weight[t]!
        const from = row * inner
        for (let j = 0; j < inner; j++) out[to + j]! += w * values[from + j]!
      }
    }
  }
  return out
}

/** Of each block of that many numbers, 1 where all are zero. */
function emptyBlocks(values: Float64Array, size: number): Uint8Array {
  const empty = new Uint8Array(values.length / size)
  for (let b = 0; b < empty.length; b++) {
    const end = (b + 1) * size
    let i = b * size
    while (i < end && values[i] === 0) i++
    empty[b] = i === end ? 1 : 0
  }
  return empty
}

/** Per output sample, which `taps` inputs it reads and with what weights. */
function axisWeights(
  n: number,
  m: number,
  order: Order,
): { readonly index: Int32Array; readonly weight: Float64Array; readonly taps: number } {
  const taps = order + 1
  const index = new Int32Array(m * taps)
  const weight = new Float64Array(m * taps)
  const step = m > 1 ? (n - 1) / (m - 1) : 1
  for (let k = 0; k < m; k++) {
    const x = Math.min(step * k, n - 1)
    const base = Math.floor(order % 2 === 0 ? x + 0.5 : x)
    const weights = splineWeights(x - base, order)
    for (let t = 0; t < taps; t++) {
      index[k * taps + t] = mirror(base - (order >> 1) + t, n)
      weight[k * taps + t] = weights[t]!
    }
  }
  return { index, weight, taps }
}

/** The B-spline of that degree at its neighbours; t is the distance from the base sample (floor, or nearest for even degrees). */
function splineWeights(t: number, order: Order): readonly number[] {
  switch (order) {
    case 0:
      return [1]
    case 1:
      return [1 - t, t]
    case 2: {
      const before = 0.5 * (0.5 - t) ** 2
      const at = 0.75 - t * t
      return [before, at, 1 - before - at]
    }
    case 3: {
      const u = 1 - t
      const before = u ** 3 / 6
      const at = (t * t * (t - 2) * 3 + 4) / 6
      const after = (u * u * (u - 2) * 3 + 4) / 6
      return [before, at, after, 1 - before - at - after]
    }
  }
}

/** Folds an index into 0 ... n-1: (d c b | a b c d | c b a). */
export function mirror(i: number, n: number): number {
  if (n === 1) return 0
  const period = 2 * n - 2
  const folded = ((i % period) + period) % period
  return folded < n ? folded : period - folded
}
