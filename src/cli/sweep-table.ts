import { directionOf, headColumns, isMain, metricOf, type Direction } from '../compare/direction.ts'
import type { Failure } from '../failure.ts'
import { nearest } from '../nearest.ts'
import type { SweptTrials } from '../pages/sweep-page.ts'
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
  const columns = [...new Set(trials.flatMap(trial => Object.keys(meansOfTrial(trial))))]
  const by = columns.find(column => metric !== undefined && namesOf(column).includes(metric)) ?? headOf(columns)
  const unknown =
    metric === undefined || (by !== undefined && namesOf(by).includes(metric)) ? {} : { unknown: unknownMetric(metric, columns) }
  if (by === undefined) return { by, trials, ...unknown }
  const direction = directionFor(by)
  return {
    by,
    ...unknown,
    trials: [...trials].sort((a, b) => goodness(b, by, direction) - goodness(a, by, direction) || a.trial - b.trial),
  }
}

const directionFor = (column: string): Direction => directionOf(bare(column)) ?? 'higher'

const bare = (column: string): string => column.slice(column.indexOf('.') + 1)

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

/** More is better; the lowest for a trial without a value, finite so that two of them can be compared. */
function goodness(trial: TrialResult, by: string, direction: Direction): number {
  const mean = meansOfTrial(trial)[by]
  return mean === null || mean === undefined ? -Number.MAX_VALUE : gain(mean, direction)
}

const gain = (mean: number, direction: Direction): number => ({ higher: mean, lower: -mean, zero: -Math.abs(mean) })[direction]

const valueWords = (value: SweepValue | undefined): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)

/** As the terminal shows it: the values that were varied, and the metric. */
export function tableLines({ by, trials }: Ranked): string[] {
  const keys = keysOf(trials)
  const head = ['trial', ...keys, ...(by === undefined ? [] : [bare(by)]), 'run']
  const rows = trials.map(trial => [
    String(trial.trial),
    ...keys.map(key => valueWords(trial.values[key])),
    ...(by === undefined ? [] : [meansOfTrial(trial)[by]?.toFixed(4) ?? 'undefined']),
    trial.state === 'done' ? trial.run : `${trial.run} ${trial.state}`,
  ])
  return aligned([head, ...rows], [0])
}

/** `trials.csv`: a line a trial, best first; every value and every mean. */
export function trialsCsv({ trials }: Ranked): string {
  const keys = keysOf(trials)
  const columns = [...new Set(trials.flatMap(trial => Object.keys(meansOfTrial(trial))))]
  const rows = trials.map(trial => {
    const means = meansOfTrial(trial)
    const cells = [...keys.map(key => valueWords(trial.values[key])), ...columns.map(column => means[column]?.toString() ?? '')]
    return [String(trial.trial), trial.state, ...cells, trial.run]
  })
  return [['trial', 'state', ...keys, ...columns, 'run'], ...rows].map(row => `${row.map(quoted).join(',')}\n`).join('')
}

/** What `sweep.html` tells: metrics that have a better and a worse, and the one that is ranked by. */
export function sweptTrials(name: string, { by, trials }: Ranked): SweptTrials {
  const columns = [...new Set(trials.flatMap(trial => Object.keys(meansOfTrial(trial))))]
  return {
    name,
    by,
    params: keysOf(trials),
    columns: columns.filter(column => column === by || isMain(bare(column))),
    goodness: mean => (by === undefined ? 0 : gain(mean, directionFor(by))),
    trials: trials.map(({ trial, run, state, values, ...rest }) => ({
      ...{ trial, run, state, means: meansOfTrial({ trial, run, state, values, ...rest }) },
      values: Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, typeof value === 'number' ? value : valueWords(value)]),
      ),
    })),
  }
}

const keysOf = (trials: readonly TrialResult[]): readonly string[] => [...new Set(trials.flatMap(trial => Object.keys(trial.values)))]

const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
