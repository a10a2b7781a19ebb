import { headMetric, type ComparedMetric, type ComparedPair, type Comparison } from '../compare/compare.ts'
import { metricOf, type Direction } from '../compare/direction.ts'
import { plural } from '../report/figures.ts'
import { html, type Html } from '../report/html.ts'
import { slopeChart } from '../report/slope-chart.ts'
import { sortableTable } from '../report/table.ts'

/** The metrics that are drawn; where there is none of them, the one that stands for all. */
const drawn = ['dice', 'hd95', 'relative_volume_difference']
/** So many pairs of runs are drawn, each; of more only those with the first run. */
const MOST_PAIRS = 3

/** Charts of every subject from one run to another, and the same as a table, those that moved most first. */
export function movedSection(comparison: Comparison, metrics: readonly ComparedMetric[]): Html | undefined {
  const head = headMetric(metrics)
  if (!head) return undefined
  const found = metrics.filter(metric => drawn.includes(metricOf(metric.metric)))
  const shown = found.length > 0 ? found : [head]
  const isMany = head.pairs.length > MOST_PAIRS
  const [first] = head.pairs
  const isShown = (pair: ComparedPair): boolean => !isMany || pair.a === first!.a
  const pairs = shown.flatMap(metric => metric.pairs.filter(isShown).map(pair => ({ metric, pair })))
  const still = pairs.filter(({ pair }) => !hasMoved(pair))
  return html`${isMany && html`<p class="note">Drawn are the pairs with ${first!.a}.</p>`}
<div class="charts">${pairs.filter(({ pair }) => hasMoved(pair)).map(({ metric, pair }) => chart(comparison, metric, pair))}</div>
${still.length > 0 && html`<p class="note">The same in both: ${still.map(({ metric, pair: { a, b } }) => `${metric.metric}, ${a} to ${b}`).join('; ')}.</p>`}
${head.pairs.filter(pair => isShown(pair) && hasMoved(pair)).map(pair => movedTable(comparison, head, pair))}`
}

const hasMoved = ({ moved }: ComparedPair): boolean => moved.some(m => m.difference !== 0)

const chart = ({ per }: Comparison, { metric, better }: ComparedMetric, pair: ComparedPair): Html =>
  slopeChart({
    title: `${metric}, ${pair.a} to ${pair.b}`,
    names: [pair.a, pair.b],
    unit: per,
    pairs: pair.moved.map(({ unit, a, b }) => ({ of: unit, a, b })),
    better: (a, b) => (better === null ? 0 : gains[better](a, b)),
  })

const gains: Readonly<Record<Direction, (a: number, b: number) => number>> = {
  higher: (a, b) => b - a,
  lower: (a, b) => a - b,
  zero: (a, b) => Math.abs(a) - Math.abs(b),
}

const movedTable = ({ per }: Comparison, { metric }: ComparedMetric, { a, b, moved }: ComparedPair): Html =>
  sortableTable({
    caption: `${metric} of ${plural(moved.length, per)} from ${a} to ${b}, the one that moved most first`,
    columns: [{ name: per, numeric: false }, ...[a, b, `${b} - ${a}`].map(name => ({ name, numeric: true }))],
    rows: moved.map(m => [m.unit, m.a, m.b, m.difference]),
  })
