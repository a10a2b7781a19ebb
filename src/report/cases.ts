import type { Better, Measured } from './measured.ts'

/** An image that is shown, and why. */
export interface Case {
  readonly image: string
  readonly rank: 'worst' | 'median' | 'best'
  /** What it was ranked by: the mean over its classes. */
  readonly score: number
}

const badness: Readonly<Record<Better, (score: number) => number>> = { high: x => -x, low: x => x, zero: Math.abs }

/** Images by the mean of a metric over their classes, the worst first; those without a value are left out. */
export function ranked(
  rows: readonly Measured[],
  metric: string,
  better: Better,
): readonly { readonly image: string; readonly score: number }[] {
  const values = new Map<string, number[]>()
  for (const row of rows) {
    const value = row.values[metric] ?? null
    if (value !== null) values.set(row.id, [...(values.get(row.id) ?? []), value])
  }
  const bad = badness[better]
  return [...values]
    .map(([image, list]) => ({ image, score: list.reduce((a, b) => a + b, 0) / list.length }))
    .sort((a, b) => bad(b.score) - bad(a.score) || (a.image < b.image ? -1 : 1))
}

/**
 * The `count` worst images, as many around the median, and the best, each image once, the worst first. Where there are fewer, the worst
 * have their places first, then the best.
 */
export function chooseCases(rows: readonly Measured[], metric: string, count: number, better: Better): readonly Case[] {
  const order = ranked(rows, metric, better)
  const worst = Math.min(count, order.length)
  const best = Math.min(count, order.length - worst)
  const between = order.slice(worst, order.length - best)
  const from = Math.max(0, Math.floor((between.length - count) / 2))
  const of = (rank: Case['rank'], list: typeof order) => list.map(item => ({ ...item, rank }))
  return [
    ...of('worst', order.slice(0, worst)),
    ...of('median', between.slice(from, from + count)),
    ...of('best', order.slice(order.length - best)),
  ]
}
