import type { EpochRecord } from '../net/curves.ts'
import { figure } from './figures.ts'
import { html, type Html } from './html.ts'
import { chartsOfCurves } from './charts-of-curves.ts'
import { lineChart } from './line-chart.ts'
import { sortableTable } from './table.ts'

/** A trained model, as the report tells of it. */
export interface TrainedFacts {
  readonly parameters: number
  readonly epochs: number
  readonly bestEpoch: number
  readonly bestValidationLoss: number
  readonly validationDice: number | null
  readonly stopped: 'epochs' | 'early-stopping'
  readonly channels: number
  readonly contrasts?: readonly string[] | undefined
  readonly axis: string
  readonly curves: readonly EpochRecord[]
  /** The network with its settings and the engine that trained it, as `model.json` has them. */
  readonly network: Readonly<Record<string, unknown>>
  readonly engine: string
}

const stopped = { epochs: 'all epochs done', 'early-stopping': 'stopped early' } as const

/** Facts, curves, and the same numbers as a table. */
export const trainingSection = (model: TrainedFacts): Html =>
  html`<dl class="facts">${factsOf(model).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<div class="charts">${curveCharts(model.curves, model.bestEpoch)}</div>
<details><summary>The curves as a table</summary>${curvesTable(model.curves)}</details>`

const factsOf = (m: TrainedFacts): readonly (readonly [string, string])[] => [
  ['Network', settingWords(m.network)],
  ['Parameters', m.parameters.toLocaleString('en')],
  ['Input', `${m.axis} slices, ${m.contrasts ? m.contrasts.join(' + ') : `${m.channels} ${m.channels === 1 ? 'channel' : 'channels'}`}`],
  ['Epochs', `${m.epochs}, ${stopped[m.stopped]}; weights of epoch ${m.bestEpoch} are kept`],
  ['Validation', `loss ${figure(m.bestValidationLoss)}, Dice of slices ${figure(m.validationDice)} at that epoch`],
  ['Engine', m.engine],
]

/** `Unet, depth 3, n_filters 16`. */
const settingWords = ({ name, ...settings }: Readonly<Record<string, unknown>>): string =>
  [
    String(name),
    ...Object.entries(settings).map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`),
  ].join(', ')

/** Loss, Dice and learning rate over the epochs; the best one is marked. */
export const curveCharts = (curves: readonly EpochRecord[], bestEpoch: number): readonly Html[] =>
  chartsOfCurves(curves, bestEpoch).map(lineChart)

function curvesTable(curves: readonly EpochRecord[]): Html {
  const names = ['Epoch', 'Training loss', 'Validation loss', 'Dice, mean of slices', 'Dice, all slices', 'Learning rate']
  return sortableTable({
    caption: 'Every epoch',
    columns: names.map(name => ({ name, numeric: true })),
    rows: curves.map(e => [e.epoch, e.trainLoss, e.validationLoss, e.validationDice, e.validationDiceGlobal, e.learningRate]),
  })
}
