import { sorted } from './quantile.ts'

/** The two-sample Kolmogorov-Smirnov test, two-sided. */
export interface KolmogorovSmirnov {
  /** The largest distance of the two empirical distribution functions. */
  readonly statistic: number
  readonly p: number
}

/** As scipy's `ks_2samp`, exact. Undefined where one sample is empty. */
export function kolmogorovSmirnov(a: readonly number[], b: readonly number[]): KolmogorovSmirnov | undefined {
  const [m, n] = [a.length, b.length]
  if (m === 0 || n === 0) return undefined
  // Distances are whole multiples of 1 / (m n), so they are compared without rounding.
  const steps = largestSteps(sorted(a), sorted(b))
  return { statistic: steps / (m * n), p: steps === 0 ? 1 : pathsThatReach(steps, m, n) }
}

/** The largest |i n - j m|, where i values of the one sample and j of the other are at most x, over all x. */
function largestSteps(a: Float64Array, b: Float64Array): number {
  let [i, j, largest] = [0, 0, 0]
  while (i < a.length && j < b.length) {
    const x = Math.min(a[i]!, b[j]!)
    while (i < a.length && a[i] === x) i++
    while (j < b.length && b[j] === x) j++
    largest = Math.max(largest, Math.abs(i * b.length - j * a.length))
  }
  return largest
}

/**
 * Of all orders of m and n values, the part in which |i n - j m| reaches `steps` somewhere (Hodges 1958). Followed value by value: at
 * (i, j) stands the chance that a random order comes through there and has reached it before, or there.
 */
function pathsThatReach(steps: number, m: number, n: number): number {
  /** Of the orders that begin with i and j values, the part that has reached it. */
  let row = new Float64Array(n + 1)
  for (let i = 0; i <= m; i++) {
    const next = new Float64Array(n + 1)
    for (let j = 0; j <= n; j++) {
      if (Math.abs(i * n - j * m) >= steps) next[j] = 1
      else if (i + j > 0) {
        // The last of the i + j values is one of the i with the chance i / (i + j).
        const [fromI, fromJ] = [i === 0 ? 0 : row[j]!, j === 0 ? 0 : next[j - 1]!]
        next[j] = (i * fromI + j * fromJ) / (i + j)
      }
    }
    row = next
  }
  return row[n]!
}
