import { directionOf, headColumns, metricOf } from '../compare/direction.ts'
import { csvLine } from '../csv.ts'
import type { Failure } from '../failure.ts'
import { nearest } from '../nearest.ts'
import type { SweepValue } from '../sweep/space.ts'
import { aligned } from './columns.ts'
import type { TrialResult } from './sweep-trials.ts'

/** The trials best first, and what they are ranked by. */
export interface Ranked {
  /** `metrics.dice_class0`; undefined: nothing was measured. */
  readonly by: string | undefined
  readonly trials: readonly TrialResult[]
  /** The metric that was asked for, and that no trial has; they are ranked as unasked. */
  readonly unknown?: Failure
}

/** A trial's means, by step and column: `metrics.dice_class0`. */
export const meansOfTrial = ({ metrics }: TrialResult): Readonly<Record<string, number | null>> =>
  Object.fromEntries(
    Object.entries(metrics).flatMap(([step, means]) => Object.entries(means).map(([column, mean]) => [`${step}.${column}`, mean] as const)),
  )

/** Ranked by a metric (`dice`), a column (`dice_class1`) or a step's column; unasked by what stands for the table. Trials without it come last. */
export function rank(trials: readonly TrialResult[], metric?: string): Ranked {
  const columns = columnsOf(trials)
  const by = columns.find(column => metric !== undefined && namesOf(column).includes(metric)) ?? headOf(columns)
  const unknown =
    metric === undefined || (by !== undefined && namesOf(by).includes(metric)) ? {} : { unknown: unknownMetric(metric, columns) }
  if (by === undefined) return { by, ...unknown, trials: [...trials].sort((a, b) => furthest(a, b) || a.trial - b.trial) }
  const good = (trial: TrialResult): number => goodness(meansOfTrial(trial)[by], by)
  return { by, ...unknown, trials: [...trials].sort((a, b) => good(b) - good(a) || furthest(a, b) || a.trial - b.trial) }
}

/** Of trials that were stopped early: who came further; on one rung, who was better there. */
function furthest({ reached: a }: TrialResult, { reached: b }: TrialResult): number {
  if (!a || !b) return 0
  const sign = a.better === 'lower' ? 1 : -1
  return b.epoch - a.epoch || sign * ((a.score ?? 0) - (b.score ?? 0))
}

/** Every mean that some trial has. */
export const columnsOf = (trials: readonly TrialResult[]): readonly string[] => [
  ...new Set(trials.flatMap(trial => Object.keys(meansOfTrial(trial)))),
]

/** A column without its step. */
export const bare = (column: string): string => column.slice(column.indexOf('.') + 1)

/** A step's column, the column, and its metric. */
const namesOf = (column: string): readonly string[] => [column, bare(column), metricOf(bare(column))]

function headOf(columns: readonly string[]): string | undefined {
  const head = headColumns(columns.map(bare))[0]
  return columns.find(column => bare(column) === head)
}

function unknownMetric(name: string, columns: readonly string[]): Failure {
  const known = [...new Set(columns.map(column => metricOf(bare(column))))]
  const near = nearest(name, known)
  return { kind: 'unknown-metric', name, known, ...(near ? { nearest: near } : {}) }
}

/** More is better; without a value the lowest, finite so that two of them can be compared. */
export function goodness(mean: number | null | undefined, by: string): number {
  if (mean === null || mean === undefined) return -Number.MAX_VALUE
  return { higher: mean, lower: -mean, zero: -Math.abs(mean) }[directionOf(bare(by)) ?? 'higher']
}

/** A value as a cell. */
export const valueWords = (value: SweepValue | undefined): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)

/** As the terminal shows it: the values that were varied, and the metric. */
export function tableLines({ by, trials }: Ranked): string[] {
  const keys = keysOf(trials)
  const metric = trials.find(trial => trial.reached)?.reached?.metric
  const head = ['trial', ...keys, ...(metric === undefined ? [] : ['epochs', metric]), ...(by === undefined ? [] : [bare(by)]), 'run']
  const rows = trials.map(trial => [
    String(trial.trial),
    ...keys.map(key => valueWords(trial.values[key])),
    ...(trial.reached ? [String(trial.reached.epoch), trial.reached.score?.toFixed(4) ?? 'undefined'] : []),
    ...(by === undefined ? [] : [trial.run === undefined ? '' : (meansOfTrial(trial)[by]?.toFixed(4) ?? 'undefined')]),
    [trial.run, trial.state === 'done' ? undefined : trial.state].filter(word => word !== undefined).join(' '),
  ])
  return aligned([head, ...rows], [0])
}

/** `trials.csv`: a line a trial, best first; every value and every mean. */
export function trialsCsv({ trials }: Ranked): string {
  const keys = keysOf(trials)
  const columns = columnsOf(trials)
  const rows = trials.map(trial => {
    const means = meansOfTrial(trial)
    const { reached } = trial
    const rung = reached ? [String(reached.epoch), reached.score?.toString() ?? ''] : []
    const values = keys.map(key => valueWords(trial.values[key]))
    const cells = columns.map(column => means[column]?.toString() ?? '')
    return [String(trial.trial), trial.state, ...values, ...rung, ...cells, trial.run ?? '']
  })
  const metric = trials.find(trial => trial.reached)?.reached?.metric
  return csvOf([['trial', 'state', ...keys, ...(metric === undefined ? [] : ['epochs', metric]), ...columns, 'run'], ...rows])
}

/** Every key that one of them has a value of. */
export const keysOf = (all: readonly Pick<TrialResult, 'values'>[]): readonly string[] => [
  ...new Set(all.flatMap(({ values }) => Object.keys(values))),
]

/** As RFC 4180 has it. */
export const csvOf = (rows: readonly (readonly string[])[]): string => rows.map(row => `${csvLine(row)}\n`).join('')
