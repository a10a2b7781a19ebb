import type { MadeRuns } from '../compare/made-runs.ts'

const facts = { 'sub-1_T2w': { sex: 'F' }, 'sub-2_T2w': { sex: 'M' }, 'sub-3_T2w': { sex: 'F' }, 'sub-4_T2w': { sex: 'M' } }

/** Four subjects with Dice and HD95. */
const metricsOf = (dice: readonly number[], hd95: readonly number[]) =>
  Object.fromEntries(Object.keys(facts).map((image, i) => [image, { dice_class0: dice[i]!, hd95_class0: hd95[i]!, vol_pred_class0: 10 }]))

/** Folders of two runs on the same subjects. A param of one looks like HTML. */
export const twoRuns = (runs: MadeRuns): readonly string[] => [
  runs.make('unet', { facts, params: { index: { contrast: 'T1w' } }, metrics: metricsOf([0.8, 0.7, 0.9, 0.6], [1, 2, 3, 4]) }),
  runs.make('unet', { facts, params: { index: { contrast: '<T2w>' } }, metrics: metricsOf([0.9, 0.7, 0.85, 0.75], [1.5, 2.5, 2, 4.5]) }),
]

/** The same, and a third. */
export const threeRuns = (runs: MadeRuns): readonly string[] => [
  ...twoRuns(runs),
  runs.make('film', { facts, params: { index: { contrast: 'T1w' } }, metrics: metricsOf([0.85, 0.75, 0.95, 0.7], [1, 1.5, 2.5, 3]) }),
]
