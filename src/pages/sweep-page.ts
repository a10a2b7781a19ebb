import { figure, plural } from '../report/figures.ts'
import { heatMap } from '../report/heat-map.ts'
import { html, type Html } from '../report/html.ts'
import { pageOf, type Section } from '../report/page.ts'
import { numberAxis, parallelChart, wordAxis } from '../report/parallel-chart.ts'
import { scatterChart } from '../report/scatter-chart.ts'
import { stripChart } from '../report/strip-chart.ts'
import { sortableTable } from '../report/table.ts'

/** One trial of a sweep. */
export interface SweptTrial {
  readonly trial: number
  readonly run: string
  readonly state: string
  /** What was varied: by param its value, a number or the words for it; undefined where the trial has none. */
  readonly values: Readonly<Record<string, string | number | undefined>>
  /** By column; null: undefined. */
  readonly means: Readonly<Record<string, number | null>>
}

/** A sweep, its trials best first. */
export interface SweptTrials {
  readonly name: string
  readonly params: readonly string[]
  /** The columns that the table shows. */
  readonly columns: readonly string[]
  /** What trials are ranked by; undefined: nothing was measured. */
  readonly by: string | undefined
  /** More is better. */
  readonly goodness: (mean: number) => number
  readonly trials: readonly SweptTrial[]
}

/** A sweep as one HTML file that needs no other: which trial is best, and what each param does. */
export function sweepPage(sweep: SweptTrials): string {
  const { name, params, by } = sweep
  const measured = by === undefined ? [] : scored(sweep, by)
  const section = (id: string, title: string, body: Html | undefined | false): Section[] => (body ? [{ id, title, body }] : [])
  const isDrawn = by !== undefined && measured.length > 0 && params.length > 0
  return pageOf({
    title: `Sweep of ${name}`,
    lead: leadOf(sweep, measured),
    sections: [
      ...section('trials', 'Trials', trialsTable(sweep)),
      ...section('lines', 'All params at once', isDrawn && parallelOf(sweep, by, measured)),
      ...section(
        'params',
        'Param by param',
        isDrawn && html`<div class="charts">${params.map(param => effectOf(param, by, measured))}</div>`,
      ),
      ...section('map', 'Two params', isDrawn && params.length === 2 && mapOf(params[0]!, params[1]!, by, measured)),
    ],
  })
}

/** A trial with a mean, and how good it is among all, from 0 to 1. */
interface Scored extends SweptTrial {
  readonly mean: number
  readonly shade: number
}

function scored({ trials, goodness }: SweptTrials, by: string): readonly Scored[] {
  const found = trials.flatMap(trial => {
    const mean = trial.means[by] ?? null
    return mean === null ? [] : [{ ...trial, mean }]
  })
  const values = found.map(trial => goodness(trial.mean))
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return found.map((trial, i) => ({ ...trial, shade: high > low ? (values[i]! - low) / (high - low) : 1 }))
}

function leadOf({ trials, params, by }: SweptTrials, measured: readonly Scored[]): Html {
  const best = measured[0]
  return html`<p>${plural(trials.length, 'trial')}, which differ in ${params.join(', ') || 'nothing'}${by === undefined ? '. Nothing was measured.' : `; ranked by ${by}.`}</p>
${
  best &&
  html`<dl class="tiles"><div class="tile"><dt>Best: trial ${best.trial}</dt><dd><span class="big">${figure(best.mean)}</span><small>${valuesOf(best, params)}</small></dd></div>
<div class="tile"><dt>Worst: trial ${measured.at(-1)!.trial}</dt><dd><span class="big">${figure(measured.at(-1)!.mean)}</span><small>${valuesOf(measured.at(-1)!, params)}</small></dd></div></dl>`
}`
}

const valuesOf = ({ values }: SweptTrial, params: readonly string[]): string =>
  params.flatMap(param => (values[param] === undefined ? [] : [`${param} ${String(values[param])}`])).join(', ')

const isNumeric = (param: string, trials: readonly SweptTrial[]): boolean => trials.every(t => typeof t.values[param] !== 'string')

