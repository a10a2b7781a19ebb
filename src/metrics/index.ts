import type { SpacingMm } from '../image/distance.ts'
import type { Voxels } from '../image/morphology.ts'
import type { Shape3 } from '../image/volume.ts'
import { compare, type EvaluationParams, type Metric } from './comparison.ts'
import { detection, detectionBySize } from './detection.ts'
import { lesions } from './lesions.ts'
import { mse } from './mse.ts'
import { paintObjects } from './objects.ts'
import { overlap } from './overlap.ts'
import { pairOf, pasteBox, type Pair } from './pair.ts'
import { region } from './region.ts'
import { surface } from './surface.ts'
import { volume } from './volume.ts'

export { metricGroups, type EvaluationParams } from './comparison.ts'
export { pairOf, pairsOfLabels, type LabelMap, type Pair } from './pair.ts'

/** Every family of metrics, in the order of their columns: ivadomed's in its order, then ours. */
export const metricFamilies: readonly Metric[] = [volume, overlap, detection, mse, detectionBySize, region, surface, lesions]

/** A prediction and its ground truth in one grid. */
export interface Evaluated {
  /** Soft (float32) or 0 and 1 (uint8); first axis fastest, one class after the other. */
  readonly pred: Voxels
  /** Laid out as `pred`; soft or 0 and 1. */
  readonly gt: Voxels
  readonly shape: Shape3
  readonly classes: number
  /** Millimetres, as the header has them. */
  readonly spacing: SpacingMm
}

/** The row of the table of 3D metrics for one image. */
export interface Evaluation {
  readonly columns: readonly string[]
  /** NaN where a metric is undefined. */
  readonly values: readonly number[]
  /** 1 true positive, 2 false positive, 3 false negative objects, laid out as the prediction; only with object detection. */
  readonly painted: Uint8Array<ArrayBuffer> | undefined
}

/** ivadomed names a class in every column but the number of objects of a size, which its classes overwrite for each other. */
const columnName = (name: string, index: number, classes: number): string =>
  classes === 1 && /^n_\d/.test(name) ? name : `${name}_class${index}`

/** The row of an image as it grows, class by class: so that only one class need be held. */
export class RowOfClasses {
  readonly columns: string[] = []
  /** NaN where a metric is undefined. */
  readonly values: number[] = []
  readonly #classes: number
  readonly #params: EvaluationParams
  readonly #seen = { gt: new Set<number>(), pred: new Set<number>() }
  #index = 0

  constructor(classes: number, params: EvaluationParams) {
    this.#classes = classes
    this.#params = params
  }

  /** Measures the next class. With object detection its objects are painted into `paint`, an image of zeros of the whole shape. */
  add(pair: Pair, paint?: Uint8Array): void {
    const c = compare(pair, this.#params)
    const families = metricFamilies.filter(family => this.#params.metrics.includes(family.group))
    if (families.includes(detectionBySize)) {
      for (const bin of c.gtBins()) this.#seen.gt.add(bin)
      for (const bin of c.predBins()) this.#seen.pred.add(bin)
    }
    for (const family of families)
      for (const [name, value] of Object.entries(family.compute(c, this.#seen))) {
        this.columns.push(columnName(name, this.#index, this.#classes))
        this.values.push(value)
      }
    this.#index++
    if (!paint) return
    const part = new Uint8Array(pair.pred.length)
    paintObjects(c.objects(), part)
    pasteBox(part, pair, paint)
  }
}

/** All metrics of one image: ivadomed's as its Evaluation3DMetrics names, orders and defines them, and those of the field. */
export function evaluate({ pred, gt, shape, classes, spacing }: Evaluated, params: EvaluationParams): Evaluation {
  const size = pred.length / classes
  const row = new RowOfClasses(classes, params)
  const painted = params.object_detection_metrics ? new Uint8Array(pred.length) : undefined
  for (let index = 0; index < classes; index++) {
    const [from, to] = [index * size, (index + 1) * size]
    row.add(pairOf(pred.subarray(from, to), gt.subarray(from, to), shape, spacing), painted?.subarray(from, to))
  }
  return { columns: row.columns, values: row.values, painted }
}
