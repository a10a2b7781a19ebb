import { ratio, type Metric } from './comparison.ts'

/** Volumes in mm³; their relative difference (truth - prediction) / truth (positive: predicted too little), and its size. */
export const volume: Metric = {
  group: 'ivadomed',
  compute({ sums, voxelMm3 }) {
    const pred = sums.pred * voxelMm3
    const gt = sums.gt * voxelMm3
    const rvd = ratio(gt - pred, gt)
    return { vol_pred: pred, vol_gt: gt, rvd, avd: Math.abs(rvd) }
  },
}
