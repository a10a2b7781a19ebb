import type { Measured } from './measured.ts'

/** An image that is shown, and why. */
export interface Case {
  readonly image: string
  readonly rank: 'worst' | 'median' | 'best'
  /** What it was ranked by: the mean over its classes. */
  readonly score: number
}

/** Images by the mean of a metric over their classes, ascending; those without a value are left out. */
export function ranked(rows: readonly Measured[], metric: string): readonly { readonly image: string; readonly score: number }[] {
  const values = new Map<string, number[]>()
  for (const row of rows) {
    const value = row.values[metric] ?? null
    if (value !== null) values.set(row.id, [...(values.get(row.id) ?? []), value])
  }
  return [...values]
    .map(([image, list]) => ({ image, score: list.reduce((a, b) => a + b, 0) / list.length }))
    .sort((a, b) => a.score - b.score || (a.image < b.image ? -1 : 1))
}

/**
 * The `count` worst images, as many around the median, and the best, each image once. Where there are fewer images, the worst come
 * first, then the best. `better`: low where small values are good.
 */
export function chooseCases(rows: readonly Measured[], metric: string, count: number, better: 'high' | 'low'): readonly Case[] {
  const ascending = ranked(rows, metric)
  const order = better === 'high' ? ascending : [...ascending].reverse()
  const n = order.length
  const worst = Math.min(count, n)
  const best = Math.min(count, n - worst)
  const between = order.slice(worst, n - best)
  const from = Math.max(0, Math.floor((between.length - count) / 2))
  const of = (rank: Case['rank'], list: typeof order) => list.map(item => ({ ...item, rank }))
  return [
    ...of('worst', order.slice(0, worst)),
    ...of('median', between.slice(from, from + count)),
    ...of('best', order.slice(n - best).reverse()),
  ]
}
