import type { Interval } from './bootstrap.ts'
import type { PairedT } from './paired-t.ts'
import { crossing } from './special.ts'
import { noncentralT } from './student-t.ts'
import type { SignedRanks } from './wilcoxon.ts'

/** How large a difference is, without a unit. */
export interface EffectSize {
  readonly value: number
  /** Undefined (null, as in documents) where nothing can be said. */
  readonly interval: Interval | null
}

/**
 * Cohen's dz: mean difference / standard deviation of the differences = t / √n. Its interval holds those effects under which the t
 * that was found is neither among the highest nor among the lowest 2.5 % (Cumming and Finch 2001, by the noncentral t distribution).
 */
export function cohensDz({ t, freedom }: PairedT, confidence = 0.95): EffectSize & { readonly interval: Interval } {
  const root = Math.sqrt(freedom + 1)
  // With 1 degree of freedom, s is below 7 but for a part of 1e-11.
  const reach = 7 * Math.abs(t) + 40
  const shiftAt = (part: number): number => crossing(shift => noncentralT(t, freedom, shift) - part, -reach, reach, 1e-11)
  const tail = (1 - confidence) / 2
  return { value: t / root, interval: { low: shiftAt(1 - tail) / root, high: shiftAt(tail) / root } }
}

/** The 97.5th percentile of the standard normal distribution. */
const NORMAL_975 = 1.959963984540054

/**
 * Matched-pairs rank-biserial correlation (Kerby 2014): (R+ - R-) / (R+ + R-), from -1 (all fall) to 1 (all rise). The 95 % interval
 * is by Fisher's transformation with the standard error of a signed-rank sum, as in R's package effectsize; that says nothing of 1 and -1,
 * which have none. Undefined where all differences are zero.
 */
export function rankBiserial({ plus, minus, count: n }: SignedRanks): EffectSize | undefined {
  if (n === 0) return undefined
  const most = (n * (n + 1)) / 2
  const value = (plus - minus) / (plus + minus)
  if (Math.abs(value) === 1) return { value, interval: null }
  const reach = (NORMAL_975 * Math.sqrt((n * (n + 1) * (2 * n + 1)) / 6)) / most
  const [low, high] = [Math.atanh(value) - reach, Math.atanh(value) + reach].map(Math.tanh) as [number, number]
  return { value, interval: { low, high } }
}
