import type { ComparedMetric, ComparedPair, Comparison } from '../compare/compare.ts'
import { starred, verdict } from '../compare/words.ts'
import { html, type Html } from '../report/html.ts'
import { meanCell } from '../report/mean-cell.ts'
import { sortableTable, type Cell, type TableColumn } from '../report/table.ts'

const better = { higher: 'higher is better', lower: 'lower is better', zero: 'best is 0' } as const

/** Every metric: the mean of each run, with its interval. */
export const meansTable = ({ runs }: Comparison, metrics: readonly ComparedMetric[], of: string): Html => {
  const labels = runs.filter(run => run.evaluation !== null).map(run => run.label)
  return sortableTable({
    caption: `Means over images, with 95 % confidence intervals by bootstrap over subjects: ${of}`,
    columns: [text('Metric'), text('Better'), ...labels.map(number)],
    rows: metrics.map(metric => [
      metric.metric,
      metric.better === null ? '' : better[metric.better],
      ...labels.map(label => meanCell(metric.runs[label]!.mean, metric.runs[label]!.interval)),
    ]),
  })
}

const text = (name: string): TableColumn => ({ name, numeric: false })
const number = (name: string): TableColumn => ({ name, numeric: true })
const hinted = (name: string, hint: string): TableColumn => ({ name, numeric: true, hint })

/** A column of the table of pairs. */
type PairColumn = readonly [TableColumn, (pair: ComparedPair, metric: ComparedMetric) => Cell]

/** Every metric in every two of the runs: the difference, its tests, its effect sizes. */
export function pairsTable({ per }: Comparison, metrics: readonly ComparedMetric[], of: string): Html {
  const rows = metrics.flatMap(metric => metric.pairs.map(pair => ({ metric, pair })))
  const isSeveral = metrics.some(metric => metric.pairs.length > 1)
  const columns = pairColumns(per, isSeveral)
  return sortableTable({
    caption: `Differences, paired by ${per}, with 95 % intervals: ${of}`,
    columns: columns.map(([column]) => column),
    rows: rows.map(({ metric, pair }) => columns.map(([, cell]) => cell(pair, metric))),
  })
}

function pairColumns(per: string, isSeveral: boolean): readonly PairColumn[] {
  const holm = (name: string, test: 'wilcoxon' | 't'): readonly PairColumn[] =>
    isSeveral ? [[hinted(`Holm ${name}`, 'p after Holm’s correction over all pairs of runs'), pair => p(pair[test]?.holm)]] : []
  return [
    [text('Metric'), (_, metric) => metric.metric],
    [text('Pair'), pair => `${pair.b} - ${pair.a}`],
    [number(`${per[0]!.toUpperCase()}${per.slice(1)}s`), pair => pair.pairs],
    [hinted('Difference', 'mean of the differences; interval of the paired t test'), ({ difference: d }) => meanCell(d.mean, d.interval)],
    [text('So'), (pair, metric) => verdict(metric, pair)],
    [hinted('Wilcoxon p', 'signed-rank test'), pair => p(pair.wilcoxon?.p)],
    ...holm('Wilcoxon', 'wilcoxon'),
    [hinted('t test p', 'paired t test'), pair => p(pair.t?.p)],
    ...holm('t', 't'),
    [
      hinted('dz', 'Cohen’s dz: mean / standard deviation of the differences'),
      ({ cohensDz: e }) => meanCell(e?.value ?? null, e?.interval ?? null),
    ],
    [hinted('r', 'matched-pairs rank-biserial correlation'), ({ rankBiserial: e }) => meanCell(e?.value ?? null, e?.interval ?? null)],
  ]
}

const p = (value: number | undefined): Cell => (value === undefined ? null : { shown: html`${starred(value)}`, by: value })
