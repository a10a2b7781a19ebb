import { failed, ok, type Result } from '../failure.ts'
import { nearest } from '../nearest.ts'
import { Random } from '../random.ts'
import { holm } from '../statistics/holm.ts'
import { summarise, type MetricSummary } from '../statistics/summary.ts'
import { differences, type Difference } from './differences.ts'
import { directionOf, headColumns, isMain, metricOf, type Direction } from './direction.ts'
import { evaluationOf, metricSteps, type Evaluation, type ImageRow } from './evaluation.ts'
import { nameOf } from './find-run.ts'
import { comparePaired, meansOf, type Corrected, type PairedMetric, type Unit } from './paired.ts'
import type { Run, RunState } from './run.ts'
import { strataOf, type Stratum } from './strata.ts'
import { isLost, lostIn, type Stored } from './stored.ts'

/** What to compare, and how. */
export interface CompareOptions {
  readonly per: Unit
  /** A column of participants.tsv, or another thing known of images. */
  readonly by?: string
  /** Metrics (`dice`) or columns (`dice_class0`); none: all. */
  readonly metrics: readonly string[]
  /** The step whose metrics count, where a run has several. */
  readonly step?: string
}

/** A run with its results. */
export interface OpenedRun {
  readonly run: Run
  readonly stored: ReadonlyMap<string, Stored>
}

/** Runs held against each other, as `--json` gives it. Null is undefined. */
export interface Comparison {
  readonly runs: readonly ComparedRun[]
  /** Values by label. */
  readonly differences: readonly (Omit<Difference, 'values'> & { readonly values: Readonly<Record<string, unknown>> })[]
  readonly steps: readonly ComparedStep[]
  readonly per: Unit
  readonly by: string | null
  /** First all images; then, with `by`, those of each value. */
  readonly strata: readonly ComparedStratum[]
}

export interface ComparedRun {
  /** `A`, `B` ... in the order asked for. */
  readonly label: string
  readonly name: string
  readonly dir: string
  readonly started: string
  readonly state: RunState
  /** The step that gave the metrics. */
  readonly evaluation: string | null
  readonly images: number
  readonly subjects: number
  /** Images that another of the runs has, and this one has not. */
  readonly missing: readonly string[]
  readonly remarks: readonly string[]
}

/** A step of any of the runs, and the digests of what it made, by label. */
export interface ComparedStep {
  readonly step: string
  readonly digests: Readonly<Record<string, string | null>>
  /** All runs have it, with equal bytes. */
  readonly same: boolean
}

export interface ComparedStratum {
  readonly value: string | null
  readonly images: number
  readonly subjects: number
  readonly metrics: readonly ComparedMetric[]
}

export interface ComparedMetric {
  readonly metric: string
  readonly better: Direction | null
  /** By label: over all images that the run has, as in its `summary.csv`. */
  readonly runs: Readonly<Record<string, Omit<MetricSummary, 'metric'>>>
  readonly pairs: readonly ComparedPair[]
}

/** One metric in two of the runs: `b` - `a`. */
export interface ComparedPair extends PairedMetric {
  readonly a: string
  readonly b: string
}

interface Labelled {
  readonly label: string
  readonly evaluation: Evaluation
}

/** As often as `evaluate` draws by default, with its seed: its intervals are these. */
const RESAMPLES = 2000

/** Compares runs: their pipelines, their steps and, of those that have them, their metrics. */
export function compareRuns(opened: readonly OpenedRun[], options: CompareOptions): Result<Comparison> {
  const labels = opened.map((_, i) => labelOf(i))
  const found = opened.map(each => evaluationIn(each, options.step))
  const evaluated = found.flatMap((e, i): Labelled[] => ('step' in e ? [{ label: labels[i]!, evaluation: e }] : []))
  const strata = strataOf(
    evaluated.map(e => e.evaluation),
    evaluated.length > 0 ? options.by : undefined,
  )
  if (!strata.ok) return strata
  const columns = columnsOf(evaluated, options.metrics)
  if (!columns.ok) return columns
  return ok({
    runs: opened.map((each, i) => describeRun(each, labels[i]!, found[i]!, evaluated)),
    differences: differences(opened.map(({ run }) => run.facts)).map(({ values, ...rest }) => ({
      ...rest,
      values: byLabel(labels, values),
    })),
    steps: stepsOf(opened, labels),
    per: options.per,
    by: options.by ?? null,
    strata: evaluated.length === 0 ? [] : strata.value.map(stratum => compareStratum(evaluated, columns.value, stratum, options.per)),
  })
}

/** `A` ... `Z`, then `R27` ... */
export const labelOf = (at: number): string => (at < 26 ? String.fromCharCode(65 + at) : `R${at + 1}`)

