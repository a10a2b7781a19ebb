import { place, ticksOf } from './figures.ts'
import { linear, tickText } from './frame.ts'
import { html, type Html } from './html.ts'
import { itemsFigure } from './items-figure.ts'

/** An upright axis of a parallel chart. Places on it are from 0, below, to 1, above. */
export interface Axis {
  readonly name: string
  readonly ticks: readonly { readonly at: number; readonly text: string }[]
}

/** Something with a value on every axis: a line. Undefined: it has none there. */
export interface Item {
  /** What is read where it is pointed at: its name and its values. */
  readonly text: string
  readonly at: readonly (number | undefined)[]
  /** How it is drawn: by a class of the style sheet, or by a shade from 0, pale, to 1, strong. */
  readonly look: 'better' | 'worse' | 'equal' | 'mean' | number
}

/** Lines across axes that stand side by side: two for a slope chart, several for parallel coordinates. */
export interface ParallelChart {
  readonly title: string
  /** What there is to see, as a sentence: the text alternative. */
  readonly words: string
  readonly axes: readonly Axis[]
  readonly items: readonly Item[]
  readonly legend?: Html
  readonly size?: readonly [width: number, height: number]
}

/** Places of numbers on an axis, from the least to the largest of them, at round ticks; by their logarithms where they span decades. */
export function numberAxis(name: string, values: readonly number[]): { readonly axis: Axis; readonly at: (value: number) => number } {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  if (low > 0 && high / low >= 50) return logAxis(name, low, high)
  const ticks = ticksOf([low, high])
  const at = linear([ticks[0]!, ticks.at(-1)!], [0, 1])
  return { axis: { name, ticks: ticks.map(t => ({ at: at(t), text: tickText(t) })) }, at }
}

function logAxis(name: string, low: number, high: number) {
  const [first, last] = [Math.floor(Math.log10(low) + 1e-9), Math.ceil(Math.log10(high) - 1e-9)]
  const onto = linear([first, last], [0, 1])
  const powers = Array.from({ length: last - first + 1 }, (_, i) => first + i)
  return {
    axis: { name, ticks: powers.map(p => ({ at: onto(p), text: tickText(Number((10 ** p).toPrecision(12))) })) },
    at: (value: number) => onto(Math.log10(value)),
  }
}

/** Places of words on an axis, each its own, the first above. */
export function wordAxis(name: string, words: readonly string[]): { readonly axis: Axis; readonly at: (word: string) => number } {
  const at = (word: string): number => 1 - (words.indexOf(word) + 0.5) / words.length
  return { axis: { name, ticks: words.map(text => ({ at: at(text), text })) }, at }
}

const SIZE = [360, 300] as const
/** Letters of an axis' name that there is room for; the whole name is told when pointed at. */
const NAME = 26

/** The chart as a figure. */
export function parallelChart({ title, words, axes, items, legend, size = SIZE }: ParallelChart): Html {
  const [width, height] = size
  const [top, bottom] = [34, height - 14]
  const x = (at: number): number => 56 + (at * (width - 112)) / Math.max(1, axes.length - 1)
  const y = linear([0, 1], [bottom, top])
  return itemsFigure({
    title,
    kind: 'parallel',
    words,
    size,
    ...(legend && { legend }),
    content: html`${axes.map((axis, at) => drawnAxis(axis, x(at), y, [top, bottom], at === 0 ? 'first' : at < axes.length - 1 ? 'between' : 'last'))}
${items.map(item => line(item, x, y))}`,
  })
}

/** Where an axis stands among the others. */
type Rank = 'first' | 'between' | 'last'

/** Words of the last axis stand outside, as those of the first do. A long name at either end begins or ends where the drawing does. */
const sides = {
  first: { side: -1, anchor: 'end', name: [-52, 'start'] },
  between: { side: -1, anchor: 'end', name: [0, 'middle'] },
  last: { side: 1, anchor: 'start', name: [52, 'end'] },
} as const

function drawnAxis(
  { name, ticks }: Axis,
  x: number,
  y: (at: number) => number,
  [top, bottom]: readonly [number, number],
  rank: Rank,
): Html {
  const { side, anchor, name: end } = sides[rank]
  const [aside, nameAnchor] = name.length > 12 ? end : sides.between.name
  const short = name.length > NAME ? `…${name.slice(1 - NAME)}` : name
  return html`<g class="axis"><line class="base" x1="${place(x)}" x2="${place(x)}" y1="${top}" y2="${bottom}"/>
<text class="name" x="${place(x + aside)}" y="${top - 16}" text-anchor="${nameAnchor}">${short}<title>${name}</title></text>
${ticks.map(({ at, text }) => html`<text x="${place(x + side * 6)}" y="${place(y(at) + 4)}" text-anchor="${anchor}">${text}</text><line class="base" x1="${place(x + side * 3)}" x2="${place(x)}" y1="${place(y(at))}" y2="${place(y(at))}"/>`)}</g>\n`
}

/** A line through its places; a mark at each, so that one alone is seen. */
function line({ text, at, look }: Item, x: (axis: number) => number, y: (at: number) => number): Html {
  const points = at.flatMap((value, axis) => (value === undefined ? [] : [[place(x(axis)), place(y(value))] as const]))
  const shade = typeof look === 'number' ? html` style="--t:${place(look)}"` : ''
  return html`<g class="item ${typeof look === 'number' ? 'shade' : look}"${shade}><title>${text}</title><polyline points="${points.map(p => p.join(',')).join(' ')}"/>${points.map(
    ([cx, cy]) => html`<circle cx="${cx}" cy="${cy}" r="2.5"/>`,
  )}</g>\n`
}
