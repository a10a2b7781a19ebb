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
  for (let first = 0; first < c.length; first += n * inner) {
    const [from, to] = filled(c, first, first + n * inner)
    if (from === to) continue
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
 * [outer, n, inner] to [outer, m, inner]: every output is a weighted sum of `order + 1` rows. Zeros at the ends of rows add nothing and are
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
  if (inner === 1) {
    const [low, high] = reach(index, taps)
    for (let o = 0; o < outer; o++) {
      const line = o * n
      const [from, to] = filled(values, line, line + n)
      for (let k = first; k < end; k++) {
        if (line + high[k]! < from || line + low[k]! >= to) continue
        let sum = 0
        for (let t = k * taps; t < (k + 1) * taps; t++) sum += weight[t]! * values[line + index[t]!]!
        out[o * m + k] = sum
      }
    }
    return out
  }
  const rows = Array.from({ length: outer * n }, (_, row) => filled(values, row * inner, (row + 1) * inner))
  for (let o = 0; o < outer; o++)
    for (let k = first; k < end; k++)
      for (let t = k * taps; t < (k + 1) * taps; t++) {
        const row = o * n + index[t]!
        const [from, to] = rows[row]!
        const w = weight[t]!
        const ahead = (o * m + k) * inner - row * inner
        for (let at = from; at < to; at++) out[at + ahead]! += w * values[at]!
      }
  return out
}

/** Of each output the first and the last input that it reads. */
function reach(index: Int32Array, taps: number): readonly [Int32Array, Int32Array] {
  const of = (pick: (...of: number[]) => number) =>
    Int32Array.from({ length: index.length / taps }, (_, k) => pick(...index.subarray(k * taps, (k + 1) * taps)))
  return [of(Math.min), of(Math.max)]
}

/** The places from `start` on between the first and the last number that is not 0: [from, to), empty where there is none. */
function filled(values: Float64Array, start: number, end: number): readonly [from: number, to: number] {
  let [from, to] = [start, end]
  while (from < to && values[from] === 0) from++
  while (to > from && values[to - 1] === 0) to--
  return [from, to]
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
