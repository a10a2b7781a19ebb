import { paintLabels } from '../image/components.ts'
import { ratio, type Comparison, type Metric } from './comparison.ts'
import { wantedOverlap } from './objects.ts'
import { exactBins } from './sizes.ts'

/** What was found of the true objects, and what of the predicted ones is true. */
interface Matches {
  /** Sizes in voxels, by number; 0 is the background. */
  readonly gt: Int32Array
  readonly pred: Int32Array
  readonly detected: Uint8Array
  readonly matched: Uint8Array
}

/**
 * Which object is on which, by the voxels that they share. A true object is detected when enough of its voxels are predicted;
 * a predicted object is a match when it shares enough with one true object. Enough is what `overlap` wants, but never more than the
 * smaller of the two has, and at least one voxel: an object of two voxels that is predicted exactly is found (ivadomed: lost).
 */
function match(c: Comparison): Matches {
  const pred = c.predObjects()
  const { gt } = c.objects()
  const gtAt = paintLabels(gt, c.gtMask.length)
  const found = new Int32Array(gt.count + 1)
  const shared = new Map<number, number>()
  for (let run = 0; run < pred.start.length; run++) {
    const p = pred.label[run]!
    for (let i = pred.start[run]!; i < pred.end[run]!; i++) {
      const g = gtAt[i]!
      if (g === 0) continue
      found[g]!++
      const key = p * (gt.count + 1) + g
      shared.set(key, (shared.get(key) ?? 0) + 1)
    }
  }
  const wanted = (g: number): number => Math.max(1, wantedOverlap(c.params.overlap, gt.sizes[g]!, c.voxelMm3))
  const detected = Uint8Array.from(found, (voxels, g) => (g > 0 && voxels >= Math.min(wanted(g), gt.sizes[g]!) ? 1 : 0))
  const matched = new Uint8Array(pred.count + 1)
  for (const [key, voxels] of shared) {
    const g = key % (gt.count + 1)
    const p = (key - g) / (gt.count + 1)
    if (voxels >= Math.min(wanted(g), gt.sizes[g]!, pred.sizes[p]!)) matched[p] = 1
  }
  return { gt: gt.sizes, pred: pred.sizes, detected, matched }
}

/** How many objects have a size in (above, most], and how many of them are flagged. */
function count(sizes: Int32Array, flags: Uint8Array, above: number, most: number): { readonly all: number; readonly flagged: number } {
  let all = 0
  let flagged = 0
  for (let k = 1; k < sizes.length; k++)
    if (sizes[k]! > above && sizes[k]! <= most) {
      all++
      flagged += flags[k]!
    }
  return { all, flagged }
}

/**
 * Objects, each counted by its own size: `object_recall`, the part of the true objects that was detected, and
 * `object_false_discovery_rate`, the part of the predicted objects that is no true one. Sizes have the same columns for every class
 * and image: also how many there are, `n_gt_objects_0-20vox` and `n_pred_objects_0-20vox`. None when object detection is off.
 */
export const lesions: Metric = {
  group: 'objects',
  compute(c) {
    const values: Record<string, number> = {}
    if (!c.params.object_detection_metrics) return values
    const matches = match(c)
    const rates = (above: number, most: number, suffix: string, counts: boolean): void => {
      const gt = count(matches.gt, matches.detected, above, most)
      const pred = count(matches.pred, matches.matched, above, most)
      if (counts) {
        values[`n_gt_objects${suffix}`] = gt.all
        values[`n_pred_objects${suffix}`] = pred.all
      }
      values[`object_recall${suffix}`] = ratio(gt.flagged, gt.all)
      values[`object_false_discovery_rate${suffix}`] = ratio(pred.all - pred.flagged, pred.all)
    }
    rates(0, Infinity, '', false)
    for (const { name, above, most } of exactBins(c.params.target_size, c.voxelMm3)) rates(above, most, `_${name}`, true)
    return values
  },
}
