import { spread } from '../statistics/paired-t.ts'
import type { Values } from '../sweep/space.ts'
import { aligned } from './columns.ts'
import { bare, columnsOf, csvOf, goodness, keysOf, meansOfTrial, valueWords, type Ranked } from './sweep-table.ts'
import type { TrialResult } from './sweep-trials.ts'

/** Of one mean, over the trials that have it; null: undefined. */
export interface Repeated {
  readonly n: number
  readonly mean: number | null
  /** Standard deviation, divided by n - 1. */
  readonly std: number | null
}

/** Trials that differ in nothing but the seed and the fold that they were repeated with, taken as one. */
export interface Variant {
  /** From 1, in the order of the sweep. */
  readonly variant: number
  /** Of its trials, but for seed and fold. */
  readonly values: Values
  /** Their numbers, in the order of the sweep. */
  readonly trials: readonly number[]
  /** By step and column: `metrics.dice_class0`. */
  readonly metrics: Readonly<Record<string, Repeated>>
}

/** The variants best first, by what the trials are ranked by; none where nothing is repeated. `repeated`: the keys that tell repeats apart. */
export function variantsOf({ by, trials }: Ranked, repeated: readonly string[]): readonly Variant[] {
  if (repeated.length === 0) return []
  const columns = columnsOf(trials)
  const groups = new Map<string, { readonly values: Values; readonly of: TrialResult[] }>()
  for (const trial of [...trials].sort((a, b) => a.trial - b.trial)) {
    const values = Object.fromEntries(Object.entries(trial.values).filter(([key]) => !repeated.includes(key)))
    const key = JSON.stringify(values)
    const group = groups.get(key) ?? { values, of: [] }
    group.of.push(trial)
    groups.set(key, group)
  }
  const variants = [...groups.values()].map(({ values, of }, i): Variant => {
    const metrics = Object.fromEntries(columns.map(column => [column, repeatedOf(of, column)]))
    return { variant: i + 1, values, trials: of.map(trial => trial.trial), metrics }
  })
  if (by === undefined) return variants
  const good = ({ metrics }: Variant): number => goodness(metrics[by]?.mean, by)
  return variants.sort((a, b) => good(b) - good(a) || a.variant - b.variant)
}

function repeatedOf(trials: readonly TrialResult[], column: string): Repeated {
  const means = trials.flatMap(trial => meansOfTrial(trial)[column] ?? [])
  const { mean, std } = spread(means, Math.max(0, ...means.map(Math.abs)))
  return { n: means.length, mean: means.length > 0 ? mean : null, std: means.length > 1 ? std : null }
}

/** As the terminal shows them: `0.8312 ± 0.0120` over so many trials. */
export function variantLines(variants: readonly Variant[], by: string | undefined): string[] {
  const keys = keysOf(variants)
  const head = ['variant', ...keys, ...(by === undefined ? [] : [bare(by), 'over'])]
  const rows = variants.map(({ variant, values, metrics, trials }) => {
    const { n, mean, std } = (by === undefined ? undefined : metrics[by]) ?? { n: 0, mean: null, std: null }
    const words = mean === null ? 'undefined' : `${mean.toFixed(4)}${std === null ? '' : ` ± ${std.toFixed(4)}`}`
    const over = n === trials.length ? `${n} trials` : `${n} of ${trials.length} trials`
    return [String(variant), ...keys.map(key => valueWords(values[key])), ...(by === undefined ? [] : [words, over])]
  })
  return aligned([head, ...rows], [0])
}

/** `variants.csv`: a line a variant, best first; of every mean its mean and standard deviation over the trials, and over how many. */
export function variantsCsv(variants: readonly Variant[]): string {
  const keys = keysOf(variants)
  const columns = [...new Set(variants.flatMap(({ metrics }) => Object.keys(metrics)))]
  const head = columns.flatMap(column => [`${column}.mean`, `${column}.std`, `${column}.n`])
  const rows = variants.map(({ variant, values, trials, metrics }) => {
    const cells = columns.flatMap(column => {
      const { mean, std, n } = metrics[column]!
      return [mean?.toString() ?? '', std?.toString() ?? '', String(n)]
    })
    return [String(variant), trials.join(' '), ...keys.map(key => valueWords(values[key])), ...cells]
  })
  return csvOf([['variant', 'trials', ...keys, ...head], ...rows])
}
