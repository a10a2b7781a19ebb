import { figure, plural } from './figures.ts'
import { html, type Html } from './html.ts'
import { numberAxis, parallelChart, type Item } from './parallel-chart.ts'

/** One thing that was measured twice. */
export interface SlopePair {
  readonly of: string
  readonly a: number
  readonly b: number
}

/** A chart of what was measured twice: a line each from the first value to the second, and one for the mean. */
export interface SlopeChart {
  readonly title: string
  /** What the two values are of: the runs. */
  readonly names: readonly [a: string, b: string]
  /** What a pair is: `subject`. */
  readonly unit: string
  readonly pairs: readonly SlopePair[]
  /** Which of two values is better: 1 the second, -1 the first, 0 neither. */
  readonly better: (a: number, b: number) => number
}

const looks = { '1': 'better', '0': 'equal', '-1': 'worse' } as const

/** The chart as a figure; lines that move most are read first. */
export function slopeChart({ title, names: [first, second], unit, pairs, better }: SlopeChart): Html {
  if (pairs.length === 0) return html`<p class="note">${title}: no ${unit} has it in both.</p>`
  const { axis, at } = numberAxis(
    '',
    pairs.flatMap(p => [p.a, p.b]),
  )
  const signOf = ({ a, b }: SlopePair) => String(Math.sign(better(a, b))) as keyof typeof looks
  const text = ({ of, a, b }: SlopePair): string => `${of}: ${figure(a)} → ${figure(b)} (${b > a ? '+' : ''}${figure(b - a)})`
  const item = (pair: SlopePair, look: Item['look']): Item => ({ text: text(pair), at: [at(pair.a), at(pair.b)], look })
  const meanOf = (side: 'a' | 'b'): number => pairs.reduce((sum, p) => sum + p[side], 0) / pairs.length
  const mean: SlopePair = { of: 'mean', a: meanOf('a'), b: meanOf('b') }
  const moved = [...pairs].sort((p, q) => Math.abs(q.b - q.a) - Math.abs(p.b - p.a))
  const count = (sign: keyof typeof looks): number => pairs.filter(p => signOf(p) === sign).length
  const counts = `${count('1')} better, ${count('-1')} worse, ${count('0')} as before`
  return parallelChart({
    title,
    words: `${title}: ${plural(pairs.length, unit)} from ${first} to ${second}, ${counts}; ${text(mean)}.`,
    axes: [
      { ...axis, name: first },
      { ...axis, name: second },
    ],
    items: [...moved.map(pair => item(pair, looks[signOf(pair)])), item(mean, 'mean')],
    legend: html`<span class="legend">${(['better', 'worse', 'mean'] as const).map(look => html`<span><i class="${look}"></i>${look}</span>`)}</span>`,
  })
}
