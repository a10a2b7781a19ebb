import type { Interval } from '../statistics/bootstrap.ts'
import { cohensDz, rankBiserial, type EffectSize } from '../statistics/effect-size.ts'
import { kolmogorovSmirnov, type KolmogorovSmirnov } from '../statistics/kolmogorov-smirnov.ts'
import { pairedT, spread, type PairedT } from '../statistics/paired-t.ts'
import { signedRanks, wilcoxon, type Wilcoxon } from '../statistics/wilcoxon.ts'
import type { ImageRow } from './evaluation.ts'

/** What a test is about: a subject, with the mean of its images; or every image for itself. */
export const units = ['subject', 'image'] as const
export type Unit = (typeof units)[number]

/** One subject or image in two runs. */
export interface Pair {
  readonly unit: string
  readonly a: number
  readonly b: number
}

/** One metric in two runs, unit by unit, b - a. Null is undefined. */
export interface PairedMetric {
  /** How many units have the metric in both. */
  readonly pairs: number
  readonly difference: { readonly mean: number | null; readonly std: number | null; readonly interval: Interval | null }
  readonly wilcoxon: Corrected<Wilcoxon> | null
  readonly t: Corrected<Omit<PairedT, 'interval'>> | null
  readonly cohensDz: EffectSize | null
  readonly rankBiserial: EffectSize | null
  /** Of the two samples as such, not of pairs. */
  readonly kolmogorovSmirnov: KolmogorovSmirnov | null
  /** How many images that both runs have are undefined in one of them. */
  readonly undefined: { readonly a: number; readonly b: number }
  /** The units that moved most first. */
  readonly moved: readonly (Pair & { readonly difference: number })[]
}

/** A test, with its p after Holm's correction over all pairs of runs where there are several. */
export type Corrected<T> = T & { readonly holm?: number }

/** Compares one metric of two runs. */
export function comparePaired(a: readonly ImageRow[], b: readonly ImageRow[], column: string, unit: Unit): PairedMetric {
  const { pairs, undefined: lost } = pairUp(a, b, column, unit)
  const differences = pairs.map(pair => pair.b - pair.a)
  const around = spread(differences, Math.max(0, ...pairs.flatMap(pair => [Math.abs(pair.a), Math.abs(pair.b)])))
  const found = pairedT(around, pairs.length)
  return {
    pairs: pairs.length,
    difference: {
      mean: pairs.length > 0 ? around.mean : null,
      std: pairs.length > 1 ? around.std : null,
      interval: found?.interval ?? null,
    },
    wilcoxon: wilcoxon(differences) ?? null,
    t: found ? { t: found.t, freedom: found.freedom, p: found.p } : null,
    cohensDz: found ? cohensDz(found) : null,
    rankBiserial: rankBiserial(signedRanks(differences)) ?? null,
    kolmogorovSmirnov: kolmogorovSmirnov(valuesOf(a, column, unit), valuesOf(b, column, unit)) ?? null,
    undefined: lost,
    moved: pairs.map((pair, i) => ({ ...pair, difference: differences[i]! })).sort(byMove),
  }
}

const byMove = (p: PairedMetric['moved'][number], q: PairedMetric['moved'][number]): number =>
  Math.abs(q.difference) - Math.abs(p.difference) || (p.unit < q.unit ? -1 : 1)

/** The units that have the metric in both runs: of a subject the means over the images that have it in both. */
function pairUp(
  a: readonly ImageRow[],
  b: readonly ImageRow[],
  column: string,
  unit: Unit,
): { readonly pairs: readonly Pair[]; readonly undefined: PairedMetric['undefined'] } {
  const other = new Map(b.map(row => [row.image, row]))
  const both = new Map<string, { readonly a: number[]; readonly b: number[] }>()
  const lost = { a: 0, b: 0 }
  for (const row of a) {
    const twin = other.get(row.image)
    if (!twin) continue
    const [x, y] = [row.values[column] ?? null, twin.values[column] ?? null]
    if (x !== null && y !== null) {
      const of = both.get(row[unit]) ?? { a: [], b: [] }
      of.a.push(x)
      of.b.push(y)
      both.set(row[unit], of)
    } else if (x !== null) lost.b++
    else if (y !== null) lost.a++
  }
  const pairs = [...both].map(([unit, of]) => ({ unit, a: mean(of.a), b: mean(of.b) }))
  return { pairs: pairs.sort((p, q) => (p.unit < q.unit ? -1 : 1)), undefined: lost }
}

/** The values of a run by unit. */
function valuesOf(rows: readonly ImageRow[], column: string, unit: Unit): number[] {
  const of = new Map<string, number[]>()
  for (const row of rows) {
    const value = row.values[column] ?? null
    if (value !== null) of.set(row[unit], [...(of.get(row[unit]) ?? []), value])
  }
  return [...of.values()].map(mean)
}

/** The mean of some numbers; NaN of none. */
export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

/** The mean of every column over the images where it is defined; null where there are none. */
export const meansOf = (rows: readonly ImageRow[], columns: readonly string[]): Readonly<Record<string, number | null>> =>
  Object.fromEntries(
    columns.map(column => {
      const values = rows.flatMap(row => row.values[column] ?? [])
      return [column, values.length > 0 ? mean(values) : null]
    }),
  )
