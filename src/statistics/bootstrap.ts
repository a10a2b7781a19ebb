import type { Random } from '../random.ts'
import { quantile, sorted } from './quantile.ts'

/** Where a statistic lies, with the confidence asked for. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/** Which subjects (from 0, with replacement) each resample is made of: as many as there are. */
export function drawResamples(subjects: number, resamples: number, random: Random): Int32Array[] {
  return Array.from({ length: resamples }, () => Int32Array.from({ length: subjects }, () => random.integer(subjects)))
}

/**
 * The confidence interval of a mean by the percentile method (Efron and Tibshirani, "An introduction to the bootstrap", 1993,
 * chapter 13). Subjects are drawn, each with all the values it has, since the images of one subject are alike; `values[s]` are
 * those of subject s, none where undefined. Undefined with fewer than two subjects that have a value.
 */
export function bootstrapMean(
  values: readonly (readonly number[])[],
  resamples: readonly Int32Array[],
  confidence = 0.95,
): Interval | undefined {
  if (resamples.length === 0 || values.filter(list => list.length > 0).length < 2) return undefined
  const sums = Float64Array.from(values, list => list.reduce((a, b) => a + b, 0))
  const counts = Float64Array.from(values, list => list.length)
  const means: number[] = []
  for (const drawn of resamples) {
    let sum = 0
    let count = 0
    for (let k = 0; k < drawn.length; k++) {
      sum += sums[drawn[k]!]!
      count += counts[drawn[k]!]!
    }
    // A resample of subjects without a value says nothing.
    if (count > 0) means.push(sum / count)
  }
  const ascending = sorted(means)
  return { low: quantile(ascending, (1 - confidence) / 2), high: quantile(ascending, (1 + confidence) / 2) }
}
