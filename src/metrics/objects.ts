import { findObjects, paintLabels, type Objects } from '../image/components.ts'
import { nonZero, type Voxels } from '../image/morphology.ts'
import { roundHalfEven } from '../image/round.ts'
import type { Shape3 } from '../image/volume.ts'

/** How much a predicted and a true object must overlap to be matched. */
export interface Overlap {
  /** `ratio`: of the size of the true object. */
  readonly unit: 'vox' | 'mm3' | 'ratio'
  readonly thr: number
}

/** The objects of a prediction and of its ground truth (voxels touch by faces and edges), and how they lie on each other. */
export interface ObjectPairs {
  readonly pred: Objects
  readonly gt: Objects
  /** Per true object (from 1): was it detected? */
  readonly detected: readonly boolean[]
  /** Per predicted object (from 1): is it false? */
  readonly spurious: readonly boolean[]
  /** Per predicted object: the true object on it with the highest number, 0 for none. */
  readonly partner: Int32Array
  /** Which object lies in which, a pair at least once: `visited[v]` is the true object or the background (0), `visitor[v]` the predicted one. */
  readonly visited: Int32Array
  readonly visitor: Int32Array
}

/**
 * Matches objects as ivadomed does. A true object is detected when at least the wanted number of its voxels is predicted; a
 * predicted object is spurious when less than that of its voxels is true. Predicted values below 1 do not count as voxels.
 * With `ratio`, a predicted object is held against its partner, or against the background of the whole image (of `voxels`) if it
 * has none.
 */
export function pairObjects(
  predicted: Voxels,
  truth: Uint8Array,
  shape: Shape3,
  overlap: Overlap,
  voxelMm3: number,
  voxels: number,
): ObjectPairs {
  const pred = findObjects(predicted instanceof Uint8Array ? predicted : nonZero(predicted), shape, 18)
  const gt = findObjects(truth, shape, 18)
  const gtAt = paintLabels(gt, truth.length)
  const inGt = new Int32Array(gt.count + 1)
  const inPred = new Int32Array(pred.count + 1)
  const partner = new Int32Array(pred.count + 1)
  const visited: number[] = []
  const visitor: number[] = []
  for (let run = 0; run < pred.start.length; run++) {
    const p = pred.label[run]!
    let last = -1
    for (let i = pred.start[run]!; i < pred.end[run]!; i++) {
      const g = gtAt[i]!
      if (g !== last) {
        last = g
        visited.push(g)
        visitor.push(p)
      }
      if (g === 0) continue
      inPred[p]!++
      if (predicted[i]! >= 1) inGt[g]!++
      if (g > partner[p]!) partner[p] = g
    }
  }
  const background = gt.sizes[0]! + voxels - truth.length
  const wanted = (g: number): number => wantedOverlap(overlap, g === 0 ? background : gt.sizes[g]!, voxelMm3)
  const detected = Array.from(inGt, (found, g) => g > 0 && found >= wanted(g))
  const spurious = Array.from(inPred, (found, p) => p > 0 && found < wanted(partner[p]!))
  return { pred, gt, detected, spurious, partner, visited: Int32Array.from(visited), visitor: Int32Array.from(visitor) }
}

/** In voxels. */
export function wantedOverlap({ unit, thr }: Overlap, gtSize: number, voxelMm3: number): number {
  if (unit === 'vox') return thr
  return unit === 'mm3' ? roundHalfEven(thr / voxelMm3) : roundHalfEven(gtSize * thr)
}

/**
 * Every object in the colour of what it is: 1 true positive, 2 false positive, 3 false negative. Where a missed object and a
 * predicted one share voxels, the predicted one shows.
 */
export function paintObjects({ pred, gt, detected, spurious }: ObjectPairs, into: Uint8Array): void {
  for (let run = 0; run < gt.start.length; run++) if (!detected[gt.label[run]!]) into.fill(3, gt.start[run], gt.end[run])
  for (let run = 0; run < pred.start.length; run++) into.fill(spurious[pred.label[run]!] ? 2 : 1, pred.start[run], pred.end[run])
}
