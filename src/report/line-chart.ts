import { figure, place, ticksOf } from './figures.ts'
import { frameOf, levelAxis, linear, tickText, upright, uprightAxis } from './frame.ts'
import { html, type Html } from './html.ts'

/** One line of a chart; a gap where there is no value. */
export interface Series {
  readonly name: string
  readonly values: readonly (number | null)[]
}

/** A chart of lines over common places on the level axis, ascending. */
export interface LineChart {
  readonly title: string
  readonly x: { readonly name: string; readonly values: readonly number[] }
  readonly y: string
  readonly series: readonly Series[]
  /** What the upright axis has to show at least. */
  readonly within?: readonly [number, number]
  /** A place on the level axis that matters, and why. */
  readonly mark?: { readonly at: number; readonly text: string }
  readonly size?: readonly [width: number, height: number]
}

const SIZE = [360, 230] as const

/** The chart as a figure: an SVG whose text alternative says what there is to see, and the numbers that hovering reads. */
export function lineChart(chart: LineChart): Html {
  const { title, series, mark } = chart
  const drawing = lineDrawing(chart)
  if (!drawing) return html`<p class="note">${title}: nothing to draw.</p>`
  const { frame, toX, toY, content } = drawing
  return html`<figure class="chart line" data-chart="${JSON.stringify(readings(chart, toX, toY))}">
<figcaption><strong>${title}</strong> ${series.length > 1 && legend(series)}</figcaption>
<div class="plot" tabindex="0" role="group" aria-label="${title}: values by arrow keys">
<svg viewBox="0 0 ${frame.width} ${frame.height}" role="img" aria-label="${inWords(chart)}">
${content}
<g class="cursor" hidden=""><line y1="${frame.top}" y2="${frame.bottom}"/>${series.map((_, at) => html`<circle class="s${at}" r="4"/>`)}</g>
</svg></div>
<output aria-live="polite">${mark?.text}</output>
</figure>`
}

/** What is drawn of a chart, and where values lie in it; undefined where there is nothing to draw. */
export function lineDrawing(chart: LineChart) {
  const { x, series, mark } = chart
  const frame = frameOf(...(chart.size ?? SIZE))
  const shown = [...series.flatMap(s => s.values.filter(v => v !== null)), ...(chart.within ?? [])]
  if (x.values.length === 0 || shown.length === 0) return undefined
  const span = [x.values[0]!, x.values.at(-1)!] as const
  const toX = linear(span, x.values.length === 1 ? [(frame.left + frame.right) / 2, frame.right] : [frame.left + 6, frame.right - 6])
  const { ticks, y: toY } = upright(frame, [Math.min(...shown), Math.max(...shown)])
  const below = ticksOf(span, 6).filter(t => t >= span[0] && t <= span[1])
  const content = html`${uprightAxis(frame, ticks, toY, chart.y)}
${levelAxis(
  frame,
  below.map(t => ({ at: toX(t), text: tickText(t) })),
  x.name,
)}
${mark && html`<line class="mark" x1="${place(toX(mark.at))}" x2="${place(toX(mark.at))}" y1="${frame.top}" y2="${frame.bottom}"><title>${mark.text}</title></line>`}
${series.map((s, at) => line(s, at, x.values, toX, toY))}`
  return { frame, toX, toY, content }
}

const legend = (series: readonly Series[]): Html =>
  html`<span class="legend">${series.map((s, at) => html`<span><i class="s${at}"></i>${s.name}</span>`)}</span>`

function line({ name, values }: Series, at: number, xs: readonly number[], toX: (v: number) => number, toY: (v: number) => number): Html {
  const runs: string[][] = [[]]
  values.forEach((value, i) => {
    if (value === null) runs.push([])
    else runs.at(-1)!.push(`${place(toX(xs[i]!))},${place(toY(value))}`)
  })
  const drawn = runs.filter(run => run.length > 0)
  // A single point is no line.
  const dots = drawn.filter(run => run.length === 1).map(([point]) => point!.split(','))
  return html`<g class="s${at}"><title>${name}</title>${drawn.map(run => html`<polyline points="${run.join(' ')}"/>`)}${dots.map(
    ([cx, cy]) => html`<circle cx="${cx}" cy="${cy}" r="3"/>`,
  )}</g>`
}

/** What the page's script needs to read values: places and texts, one of each a point. */
function readings({ x, series }: LineChart, toX: (v: number) => number, toY: (v: number) => number) {
  return {
    x: x.values.map(v => place(toX(v))),
    text: x.values.map((v, i) => `${x.name} ${figure(v)}: ${series.map(s => `${s.name} ${figure(s.values[i] ?? null)}`).join(', ')}`),
    y: series.map(s => s.values.map(v => (v === null ? null : place(toY(v))))),
  }
}

/** `Loss by epoch: training from 0.9 to 0.2, lowest 0.19 at epoch 18; ...`. */
function inWords({ title, x, series, mark }: LineChart): string {
  const each = series.map(({ name, values }) => {
    const there = values.flatMap((value, i) => (value === null ? [] : [{ value, at: x.values[i]! }]))
    if (there.length === 0) return `${name} is undefined`
    const [low, high] = [true, false].map(least => there.reduce((a, b) => (b.value < a.value === least && b.value !== a.value ? b : a)))
    return `${name} from ${figure(there[0]!.value)} to ${figure(there.at(-1)!.value)}, lowest ${figure(low!.value)} at ${x.name} ${figure(low!.at)}, highest ${figure(high!.value)} at ${figure(high!.at)}`
  })
  return `${title}, by ${x.name}: ${each.join('; ')}.${mark ? ` ${mark.text}.` : ''}`
}
