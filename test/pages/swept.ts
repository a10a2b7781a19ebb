import { rank } from '../../src/cli/sweep-table.ts'
import type { TrialResult } from '../../src/cli/sweep-trials.ts'
import { sweptTrials } from '../../src/cli/swept-trials.ts'
import type { Values } from '../../src/sweep/space.ts'

/** A trial as a sweep gives it, with Dice and HD95. */
export const trial = (number: number, values: Values, dice: number | null, hd95 = 1): TrialResult => ({
  ...{ trial: number, run: `20261126-07000${number}-aaaaaa`, dir: `/runs/${number}`, state: dice === null ? 'failed' : 'done', values },
  metrics: dice === null ? {} : { metrics: { dice_class0: dice, hd95_class0: hd95, vol_gt_class0: 10 } },
})

/** What `sweep.html` is made of, of trials in their own order. */
export const swept = (trials: readonly TrialResult[]) => sweptTrials('quickstart', rank(trials))

/** Two losses at three learning rates; one trial failed. */
export const gridOfTrials: readonly TrialResult[] = [
  trial(1, { 'model.loss': 'DiceLoss', 'model.lr': 0.0001 }, 0.5, 4),
  trial(2, { 'model.loss': 'DiceLoss', 'model.lr': 0.001 }, 0.9, 1),
  trial(3, { 'model.loss': 'DiceLoss', 'model.lr': 0.01 }, 0.8, 2),
  trial(4, { 'model.loss': '<Focal>', 'model.lr': 0.0001 }, 0.4, 5),
  trial(5, { 'model.loss': '<Focal>', 'model.lr': 0.001 }, 0.7, 3),
  trial(6, { 'model.loss': '<Focal>', 'model.lr': 0.01 }, null),
]
