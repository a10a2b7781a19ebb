import { csvLine } from '../csv.ts'
import type { ComparedMetric, ComparedPair, ComparedStratum, Comparison } from './compare.ts'

type Cell = string | number | null | undefined

/** A column of the CSV: its name, and its cell for one metric of two runs in one stratum. */
type Column = readonly [
  string,
  (at: { readonly stratum: ComparedStratum; readonly metric: ComparedMetric; readonly pair: ComparedPair }) => Cell,
]

const sideColumns = (side: 'a' | 'b'): readonly Column[] => [
  [`images_${side}`, ({ metric, pair }) => metric.runs[pair[side]]?.images],
  [`mean_${side}`, ({ metric, pair }) => metric.runs[pair[side]]?.mean],
  [`ci95_low_${side}`, ({ metric, pair }) => metric.runs[pair[side]]?.interval?.low],
  [`ci95_high_${side}`, ({ metric, pair }) => metric.runs[pair[side]]?.interval?.high],
  [`std_${side}`, ({ metric, pair }) => metric.runs[pair[side]]?.std],
  [`median_${side}`, ({ metric, pair }) => metric.runs[pair[side]]?.median],
]

const columns: readonly Column[] = [
  ['stratum', ({ stratum }) => stratum.value ?? 'all'],
  ['metric', ({ metric }) => metric.metric],
  ['better', ({ metric }) => metric.better],
  ['a', ({ pair }) => pair.a],
  ['b', ({ pair }) => pair.b],
  ...sideColumns('a'),
  ...sideColumns('b'),
  ['pairs', ({ pair }) => pair.pairs],
  ['difference', ({ pair }) => pair.difference.mean],
  ['difference_ci95_low', ({ pair }) => pair.difference.interval?.low],
  ['difference_ci95_high', ({ pair }) => pair.difference.interval?.high],
  ['difference_std', ({ pair }) => pair.difference.std],
  ['wilcoxon', ({ pair }) => pair.wilcoxon?.statistic],
  ['wilcoxon_p', ({ pair }) => pair.wilcoxon?.p],
  ['wilcoxon_p_holm', ({ pair }) => pair.wilcoxon?.holm],
  ['wilcoxon_method', ({ pair }) => pair.wilcoxon?.method],
  ['t', ({ pair }) => pair.t?.t],
  ['t_p', ({ pair }) => pair.t?.p],
  ['t_p_holm', ({ pair }) => pair.t?.holm],
  ['cohens_dz', ({ pair }) => pair.cohensDz?.value],
  ['cohens_dz_ci95_low', ({ pair }) => pair.cohensDz?.interval?.low],
  ['cohens_dz_ci95_high', ({ pair }) => pair.cohensDz?.interval?.high],
  ['rank_biserial', ({ pair }) => pair.rankBiserial?.value],
  ['rank_biserial_ci95_low', ({ pair }) => pair.rankBiserial?.interval?.low],
  ['rank_biserial_ci95_high', ({ pair }) => pair.rankBiserial?.interval?.high],
  ['ks', ({ pair }) => pair.kolmogorovSmirnov?.statistic],
  ['ks_p', ({ pair }) => pair.kolmogorovSmirnov?.p],
]

/** A line per stratum, metric and pair of runs, `b` - `a`; what is undefined is empty. */
export function comparisonCsv({ runs, strata }: Comparison): string {
  const names = new Map(runs.map(run => [run.label, run.name]))
  const rows = strata.flatMap(stratum =>
    stratum.metrics.flatMap(metric =>
      metric.pairs.map(pair => {
        const cells = columns.map(([name, of]) => (name === 'a' || name === 'b' ? names.get(pair[name]) : of({ stratum, metric, pair })))
        return csvLine(cells)
      }),
    ),
  )
  return [columns.map(([name]) => name).join(','), ...rows, ''].join('\n')
}
