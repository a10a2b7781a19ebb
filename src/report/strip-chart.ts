import { quantile, sorted } from '../statistics/quantile.ts'
import { figure, place, plural } from './figures.ts'
import { frameOf, levelAxis, upright, uprightAxis, type Frame, type Scale } from './frame.ts'
import { html, type Html } from './html.ts'
import { itemsFigure } from './items-figure.ts'

/** The values of one group, each with what it is of. */
export interface Group {
  readonly name: string
  readonly points: readonly { readonly value: number; readonly of: string }[]
}

/** A chart of every value as a point, side by side for each group, with the shape of their distribution behind. */
export interface StripChart {
  readonly title: string
  readonly y: string
  /** What a point is of. */
  readonly of?: string
  /** What the groups are, where their names do not say it. */
  readonly below?: string
  readonly groups: readonly Group[]
  /** What the upright axis has to show at least. */
  readonly within?: readonly [number, number]
  readonly size?: readonly [width: number, height: number]
}

/** From this many values on a group has a violin: fewer are better seen as they are. */
const VIOLIN_FROM = 5
const RADIUS = 3.5

/** The chart as a figure. Lines: median and quartiles. Every point tells what it is of. */
export function stripChart({
  title,
  y: name,
  groups,
  within,
  below,
  of = 'image',
  size = [360, below === undefined ? 240 : 260],
}: StripChart): Html {
  const filled = groups.filter(g => g.points.length > 0)
  if (filled.length === 0) return html`<p class="note">${title}: undefined for every ${of}.</p>`
  const frame = frameOf(...size, below !== undefined)
  const all = [...filled.flatMap(g => g.points.map(p => p.value)), ...(within ?? [])]
  const { ticks, y } = upright(frame, [Math.min(...all), Math.max(...all)])
  const band = (frame.right - frame.left) / filled.length
  const middleOf = (at: number): number => frame.left + band * (at + 0.5)
  return itemsFigure({
    title,
    kind: 'strip',
    words: `${title}: ${filled.map(g => inWords(g, of)).join('; ')}.`,
    size,
    content: html`${uprightAxis(frame, ticks, y, name)}
${levelAxis(
  frame,
  filled.map((g, at) => ({ at: middleOf(at), text: `${g.name} (${g.points.length})` })),
  below,
)}
${filled.map((g, at) => group(g, at, middleOf(at), Math.min(60, band * 0.42), y, frame))}`,
  })
}

function inWords({ name, points }: Group, of: string): string {
  const ascending = sorted(points.map(p => p.value))
  return `${name}, ${plural(points.length, of)}: median ${figure(quantile(ascending, 0.5))}, from ${figure(ascending[0])} to ${figure(ascending.at(-1))}`
}

function group({ points }: Group, at: number, middle: number, half: number, y: Scale, frame: Frame): Html {
  const ascending = sorted(points.map(p => p.value))
  const [q1, median, q3] = [0.25, 0.5, 0.75].map(q => place(y(quantile(ascending, q))))
  const [left, right] = [place(middle - half), place(middle + half)]
  const shape = ascending.length >= VIOLIN_FROM ? violin(ascending, middle, half, y) : undefined
  return html`<g class="s${at % COLOURS}">${shape && html`<path class="violin" d="${shape}"/>`}
<line class="quartile" x1="${left}" x2="${right}" y1="${q1}" y2="${q1}"/><line class="quartile" x1="${left}" x2="${right}" y1="${q3}" y2="${q3}"/>
<line class="median" x1="${left}" x2="${right}" y1="${median}" y2="${median}"/>
${swarm(points, middle, half, y, frame)}</g>`
}

/** How many colours the style sheet has for series. */
export const COLOURS = 7

/** Points beside each other where they would cover each other, from the middle outwards: the same values always lie the same way. */
function swarm(points: Group['points'], middle: number, half: number, y: Scale, frame: Frame): Html[] {
  const placed: (readonly [x: number, y: number])[] = []
  return [...points]
    .sort((a, b) => a.value - b.value || (a.of < b.of ? -1 : 1))
    .map(({ value, of }) => {
      const cy = Math.min(frame.bottom, Math.max(frame.top, y(value)))
      const near = placed.filter(([, other]) => Math.abs(other - cy) < 2 * RADIUS)
      const free = offsets(half).find(dx => near.every(([x, other]) => Math.hypot(x - middle - dx, other - cy) >= 2 * RADIUS))
      const cx = middle + (free ?? 0)
      placed.push([cx, cy])
      return html`<circle class="item" cx="${place(cx)}" cy="${place(cy)}" r="${RADIUS}"><title>${of}: ${figure(value)}</title></circle>`
    })
}

/** 0, then ever farther to both sides. */
function offsets(half: number): readonly number[] {
  const steps = Math.floor(half / RADIUS)
  return [0, ...Array.from({ length: steps }, (_, i) => [(i + 1) * RADIUS, -(i + 1) * RADIUS]).flat()]
}

/** Outline of the density by Gaussian kernels (Silverman, "Density estimation", 1986, 3.31), cut at the least and largest value. */
function violin(ascending: Float64Array, middle: number, half: number, y: Scale): string | undefined {
  const n = ascending.length
  const mean = ascending.reduce((a, b) => a + b, 0) / n
  const deviation = Math.sqrt(ascending.reduce((a, b) => a + (b - mean) ** 2, 0) / (n - 1))
  const spread = (quantile(ascending, 0.75) - quantile(ascending, 0.25)) / 1.34
  const width = 0.9 * Math.min(deviation, spread > 0 ? spread : deviation) * n ** -0.2
  if (!(width > 0)) return undefined
  const [low, high] = [ascending[0]!, ascending[n - 1]!]
  const values = Array.from({ length: 41 }, (_, i) => low + ((high - low) * i) / 40)
  const density = values.map(v => ascending.reduce((sum, x) => sum + Math.exp(-(((v - x) / width) ** 2) / 2), 0))
  const most = Math.max(...density)
  const side = (sign: number) => values.map((v, i) => `${place(middle + (sign * half * density[i]!) / most)},${place(y(v))}`)
  return `M${[...side(1), ...side(-1).reverse()].join('L')}Z`
}