const byLabel = (labels: readonly string[], values: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(labels.flatMap((label, i) => (values[i] === undefined ? [] : [[label, values[i]]])))

type Found = Evaluation | { readonly none: string }

/** The metrics of a run, or why there are none to compare. */
function evaluationIn({ run, stored }: OpenedRun, wanted: string | undefined): Found {
  const steps = metricSteps(stored)
  const lost = [...stored].filter(([, of]) => isLost(of)).map(([step]) => step)
  const there = steps.length > 0 ? ` (there are: ${steps.join(', ')})` : ''
  if (wanted !== undefined && !steps.includes(wanted)) return { none: `its step "${wanted}" gave no metrics${there}` }
  if (wanted === undefined && steps.length > 1) return { none: `it has metrics of several steps, choose with --step: ${steps.join(', ')}` }
  const step = wanted ?? steps[0]
  if (step !== undefined) return evaluationOf(run, step, stored) ?? { none: `the metrics of its step "${step}" are of another form` }
  if (lost.length > 0) return { none: `no metrics are left of it: what these steps made is gone from the cache: ${lost.join(', ')}` }
  return { none: run.state === 'done' ? 'no step of it gave metrics' : `it has no metrics (${run.state})` }
}

/** The columns to compare, in the order of the first run that has them. */
function columnsOf(evaluated: readonly Labelled[], wanted: readonly string[]): Result<readonly string[]> {
  const all = [...new Set(evaluated.flatMap(e => e.evaluation.columns))]
  if (wanted.length === 0 || evaluated.length === 0) return ok(all)
  const names = [...new Set([...all.map(metricOf), ...all])]
  const unknown = wanted.filter(name => !names.includes(name))
  if (unknown.length > 0)
    return failed(
      ...unknown.map(name => {
        const near = nearest(name, names)
        return {
          kind: 'unknown-metric' as const,
          name,
          known: [...new Set(all.map(metricOf))],
          ...(near !== undefined && { nearest: near }),
        }
      }),
    )
  return ok(all.filter(column => wanted.includes(column) || wanted.includes(metricOf(column))))
}

function describeRun({ run, stored }: OpenedRun, label: string, found: Found, evaluated: readonly Labelled[]): ComparedRun {
  const rows = 'step' in found ? found.rows : []
  const own = new Set(rows.map(row => row.image))
  const all = new Set(evaluated.flatMap(e => e.evaluation.rows.map(row => row.image)))
  return {
    label,
    name: nameOf(run),
    dir: run.dir,
    started: run.started,
    state: run.state,
    evaluation: 'step' in found ? found.step : null,
    images: own.size,
    subjects: subjectsOf(rows),
    missing: 'step' in found ? [...all].filter(image => !own.has(image)).sort() : [],
    remarks: [...run.remarks, ...lostIn(stored), ...('step' in found ? found.remarks : [found.none])],
  }
}

const subjectsOf = (rows: readonly ImageRow[]): number => new Set(rows.map(row => row.subject)).size

function stepsOf(opened: readonly OpenedRun[], labels: readonly string[]): readonly ComparedStep[] {
  const steps = [...new Set(opened.flatMap(({ run }) => [...run.facts.steps.keys()]))]
  return steps.map(step => {
    const digests = opened.map(({ run }) => run.steps.get(step)?.digest ?? null)
    return { step, digests: Object.fromEntries(labels.map((label, i) => [label, digests[i]!])), same: isOne(digests) }
  })
}

const isOne = (digests: readonly (string | null)[]): boolean => digests[0] !== null && new Set(digests).size === 1

function compareStratum(evaluated: readonly Labelled[], columns: readonly string[], stratum: Stratum, per: Unit): ComparedStratum {
  const runs = evaluated.map(({ label, evaluation }) => ({ label, rows: evaluation.rows.filter(row => stratum.has(row.image)) }))
  const summaries = runs.map(({ rows }) => summaryOf(rows, columns))
  const images = new Map(runs.flatMap(({ rows }) => rows.map(row => [row.image, row] as const)))
  return {
    value: stratum.value ?? null,
    images: images.size,
    subjects: subjectsOf([...images.values()]),
    metrics: columns.map((metric, c) => ({
      metric,
      better: directionOf(metric) ?? null,
      runs: Object.fromEntries(runs.map(({ label }, r) => [label, summaries[r]![c]!])),
      pairs: corrected(pairsOf(runs).map(([a, b]) => ({ a: a.label, b: b.label, ...comparePaired(a.rows, b.rows, metric, per) }))),
    })),
  }
}

/** Every two of a list, in its order. */
const pairsOf = <T>(list: readonly T[]): readonly (readonly [T, T])[] => list.flatMap((a, i) => list.slice(i + 1).map(b => [a, b] as const))

/** Every column as `evaluate` summarises it. */
function summaryOf(rows: readonly ImageRow[], columns: readonly string[]): readonly Omit<MetricSummary, 'metric'>[] {
  const subjects = new Map(rows.map(row => [row.image, row.subject]))
  const table = { columns, rows, means: meansOf(rows, columns) }
  const summary = summarise(table, image => subjects.get(image)!, RESAMPLES, new Random(0, 'bootstrap'))
  return summary.map(({ images, mean, interval, std, median, min, max }) => ({ images, mean, interval, std, median, min, max }))
}

/** With Holm's correction where there is more than one pair. */
function corrected(pairs: readonly ComparedPair[]): readonly ComparedPair[] {
  if (pairs.length < 2) return pairs
  const [ofWilcoxon, ofT] = [pairs.map(p => p.wilcoxon?.p), pairs.map(p => p.t?.p)].map(holm) as [Ps, Ps]
  return pairs.map((pair, i) => ({ ...pair, wilcoxon: withHolm(pair.wilcoxon, ofWilcoxon[i]), t: withHolm(pair.t, ofT[i]) }))
}

type Ps = ReturnType<typeof holm>

const withHolm = <T>(test: Corrected<T> | null, p: number | undefined): Corrected<T> | null =>
  test === null || p === undefined ? test : { ...test, holm: p }

/** The metrics that are shown unasked; all where none of them says what is better. */
export function mainMetrics(metrics: readonly ComparedMetric[]): readonly ComparedMetric[] {
  const main = metrics.filter(m => isMain(m.metric))
  return main.length > 0 ? main : metrics
}

/** The metric by which subjects are said to have moved. */
export function headMetric(metrics: readonly ComparedMetric[]): ComparedMetric | undefined {
  const [head] = headColumns(metrics.map(m => m.metric))
  return metrics.find(m => m.metric === head)
}
