import { ratio, type Comparison, type Metric } from './comparison.ts'

/** True objects: how many there are (of a size bin), and how many were detected. */
function trueObjects(c: Comparison, bin?: number): { readonly count: number; readonly detected: number } {
  const objects = c.objects()
  let count = 0
  let detected = 0
  for (let g = 1; g <= objects.gt.count; g++) {
    if (bin !== undefined && c.gtBins()[g] !== bin) continue
    count++
    if (objects.detected[g]) detected++
  }
  return { count, detected }
}

/**
 * Spurious objects, or those that ivadomed counts for a size bin: not by their own size, but by the largest bin of any
 * predicted object within the true object that is their partner, or within the background if they have none.
 */
function spuriousObjects(c: Comparison, bin?: number): number {
  const { pred, spurious, partner } = c.objects()
  const largest = bin === undefined ? undefined : largestBins(c)
  let count = 0
  for (let p = 1; p <= pred.count; p++) if (spurious[p] && (!largest || largest[partner[p]!] === bin)) count++
  return count
}

/** Per true object, and for the background: the largest bin of the predicted objects that lie in it; -1 for none. */
function largestBins(c: Comparison): Int32Array {
  const { gt, visited, visitor } = c.objects()
  const bins = c.predBins()
  const largest = new Int32Array(gt.count + 1).fill(-1)
  for (let v = 0; v < visited.length; v++) largest[visited[v]!] = Math.max(largest[visited[v]!]!, bins[visitor[v]!]!)
  return largest
}

function falseDetectionRate(c: Comparison, bin?: number): number {
  const spurious = spuriousObjects(c, bin)
  return ratio(spurious, trueObjects(c, bin).detected + spurious)
}

/**
 * Objects: how many, the rate of true ones that were detected (ltpr, "lesion true positive rate"), and the rate of false ones
 * among the detections (lfdr, "lesion false detection rate"). The rates are undefined when object detection is off.
 */
export const detection: Metric = {
  group: 'ivadomed',
  compute(c) {
    const { count, detected } = trueObjects(c)
    const rates = c.params.object_detection_metrics
    return {
      n_pred: c.objects().pred.count,
      n_gt: count,
      ltpr: rates ? ratio(detected, count) : NaN,
      lfdr: rates ? falseDetectionRate(c) : NaN,
    }
  },
}

/** The same by size of the objects: `ltpr_0-20vox`, `n_0-20vox` (how many true ones), `lfdr_0-20vox`. */
export const detectionBySize: Metric = {
  group: 'ivadomed',
  compute(c, seen) {
    const values: Record<string, number> = {}
    c.bins.forEach(({ name }, bin) => {
      if (!seen.gt.has(bin)) return
      const { count, detected } = trueObjects(c, bin)
      values[`ltpr_${name}`] = ratio(detected, count)
      values[`n_${name}`] = count
    })
    c.bins.forEach(({ name }, bin) => {
      if (seen.pred.has(bin)) values[`lfdr_${name}`] = falseDetectionRate(c, bin)
    })
    return values
  },
}
