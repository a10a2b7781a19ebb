import type { Objects } from '../image/components.ts'
import { findObjects } from '../image/components.ts'
import { voxelMm3 } from '../image/voxel.ts'
import { pairObjects, type ObjectPairs, type Overlap } from './objects.ts'
import { maskOf, type Pair } from './pair.ts'
import { binOf, sizeBins, type SizeBin, type SizeLimits } from './sizes.ts'

/** Groups of metrics, in the order of their columns. */
export const metricGroups = ['ivadomed', 'overlap', 'surface', 'objects'] as const
export type MetricGroup = (typeof metricGroups)[number]

/** What is measured, and by which limits. */
export interface EvaluationParams {
  /** Which groups of metrics have columns. */
  readonly metrics: readonly MetricGroup[]
  /** False: no detection rates, no painted volume. */
  readonly object_detection_metrics: boolean
  readonly target_size: SizeLimits
  readonly overlap: Overlap
  /** Millimetres: surfaces at most this far apart agree. */
  readonly surface_tolerance: number
}

/** One class of one image: prediction and ground truth, and what all metrics are made from. What costs is made when first asked for. */
export interface Comparison {
  readonly pair: Pair
  readonly params: EvaluationParams
  readonly voxelMm3: number
  readonly sums: Sums
  /** Prediction and truth as masks: values of at least 0.5. */
  readonly predMask: Uint8Array
  readonly gtMask: Uint8Array
  /** The objects as ivadomed matches them; predicted are all voxels that are not 0. */
  readonly objects: () => ObjectPairs
  readonly bins: readonly SizeBin[]
  /** The bin of every object, by its number. */
  readonly gtBins: () => readonly number[]
  readonly predBins: () => readonly number[]
  /** The objects of `predMask`; voxels touch by faces and edges. */
  readonly predObjects: () => Objects
}

/** Sums over the voxels; `true positive` and so on are sums of products where one of the two is soft. */
export interface Sums {
  /** Of the whole image. */
  readonly voxels: number
  readonly pred: number
  readonly gt: number
  readonly truePositive: number
  readonly falsePositive: number
  readonly falseNegative: number
  readonly trueNegative: number
  readonly squaredError: number
}

/** Compares one class. */
export function compare(pair: Pair, params: EvaluationParams): Comparison {
  const mm3 = voxelMm3(pair.spacing)
  const predMask = maskOf(pair.pred)
  const gtMask = maskOf(pair.gt)
  const { shape } = pair.box
  const objects = once(() => pairObjects(pair.pred, gtMask, shape, params.overlap, mm3, voxelsOf(pair)))
  const bins = params.object_detection_metrics ? sizeBins(params.target_size, mm3) : []
  const binsOf = (sizes: Int32Array): readonly number[] => Array.from(sizes, (size, k) => (k === 0 ? -1 : binOf(bins, size)))
  return {
    pair,
    params,
    voxelMm3: mm3,
    sums: sumsOf(pair),
    predMask,
    gtMask,
    objects,
    bins,
    gtBins: once(() => binsOf(objects().gt.sizes)),
    predBins: once(() => binsOf(objects().pred.sizes)),
    predObjects: once(() => (predMask === pair.pred ? objects().pred : findObjects(predMask, shape, 18))),
  }
}

/** Made when first asked for, and kept. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

const voxelsOf = ({ shape }: Pair): number => shape[0] * shape[1] * shape[2]

/** Outside of the box both are 0, and all that is counted there is true negative. */
function sumsOf(pair: Pair): Sums {
  const { pred, gt } = pair
  let predSum = 0
  let gtSum = 0
  let both = 0
  let squaredError = 0
  for (let i = 0; i < pred.length; i++) {
    const p = pred[i]!
    const g = gt[i]!
    if (p === 0 && g === 0) continue
    predSum += p
    gtSum += g
    both += p * g
    squaredError += (g - p) * (g - p)
  }
  const voxels = voxelsOf(pair)
  return {
    voxels,
    pred: predSum,
    gt: gtSum,
    truePositive: both,
    falsePositive: predSum - both,
    falseNegative: gtSum - both,
    trueNegative: voxels - predSum - gtSum + both,
    squaredError,
  }
}

/** A family of metrics: numbers by name, NaN where undefined, in the order of their columns. */
export interface Metric {
  readonly group: MetricGroup
  compute(c: Comparison, seen: SeenBins): Readonly<Record<string, number>>
}

/** Which size bins have an object in this class or in one before it: only these have columns (ivadomed). */
export interface SeenBins {
  readonly gt: ReadonlySet<number>
  readonly pred: ReadonlySet<number>
}

/** a / b; NaN where b is 0. */
export const ratio = (a: number, b: number): number => (b === 0 ? NaN : a / b)
