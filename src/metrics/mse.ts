import type { Metric } from './comparison.ts'

/**
 * ivadomed's `mse`, under its name: the sum of squared errors over the voxels of one slice (first axis times second), not
 * over all voxels. In 3D it is the mean squared error times the depth.
 */
export const mse: Metric = {
  group: 'ivadomed',
  compute: ({ sums, pair: { shape } }) => ({ mse: sums.squaredError / (shape[0] * shape[1]) }),
}
