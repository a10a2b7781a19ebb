import { bootstrapMean, drawResamples, type Interval } from './bootstrap.ts'
import { quantile, sorted } from './quantile.ts'
import type { Random } from '../random.ts'
import type { Table } from '../metrics/table.ts'

/** One metric over all images. Images where it is undefined do not count; `images` says how many did. */
export interface MetricSummary {
  readonly metric: string
  readonly images: number
  readonly mean: number | null
  /** 95 % confidence interval of the mean; null with fewer than two subjects that have a value. */
  readonly interval: Interval | null
  /** Of the sample: divided by one less than the number of images. */
  readonly std: number | null
  readonly median: number | null
  readonly min: number | null
  readonly max: number | null
}

/**
 * Every column of the table over the images, with confidence intervals by bootstrap over subjects: the same resamples for all
 * metrics, so that they can be held against each other.
 */
export function summarise(table: Table, subjectOf: (image: string) => string, resamples: number, random: Random): readonly MetricSummary[] {
  const subjects = [...new Set(table.rows.map(row => subjectOf(row.image)))].sort()
  const place = new Map(subjects.map((subject, at) => [subject, at]))
  const drawn = drawResamples(subjects.length, resamples, random)
  return table.columns.map(metric => {
    const values: number[][] = subjects.map(() => [])
    for (const row of table.rows) {
      const value = row.values[metric] ?? null
      if (value !== null) values[place.get(subjectOf(row.image))!]!.push(value)
    }
    return { metric, ...statistics(values.flat()), mean: table.means[metric] ?? null, interval: bootstrapMean(values, drawn) ?? null }
  })
}

function statistics(values: readonly number[]): Pick<MetricSummary, 'images' | 'std' | 'median' | 'min' | 'max'> {
  const images = values.length
  if (images === 0) return { images, std: null, median: null, min: null, max: null }
  const ascending = sorted(values)
  const mean = values.reduce((a, b) => a + b, 0) / images
  const squares = values.reduce((a, b) => a + (b - mean) ** 2, 0)
  return {
    images,
    std: images < 2 ? null : Math.sqrt(squares / (images - 1)),
    median: quantile(ascending, 0.5),
    min: ascending[0]!,
    max: ascending[images - 1]!,
  }
}

/** A line per metric; what is undefined is empty. */
export function toSummaryCsv(summary: readonly MetricSummary[]): string {
  const head = 'metric,images,mean,ci95_low,ci95_high,std,median,min,max'
  const lines = summary.map(s =>
    [s.metric, s.images, s.mean, s.interval?.low, s.interval?.high, s.std, s.median, s.min, s.max].map(x => x ?? '').join(','),
  )
  return [head, ...lines, ''].join('\n')
}
