import { boundary, distancesTo } from '../image/distance.ts'
import { quantile } from '../statistics/quantile.ts'
import { ratio, type Metric } from './comparison.ts'

/** Header sizes are float32, so a distance of 1 mm may be 1.0000001. */
const rounding = 1e-6

/**
 * Distances in mm between the surfaces of prediction and truth (each the boundary voxels of its mask, `boundary`), measured from
 * every voxel of one surface to the nearest of the other, both ways:
 * - `hd95`: the larger of the two 95th percentiles (linear, as numpy's);
 * - `assd`: the mean of all distances of both ways, average symmetric surface distance;
 * - `nsd`: the part of all of them that is at most the tolerance, normalised surface Dice (Nikolov et al., 2021, with voxels as the
 *   elements of the surface).
 * Where one mask is empty, distances are undefined and nsd is 0; where both are, all is undefined.
 */
export const surface: Metric = {
  group: 'surface',
  compute({ pair, predMask, gtMask, params }) {
    const { shape } = pair.box
    const pred = boundary(predMask, shape)
    const gt = boundary(gtMask, shape)
    if (pred.length === 0 || gt.length === 0) return { hd95: NaN, assd: NaN, nsd: ratio(0, pred.length + gt.length) }
    const way = (from: Int32Array, to: Int32Array): Float64Array =>
      distancesTo(painted(to, predMask.length), shape, pair.spacing, from).sort()
    const forth = way(pred, gt)
    const back = way(gt, pred)
    const all = forth.length + back.length
    const within = (d: Float64Array): number => d.reduce((n, x) => (x <= params.surface_tolerance * (1 + rounding) ? n + 1 : n), 0)
    const sum = (d: Float64Array): number => d.reduce((a, b) => a + b, 0)
    return {
      hd95: Math.max(quantile(forth, 0.95), quantile(back, 0.95)),
      assd: (sum(forth) + sum(back)) / all,
      nsd: (within(forth) + within(back)) / all,
    }
  },
}

function painted(voxels: Int32Array, size: number): Uint8Array {
  const mask = new Uint8Array(size)
  for (const i of voxels) mask[i] = 1
  return mask
}
