import { ratio, type Metric } from './comparison.ts'

/** Voxel by voxel: Dice, recall, precision and specificity, in their soft forms where the prediction is soft. */
export const overlap: Metric = {
  group: 'ivadomed',
  compute({ sums: s }) {
    return {
      dice: ratio(2 * s.truePositive, s.pred + s.gt),
      recall: ratio(s.truePositive, s.truePositive + s.falseNegative),
      precision: ratio(s.truePositive, s.truePositive + s.falsePositive),
      specificity: ratio(s.trueNegative, s.trueNegative + s.falsePositive),
    }
  },
}
