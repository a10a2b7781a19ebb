import type { Interval } from './bootstrap.ts'
import { tCritical, tTwoSided } from './student-t.ts'

/** The paired t test, two-sided. */
export interface PairedT {
  readonly t: number
  readonly freedom: number
  readonly p: number
  /** Of the mean difference. */
  readonly interval: Interval
}

/** Mean and standard deviation (divided by n - 1) of differences. */
export interface Spread {
  readonly mean: number
  /** Zero also where the differences are equal but for the rounding of their two values; NaN of fewer than two. */
  readonly std: number
}

/** `size`: the largest of the values that were subtracted, which says what rounding may have done. */
export function spread(differences: readonly number[], size: number): Spread {
  const n = differences.length
  const mean = differences.reduce((a, b) => a + b, 0) / n
  const std = Math.sqrt(differences.reduce((a, b) => a + (b - mean) ** 2, 0) / (n - 1))
  return { mean, std: std <= 4 * Number.EPSILON * size ? 0 : std }
}

/**
 * As scipy's `ttest_rel`, and its `confidence_interval`. Undefined of fewer than two differences, and where all are equal: scipy
 * then says nan, infinity, or what rounding happens to give.
 */
export function pairedT({ mean, std }: Spread, count: number, confidence = 0.95): PairedT | undefined {
  if (count < 2 || std === 0) return undefined
  const [freedom, error] = [count - 1, std / Math.sqrt(count)]
  const t = mean / error
  const reach = tCritical(confidence, freedom) * error
  return { t, freedom, p: tTwoSided(t, freedom), interval: { low: mean - reach, high: mean + reach } }
}
