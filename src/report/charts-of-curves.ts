import type { EpochRecord } from '../net/curves.ts'
import type { LineChart } from './line-chart.ts'

/** What is drawn of a training: loss, Dice and learning rate over the epochs; the best one is marked. */
export function chartsOfCurves(curves: readonly EpochRecord[], bestEpoch: number): readonly LineChart[] {
  const x = { name: 'epoch', values: curves.map(e => e.epoch) }
  const mark = { at: bestEpoch, text: `kept: epoch ${bestEpoch}` }
  const finite = (values: readonly (number | null)[]) => values.map(v => (v !== null && Number.isFinite(v) ? v : null))
  const series = (name: string, of: (e: EpochRecord) => number | null) => ({ name, values: finite(curves.map(of)) })
  const losses = [series('training', e => e.trainLoss), series('validation', e => e.validationLoss)]
  const dice = [series('mean of slices', e => e.validationDice), series('all together', e => e.validationDiceGlobal)]
  const rate = [series('learning rate', e => e.learningRate)]
  return [
    { title: 'Loss', x, y: 'loss', series: losses, mark },
    { title: 'Validation Dice (soft)', x, y: 'Dice', series: dice, within: [0, 1], mark },
    { title: 'Learning rate', x, y: 'learning rate', series: rate, within: [0, 0], mark },
  ]
}
