import type { Voxels } from '../image/morphology.ts'
import type { Shape3 } from '../image/volume.ts'
import { pairObjects, type ObjectPairs, type Overlap } from './objects.ts'
import { binOf, sizeBins, type SizeBin, type SizeLimits } from './sizes.ts'

/** What is measured, and by which limits. */
export interface EvaluationParams {
  /** False: no detection rates, no painted volume. */
  readonly object_detection_metrics: boolean
  readonly target_size: SizeLimits
  readonly overlap: Overlap
}

/** One class of one image: prediction and ground truth, and what all metrics are made from. */
export interface Comparison {
  readonly shape: Shape3
  readonly voxelMm3: number
  readonly detection: boolean
  readonly sums: Sums
  readonly objects: ObjectPairs
  readonly bins: readonly SizeBin[]
  /** The bin of every object, by its number. */
  readonly gtBins: readonly number[]
  readonly predBins: readonly number[]
}

/** Sums over the voxels; `true positive` and so on are sums of products where the prediction is soft. */
export interface Sums {
  readonly voxels: number
  readonly pred: number
  readonly gt: number
  readonly truePositive: number
  readonly falsePositive: number
  readonly falseNegative: number
  readonly trueNegative: number
  readonly squaredError: number
}

/** Compares one class. `pred` and `gt` have the first axis fastest; `gt` is 0 or 1. */
export function compare(pred: Voxels, gt: Uint8Array, shape: Shape3, voxelMm3: number, params: EvaluationParams): Comparison {
  const objects = pairObjects(pred, gt, shape, params.overlap, voxelMm3)
  const bins = params.object_detection_metrics ? sizeBins(params.target_size, voxelMm3) : []
  const binsOf = (sizes: Int32Array): readonly number[] => Array.from(sizes, (size, k) => (k === 0 ? -1 : binOf(bins, size)))
  return {
    shape,
    voxelMm3,
    detection: params.object_detection_metrics,
    sums: sumsOf(pred, gt, objects),
    objects,
    bins,
    gtBins: binsOf(objects.gt.sizes),
    predBins: binsOf(objects.pred.sizes),
  }
}

/** Visits only voxels that are predicted: the others add nothing, or 1 each where they are true. */
function sumsOf(pred: Voxels, gt: Uint8Array, objects: ObjectPairs): Sums {
  let predSum = 0
  let both = 0
  let squaredError = 0
  let truePredicted = 0
  const { start, end } = objects.pred
  for (let run = 0; run < start.length; run++)
    for (let i = start[run]!; i < end[run]!; i++) {
      const p = pred[i]!
      const g = gt[i]!
      predSum += p
      both += p * g
      squaredError += (g - p) * (g - p)
      truePredicted += g
    }
  const voxels = pred.length
  const gtSum = voxels - objects.gt.sizes[0]!
  return {
    voxels,
    pred: predSum,
    gt: gtSum,
    truePositive: both,
    falsePositive: predSum - both,
    falseNegative: gtSum - both,
    trueNegative: voxels - predSum - gtSum + both,
    squaredError: squaredError + gtSum - truePredicted,
  }
}

/** A family of metrics: numbers by name, NaN where undefined, in the order of their columns. */
export interface Metric {
  compute(c: Comparison, seen: SeenBins): Readonly<Record<string, number>>
}

/** Which size bins have an object in this class or in one before it: only these have columns (ivadomed). */
export interface SeenBins {
  readonly gt: ReadonlySet<number>
  readonly pred: ReadonlySet<number>
}

/** a / b; NaN where b is 0. */
export const ratio = (a: number, b: number): number => (b === 0 ? NaN : a / b)
