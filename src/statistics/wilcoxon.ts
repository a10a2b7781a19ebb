import { rank } from './ranks.ts'
import { normalUpper } from './special.ts'

/** Sums of the ranks of the sizes of differences, by sign; differences of zero have none. */
export interface SignedRanks {
  readonly plus: number
  readonly minus: number
  /** How many differences are not zero. */
  readonly count: number
  readonly ties: readonly number[]
}

export function signedRanks(differences: readonly number[]): SignedRanks {
  const kept = differences.filter(d => d !== 0)
  const { ranks, ties } = rank(kept.map(Math.abs))
  const sumOf = (sign: number): number => kept.reduce((sum, d, i) => (Math.sign(d) === sign ? sum + ranks[i]! : sum), 0)
  return { plus: sumOf(1), minus: sumOf(-1), count: kept.length, ties }
}

/** Wilcoxon's signed-rank test of paired values, two-sided. */
export interface Wilcoxon {
  /** The smaller of the two sums of ranks. */
  readonly statistic: number
  readonly p: number
  /** `exact`: over all ways to sign the ranks. `normal`: the normal approximation, with its correction for ties. */
  readonly method: 'exact' | 'normal'
}

/** Up to so many differences the exact distribution is used, as in scipy. */
const EXACT_MOST = 50

/**
 * As scipy's `wilcoxon(differences)`: zeros are left out (`zero_method="wilcox"`), no continuity correction; exact for at most 50
 * differences of which none is zero and none has the size of another, else approximate (`method="approx"`). Undefined where all are zero.
 */
export function wilcoxon(differences: readonly number[]): Wilcoxon | undefined {
  const sums = signedRanks(differences)
  if (sums.count === 0) return undefined
  const isExact = differences.length <= EXACT_MOST && sums.count === differences.length && sums.ties.length === 0
  const statistic = Math.min(sums.plus, sums.minus)
  return isExact
    ? { statistic, p: exactP(statistic, sums.count), method: 'exact' }
    : { statistic, p: normalP(statistic, sums), method: 'normal' }
}

/** Twice the part of all 2^n ways to sign the ranks 1 ... n whose sum of positive ones is at most the statistic. */
function exactP(statistic: number, count: number): number {
  let chance = Float64Array.of(1)
  for (let k = 1; k <= count; k++) {
    const next = new Float64Array(chance.length + k)
    chance.forEach((p, sum) => {
      next[sum]! += p / 2
      next[sum + k]! += p / 2
    })
    chance = next
  }
  const below = chance.subarray(0, statistic + 1).reduce((a, b) => a + b, 0)
  return Math.min(1, 2 * below)
}

function normalP(statistic: number, { count: n, ties }: SignedRanks): number {
  const mean = (n * (n + 1)) / 4
  const shared = ties.reduce((sum, t) => sum + t * (t * t - 1), 0)
  const variance = (n * (n + 1) * (2 * n + 1) - shared / 2) / 24
  return Math.min(1, 2 * normalUpper(Math.abs(statistic - mean) / Math.sqrt(variance)))
}
