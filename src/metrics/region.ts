import { ratio, type Metric } from './comparison.ts'

/**
 * Voxel by voxel, by the definitions of the field: `iou` (Jaccard); `relative_volume_difference`, (prediction - truth) / truth, so
 * that positive means predicted too much (ivadomed's `rvd` has the other sign); `mean_squared_error` over all voxels of the image
 * (ivadomed's `mse` divides by those of one slice). In their soft forms where values are.
 */
export const region: Metric = {
  group: 'overlap',
  compute({ sums: s }) {
    return {
      iou: ratio(s.truePositive, s.pred + s.gt - s.truePositive),
      relative_volume_difference: ratio(s.pred - s.gt, s.gt),
      mean_squared_error: s.squaredError / s.voxels,
    }
  },
}
