/** What lies beyond the border: the mirrored array (d c b a | a b c d | d c b a), or zeros. */
export type Border = 'reflect' | 'zero'

/** One side of the normalised kernel, centre first: w[j] ~ exp(-j^2 / 2 sigma^2), cut at int(4 sigma + 0.5). */
export function gaussianKernel(sigma: number): Float64Array {
  const radius = Math.floor(4 * sigma + 0.5)
  const half = Float64Array.from({ length: radius + 1 }, (_, j) => (j === 0 ? 1 : Math.exp(-(j * j) / (2 * sigma * sigma))))
  const sum = half.reduce((total, w, j) => total + (j === 0 ? w : 2 * w), 0)
  return half.map(w => w / sum)
}

/** Smooths along every axis of an array (C order), as `scipy.ndimage.gaussian_filter`. Sigma in samples; 0 changes nothing. */
export function gaussianFilter(data: ArrayLike<number>, shape: readonly number[], sigma: number, border: Border): Float64Array {
  let values: Float64Array = Float64Array.from(data)
  if (!(sigma > 0)) return values
  const kernel = gaussianKernel(sigma)
  for (const [axis, n] of shape.entries()) {
    const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1)
    values = inner === 1 ? filterRows(values, n, kernel, border) : filterColumns(values, n, inner, kernel, border)
  }
  return values
}

/** Along the last axis: each row is copied between its two borders, so that the inner loop has no conditions. */
function filterRows(values: Float64Array, n: number, kernel: Float64Array, border: Border): Float64Array {
  const radius = kernel.length - 1
  const source = borderIndex(n, radius, border)
  const padded = new Float64Array(source.length)
  const out = new Float64Array(values.length)
  for (let row = 0; row < values.length; row += n) {
    for (let i = 0; i < source.length; i++) padded[i] = source[i]! < 0 ? 0 : values[row + source[i]!]!
    for (let k = 0; k < n; k++) {
      const centre = k + radius
      let sum = kernel[0]! * padded[centre]!
      for (let j = 1; j <= radius; j++) sum += kernel[j]! * (padded[centre - j]! + padded[centre + j]!)
      out[row + k] = sum
    }
  }
  return out
}

/** Along the middle axis of [outer, n, inner]: whole rows of `inner` are added up. */
function filterColumns(values: Float64Array, n: number, inner: number, kernel: Float64Array, border: Border): Float64Array {
  const radius = kernel.length - 1
  const source = borderIndex(n, radius, border)
  const out = new Float64Array(values.length)
  for (let block = 0; block < values.length; block += n * inner) {
    for (let k = 0; k < n; k++) {
      const to = block + k * inner
      for (let j = -radius; j <= radius; j++) {
        const row = source[k + radius + j]!
        if (row < 0) continue
        const w = kernel[Math.abs(j)]!
        const from = block + row * inner
        for (let i = 0; i < inner; i++) out[to + i]! += w * values[from + i]!
      }
    }
  }
  return out
}

/** Which sample stands at positions -radius ... n-1+radius; -1 for a zero. */
function borderIndex(n: number, radius: number, border: Border): Int32Array {
  return Int32Array.from({ length: n + 2 * radius }, (_, at) => {
    const i = at - radius
    if (i >= 0 && i < n) return i
    if (border === 'zero') return -1
    const folded = ((i % (2 * n)) + 2 * n) % (2 * n)
    return folded < n ? folded : 2 * n - 1 - folded
  })
}
