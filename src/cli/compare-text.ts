import pc from 'picocolors'
import {
  headMetric,
  mainMetrics,
  type ComparedMetric,
  type ComparedPair,
  type ComparedStratum,
  type Comparison,
} from '../compare/compare.ts'
import { probability, starred, verdict } from '../compare/words.ts'
import type { Interval } from '../statistics/bootstrap.ts'
import { aligned } from './columns.ts'
import { differenceLines } from './difference-text.ts'
import { stateColors, timeWords } from './run-words.ts'
import { plural } from './units.ts'

/** What is shown of a comparison. */
export interface Show {
  /** Every metric, and not only those that say how good a mask is. */
  readonly all: boolean
  /** How many of the units that moved most. */
  readonly top: number
}

/** A comparison as a terminal shows it. */
export function comparisonLines(comparison: Comparison, show: Show): readonly string[] {
  const { runs, strata } = comparison
  const labels = runs.map(run => run.label)
  const compared = runs.filter(run => run.evaluation !== null)
  return [
    ...runLines(comparison),
    '',
    ...differenceLines(
      comparison.differences.map(d => ({ ...d, values: labels.map(label => d.values[label]) })),
      labels,
    ),
    '',
    ...stepLines(comparison),
    ...(compared.length >= 2 ? strata.flatMap(stratum => ['', ...stratumLines(comparison, stratum, show)]) : []),
    ...(compared.length >= 2 ? ['', ...legend(comparison)] : []),
  ]
}

function runLines({ runs }: Comparison): string[] {
  const table = aligned(runs.map(run => [run.label, run.name, timeWords(run.started), run.state]))
  const lines = table.map((line, i) => line.replace(/\w+$/, stateColors[runs[i]!.state]))
  const remarks = runs.flatMap(({ label, remarks, missing }) => [
    ...remarks.map(remark => `${label}: ${remark}`),
    ...(missing.length > 0 ? [`${label} has not ${plural(missing.length, 'image')} that others have: ${firstFew(missing)}`] : []),
  ])
  return [...lines, ...(remarks.length > 0 ? [''] : []), ...remarks.map(line => pc.yellow(line))]
}

const firstFew = (names: readonly string[]): string => names.slice(0, 5).join(', ') + (names.length > 5 ? ' ...' : '')

function stepLines({ steps }: Comparison): string[] {
  const [same, other] = [true, false].map(is => steps.filter(step => step.same === is).map(step => step.step)) as [string[], string[]]
  return [
    `the same results: ${same.length > 0 ? same.join(', ') : 'none'}`,
    ...(other.length > 0 ? [`other results: ${other.join(', ')}`] : []),
  ]
}

function stratumLines(comparison: Comparison, stratum: ComparedStratum, show: Show): string[] {
  const metrics = show.all ? stratum.metrics : mainMetrics(stratum.metrics)
  const of = stratum.value === null ? '' : `${comparison.by}: ${stratum.value}, `
  return [
    pc.bold(`${of}${plural(stratum.images, 'image')} of ${plural(stratum.subjects, 'subject')}`),
    ...meansTable(comparison, metrics),
    ...pairNames(stratum).flatMap(([a, b], at) => ['', ...pairLines(comparison, metrics, [a, b], at)]),
    ...(stratum.value === null ? moverLines(comparison, stratum, show.top) : []),
  ]
}

/** The pairs of runs, in the order that every metric has them. */
const pairNames = (stratum: ComparedStratum): readonly (readonly [string, string])[] =>
  (stratum.metrics[0]?.pairs ?? []).map(pair => [pair.a, pair.b])

function meansTable({ runs }: Comparison, metrics: readonly ComparedMetric[]): string[] {
  const labels = runs.filter(run => run.evaluation !== null).map(run => run.label)
  const head = ['mean [95 % interval]', ...labels]
  const rows = metrics.map(metric => [
    metric.metric,
    ...labels.map(label => {
      const { mean, interval } = metric.runs[label]!
      return withInterval(mean, interval)
    }),
  ])
  return aligned([head, ...rows])
}

