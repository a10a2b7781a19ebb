import { tableOf } from '../metrics/table.ts'
import type { Random } from '../random.ts'
import type { Interval } from '../statistics/bootstrap.ts'
import { summarise, type MetricSummary } from '../statistics/summary.ts'
import type { Measured } from './measured.ts'

/** The metrics of one class over a group of images: all of them, or those of one contrast. */
export interface Aggregate {
  readonly class: number
  /** Undefined: all images. */
  readonly contrast?: string
  readonly images: number
  /** By metric. */
  readonly of: ReadonlyMap<string, MetricSummary>
}

/** How often subjects are drawn for a confidence interval: as often as `evaluate` does by default. */
const RESAMPLES = 2000

/** The contrasts that occur, sorted. */
export const contrastsOf = (rows: readonly Measured[]): readonly string[] => [...new Set(rows.map(r => r.contrast))].sort()

/** Whose metrics are put together. */
export interface AggregateOptions {
  readonly rows: readonly Measured[]
  /** All metrics of the table: the aggregates over all images have them. */
  readonly metrics: readonly string[]
  /** Those of the aggregates by contrast. */
  readonly key: readonly string[]
  /** The interval of a metric and class over all images, as `evaluate` made it; undefined: no intervals were asked for, and none are made. */
  readonly intervalOf?: ((metric: string, index: number) => Interval | null) | undefined
  /** Made anew for every contrast. */
  readonly generator: () => Random
}

/** Every class over all images; and, where there are several contrasts, over those of each. */
export function aggregate({ rows, metrics, key, intervalOf, generator }: AggregateOptions): readonly Aggregate[] {
  const contrasts = contrastsOf(rows)
  const classes = [...new Set(rows.map(r => r.class))].sort((a, b) => a - b)
  return classes.flatMap(index => {
    const of = rows.filter(r => r.class === index)
    const all = summaryOf(of, metrics, 0, generator()).map(s => ({ ...s, interval: intervalOf?.(s.metric, index) ?? null }))
    const each = contrasts.length < 2 ? [] : contrasts
    return [
      { class: index, images: of.length, of: byMetric(all) },
      ...each.map(contrast => {
        const part = of.filter(r => r.contrast === contrast)
        const summary = summaryOf(part, key, intervalOf ? RESAMPLES : 0, generator())
        return { class: index, contrast, images: part.length, of: byMetric(summary) }
      }),
    ]
  })
}

const byMetric = (summary: readonly MetricSummary[]) => new Map(summary.map(s => [s.metric, s]))

function summaryOf(rows: readonly Measured[], metrics: readonly string[], resamples: number, random: Random): readonly MetricSummary[] {
  const subjects = new Map(rows.map(r => [r.id, r.subject]))
  const table = tableOf(new Map(rows.map(r => [r.id, { columns: metrics, values: metrics.map(m => r.values[m] ?? null) }])))
  return summarise(table, id => subjects.get(id) ?? id, resamples, random)
}