function trialsTable({ trials, params, columns, by }: SweptTrials): Html {
  const rest = columns.filter(column => column !== by)
  const shown = [...(by === undefined ? [] : [by]), ...rest]
  return sortableTable({
    caption: by === undefined ? 'Trials' : `Trials, best first by ${by}`,
    columns: [
      ...['Rank', 'Trial'].map(name => ({ name, numeric: true })),
      ...params.map(name => ({ name, numeric: isNumeric(name, trials) })),
      ...shown.map(name => ({ name, numeric: true })),
      ...['State', 'Run'].map(name => ({ name, numeric: false })),
    ],
    rows: trials.map(({ trial, values, means, state, run }, at) => [
      ...[at + 1, trial],
      ...params.map(param => ({ shown: html`${values[param] ?? '–'}`, by: values[param] ?? null })),
      ...shown.map(column => means[column] ?? null),
      ...[state, run],
    ]),
  })
}

/** A line a trial across all params to the metric; the better it is, the stronger its colour. Stronger lines lie above. */
function parallelOf({ params }: SweptTrials, by: string, trials: readonly Scored[]): Html {
  const axes = params.map(param => {
    const found = trials.flatMap(t => t.values[param] ?? [])
    if (!isNumeric(param, trials)) {
      const { axis, at } = wordAxis(param, distinct(found).map(String))
      return { axis, at: (value: string | number) => at(String(value)) }
    }
    const { axis, at } = numberAxis(param, found.map(Number))
    return { axis, at: (value: string | number) => at(Number(value)) }
  })
  const score = numberAxis(
    by,
    trials.map(t => t.mean),
  )
  return html`<p>Each line is a trial. The stronger its colour, the better it is.</p>${parallelChart({
    title: `Params and ${by}`,
    words: `A line for each of ${plural(trials.length, 'trial')} across ${[...params, by].join(', ')}. Best: trial ${trials[0]!.trial}, ${valuesOf(trials[0]!, params)}, ${figure(trials[0]!.mean)}.`,
    axes: [...axes.map(a => a.axis), score.axis],
    size: [1100, 340],
    items: trials.toReversed().map(t => ({
      text: `trial ${t.trial}: ${valuesOf(t, params)}: ${figure(t.mean)}`,
      at: [...axes.map(({ at }, i) => (t.values[params[i]!] === undefined ? undefined : at(t.values[params[i]!]!))), score.at(t.mean)],
      look: t.shade,
    })),
  })}`
}

const distinct = (values: readonly (string | number)[]): readonly (string | number)[] =>
  [...new Set(values)].sort((a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1))

/** Numbers of more different values than this are drawn as points over an axis, and not as groups. */
const MOST_GROUPS = 6

/** What a param does to the metric. */
function effectOf(param: string, by: string, trials: readonly Scored[]): Html {
  const having = trials.filter(t => t.values[param] !== undefined)
  const values = distinct(having.map(t => t.values[param]!))
  const of = (t: Scored): string => `trial ${t.trial}`
  if (isNumeric(param, having) && values.length > MOST_GROUPS)
    return scatterChart({ title: param, x: param, y: by, points: having.map(t => ({ of: of(t), x: Number(t.values[param]), y: t.mean })) })
  return stripChart({
    ...{ title: param, y: by, below: param, of: 'trial' },
    groups: values.map(value => ({
      name: String(value),
      points: having.filter(t => t.values[param] === value).map(t => ({ value: t.mean, of: of(t) })),
    })),
  })
}

/** The mean of the metric for every two values; of trials that have both in common it is taken over these. */
function mapOf(rowParam: string, columnParam: string, by: string, trials: readonly Scored[]): Html {
  const having = trials.filter(t => t.values[rowParam] !== undefined && t.values[columnParam] !== undefined)
  const [rows, columns] = [rowParam, columnParam].map(param => distinct(having.map(t => t.values[param]!))) as [
    readonly (string | number)[],
    readonly (string | number)[],
  ]
  const cell = (row: string | number, column: string | number) => {
    const at = having.filter(t => t.values[rowParam] === row && t.values[columnParam] === column)
    const meanOf = (of: (t: Scored) => number): number => at.reduce((sum, t) => sum + of(t), 0) / at.length
    return at.length === 0 ? undefined : { mean: meanOf(t => t.mean), shade: meanOf(t => t.shade) }
  }
  const cells = rows.map(row => columns.map(column => cell(row, column)))
  const shades = new Map(cells.flat().flatMap(c => (c ? [[c.mean, c.shade] as const] : [])))
  return heatMap({
    caption: `Mean ${by}`,
    names: [rowParam, columnParam],
    rows: rows.map(String),
    columns: columns.map(String),
    values: cells.map(row => row.map(c => c?.mean)),
    shade: value => shades.get(value)!,
  })
}
