import type { Point } from '../run-state.ts'
import { svg } from './dom.ts'

/** Curves that belong into one picture. */
interface Chart {
  readonly title: string
  /** A metric's name, and what it is called. */
  readonly lines: readonly (readonly [metric: string, label: string])[]
  /** The ends of the upright axis; by default those of the values. */
  readonly range?: readonly [number, number]
}

const charts: readonly Chart[] = [
  {
    title: 'loss',
    lines: [
      ['train_loss', 'training'],
      ['validation_loss', 'validation'],
    ],
  },
  { title: 'Dice', lines: [['validation_dice', 'validation']], range: [0, 1] },
  { title: 'learning rate', lines: [['learning_rate', 'learning rate']] },
]

const [width, height, left, bottom, top, right] = [360, 170, 46, 22, 24, 10]

/** The charts of what a step measured; none for fewer than one point. */
export const chartsOf = (points: readonly Point[]): readonly SVGElement[] =>
  charts.filter(({ lines }) => lines.some(([metric]) => points.some(p => metric in p.metrics))).map(chart => drawn(chart, points))

function drawn({ title, lines, range }: Chart, points: readonly Point[]): SVGElement {
  const values = lines.flatMap(([metric]) => points.flatMap(p => p.metrics[metric] ?? [])).filter(Number.isFinite)
  const [low, high] = range ?? [Math.min(...values), Math.max(...values)]
  const [first, last] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 1]
  const x = (at: number): number => left + ((width - left - right) * (at - first)) / Math.max(1, last - first)
  const y = (value: number): number => height - bottom - ((height - bottom - top) * (value - low)) / (high - low || 1)
  const chart = svg(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${title} by epoch`, class: 'chart' },
    svg('text', { x: left, y: 14, class: 'title' }, title),
    ...legend(lines),
    ...[low, high].map(value => svg('text', { x: left - 6, y: y(value) + 4, 'text-anchor': 'end' }, short(value))),
    ...[first, last].map(at => svg('text', { x: x(at), y: height - 6, 'text-anchor': 'middle' }, String(at))),
    svg('path', { d: `M${left} ${top}V${height - bottom}H${width - right}`, class: 'axis' }),
    ...lines.map(([metric], i) => {
      const known = points.filter(p => Number.isFinite(p.metrics[metric]))
      return svg('polyline', { points: known.map(p => `${x(p.at)},${y(p.metrics[metric] ?? 0)}`).join(' '), class: `line${i}` })
    }),
  )
  readValues(chart, lines, points, x)
  return chart
}

/** What the lines are, where there are several: from the right. */
const legend = (lines: Chart['lines']): readonly SVGElement[] =>
  lines.length < 2
    ? []
    : lines.map(([, label], i) =>
        svg('text', { x: width - right - 64 * (lines.length - 1 - i), y: 14, 'text-anchor': 'end', class: `line${i}` }, label),
      )

const short = (value: number): string =>
  value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(1) : String(Number(value.toPrecision(3)))

/** The values of the nearest epoch, where the pointer is. */
function readValues(chart: SVGSVGElement, lines: Chart['lines'], points: readonly Point[], x: (at: number) => number): void {
  const rule = svg('path', { class: 'rule' })
  const text = svg('text', { y: top + 10, class: 'value' })
  chart.append(rule, text)
  chart.addEventListener('pointerleave', () => {
    rule.setAttribute('d', '')
    text.textContent = ''
  })
  chart.addEventListener('pointermove', event => {
    const at = ((event.clientX - chart.getBoundingClientRect().left) / chart.getBoundingClientRect().width) * width
    const [nearest] = points.toSorted((a, b) => Math.abs(x(a.at) - at) - Math.abs(x(b.at) - at))
    if (!nearest) return
    const values = lines.flatMap(([metric, label]) => {
      const value = nearest.metrics[metric]
      return value === undefined ? [] : [`${label} ${short(value)}`]
    })
    rule.setAttribute('d', `M${x(nearest.at)} ${top}V${height - bottom}`)
    text.textContent = `epoch ${nearest.at}: ${values.join(', ')}`
    text.setAttribute('x', String(left + 8))
  })
}
