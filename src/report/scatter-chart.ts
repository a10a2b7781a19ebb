import { figure, place } from './figures.ts'
import { frameOf, levelAxis, upright, uprightAxis } from './frame.ts'
import { html, type Html } from './html.ts'
import { itemsFigure } from './items-figure.ts'
import { numberAxis } from './parallel-chart.ts'

/** One value over another, a point each. */
export interface ScatterChart {
  readonly title: string
  readonly x: string
  readonly y: string
  readonly points: readonly { readonly of: string; readonly x: number; readonly y: number }[]
}

const SIZE = [360, 260] as const

/** The chart as a figure; the level axis is logarithmic where its values span decades. There is one point at least. */
export function scatterChart({ title, x, y, points }: ScatterChart): Html {
  const frame = frameOf(...SIZE)
  const ordered = [...points].sort((a, b) => a.x - b.x)
  const [xs, ys] = [ordered.map(p => p.x), ordered.map(p => p.y)]
  const below = numberAxis(x, xs)
  const toX = (at: number): number => frame.left + 8 + at * (frame.right - frame.left - 16)
  const { ticks, y: toY } = upright(frame, [Math.min(...ys), Math.max(...ys)])
  return itemsFigure({
    title,
    kind: 'scatter',
    size: SIZE,
    words: `${title}: ${ordered.length} values, ${x} from ${figure(xs[0])} to ${figure(xs.at(-1))}, ${y} from ${figure(Math.min(...ys))} to ${figure(Math.max(...ys))}.`,
    content: html`${uprightAxis(frame, ticks, toY, y)}
${levelAxis(
  frame,
  below.axis.ticks.map(t => ({ at: toX(t.at), text: t.text })),
  x,
)}
<g class="s0">${ordered.map(p => html`<circle class="item" cx="${place(toX(below.at(p.x)))}" cy="${place(toY(p.y))}" r="4"><title>${p.of}: ${figure(p.x)}, ${figure(p.y)}</title></circle>`)}</g>`,
  })
}
