import { ratio, type Comparison, type Metric } from './comparison.ts'

/** True objects: how many there are (of a size bin), and how many were detected. */
function trueObjects({ objects, gtBins }: Comparison, bin?: number): { readonly count: number; readonly detected: number } {
  let count = 0
  let detected = 0
  for (let g = 1; g <= objects.gt.count; g++) {
    if (bin !== undefined && gtBins[g] !== bin) continue
    count++
    if (objects.detected[g]) detected++
  }
  return { count, detected }
}

/**
 * Spurious objects, or those that ivadomed counts for a size bin: not by their own size, but by the largest bin of any
 * predicted object within the true object that is their partner, or within the background if they have none.
 */
function spuriousObjects({ objects, predBins }: Comparison, bin?: number): number {
  const inBin = objects.visitors.map(visitors => bin === undefined || bin === [...visitors].reduce((a, p) => Math.max(a, predBins[p]!), -1))
  let count = 0
  for (let p = 1; p <= objects.pred.count; p++) if (objects.spurious[p] && inBin[objects.partner[p]!]) count++
  return count
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
  compute(c) {
    const { count, detected } = trueObjects(c)
    return {
      n_pred: c.objects.pred.count,
      n_gt: count,
      ltpr: c.detection ? ratio(detected, count) : NaN,
      lfdr: c.detection ? falseDetectionRate(c) : NaN,
    }
  },
}

/** The same by size of the objects: `ltpr_0-20vox`, `n_0-20vox` (how many true ones), `lfdr_0-20vox`. */
export const detectionBySize: Metric = {
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