function pairLines({ per }: Comparison, metrics: readonly ComparedMetric[], [a, b]: readonly [string, string], at: number): string[] {
  const pairs = metrics.map(metric => ({ metric, pair: metric.pairs[at]! }))
  const several = pairs.some(({ pair }) => pair.wilcoxon?.holm !== undefined || pair.t?.holm !== undefined)
  const tests = several ? ['Wilcoxon p', 'Holm', 'paired t p', 'Holm'] : ['Wilcoxon p', 'paired t p']
  const head = [`${b} - ${a}`, `${per}s`, 'difference', '', ...tests, 'dz', '', 'r', '']
  const rows = pairs.map(({ metric, pair }) => [
    metric.metric,
    String(pair.pairs),
    withInterval(pair.difference.mean, pair.difference.interval),
    verdict(metric, pair),
    ...(several
      ? [probability(pair.wilcoxon?.p), starred(pair.wilcoxon?.holm), probability(pair.t?.p), starred(pair.t?.holm)]
      : [starred(pair.wilcoxon?.p), starred(pair.t?.p)]),
    ...effect(pair.cohensDz),
    ...effect(pair.rankBiserial),
  ])
  return [...aligned([head, ...rows], [1]), ...lostLines(pairs)]
}

/** Of metrics that one of the two runs alone has not for some images, a line a run. */
function lostLines(pairs: readonly { readonly metric: ComparedMetric; readonly pair: ComparedPair }[]): string[] {
  return (['a', 'b'] as const).flatMap(side => {
    const lost = pairs.flatMap(({ metric, pair }) =>
      pair.undefined[side] > 0 ? [`${metric.metric} (${plural(pair.undefined[side], 'image')})`] : [],
    )
    return lost.length > 0 ? [pc.yellow(`undefined in ${pairs[0]!.pair[side]} alone, and left out: ${lost.join(', ')}`)] : []
  })
}

function moverLines({ per }: Comparison, { metrics }: ComparedStratum, top: number): string[] {
  const head = headMetric(metrics)
  if (!head || top === 0) return []
  return head.pairs.flatMap(pair => {
    const moved = pair.moved.filter(m => m.difference !== 0).slice(0, top)
    if (moved.length === 0) return []
    const rows = moved.map(m => [m.unit, number(m.a), number(m.b), signed(m.difference)])
    return ['', `moved most in ${head.metric}`, ...aligned([[per, pair.a, pair.b, `${pair.b} - ${pair.a}`], ...rows], [1, 2, 3])]
  })
}

function legend({ per }: Comparison): string[] {
  return [
    `tests are two-sided, paired by ${per}; * p < 0.05; dz: Cohen's; r: rank-biserial correlation, 1 where all rise`,
    `-: undefined, since there are too few ${per}s, or all differences are equal. All numbers: --json, --csv FILE`,
  ].map(line => pc.dim(line))
}

const withInterval = (value: number | null, interval: Interval | null): string =>
  value === null ? '-' : interval ? `${number(value)} [${number(interval.low)}, ${number(interval.high)}]` : number(value)

const effect = (size: ComparedPair['cohensDz']): [string, string] =>
  size ? [size.value.toFixed(2), size.interval ? `[${size.interval.low.toFixed(2)}, ${size.interval.high.toFixed(2)}]` : ''] : ['-', '']

/** Four digits that mean something. */
function number(x: number): string {
  if (x === 0) return '0'
  const size = Math.abs(x)
  if (size < 1e-3 || size >= 1e6) return x.toExponential(2)
  return size < 10 ? x.toFixed(4) : x.toFixed(size < 1000 ? 2 : 0)
}

const signed = (x: number): string => (x > 0 ? `+${number(x)}` : number(x))
