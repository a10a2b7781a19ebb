import type { Voxels } from '../image/morphology.ts'
import type { Shape3 } from '../image/volume.ts'
import { voxelMm3 } from '../image/voxel.ts'
import { compare, type EvaluationParams, type Metric } from './comparison.ts'
import { detection, detectionBySize } from './detection.ts'
import { mse } from './mse.ts'
import { paintObjects } from './objects.ts'
import { overlap } from './overlap.ts'
import { volume } from './volume.ts'

export type { EvaluationParams } from './comparison.ts'

/** Every family of metrics, in the order of their columns. */
export const metricFamilies: readonly Metric[] = [volume, overlap, detection, mse, detectionBySize]

/** A prediction and its ground truth in one grid. */
export interface Evaluated {
  /** Soft or binary; first axis fastest, one class after the other. */
  readonly pred: Voxels
  /** 0 or 1, laid out as `pred`. */
  readonly gt: Uint8Array
  readonly shape: Shape3
  readonly classes: number
  /** Millimetres, as the header has them. */
  readonly spacing: readonly [number, number, number]
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

/** All metrics of one image, as ivadomed's Evaluation3DMetrics names, orders and defines them. */
export function evaluate({ pred, gt, shape, classes, spacing }: Evaluated, params: EvaluationParams): Evaluation {
  const size = pred.length / classes
  const columns: string[] = []
  const values: number[] = []
  const painted = params.object_detection_metrics ? new Uint8Array(pred.length) : undefined
  const seen = { gt: new Set<number>(), pred: new Set<number>() }
  for (let index = 0; index < classes; index++) {
    const from = index * size
    const c = compare(pred.subarray(from, from + size), gt.subarray(from, from + size), shape, voxelMm3(spacing), params)
    for (const bin of c.gtBins) seen.gt.add(bin)
    for (const bin of c.predBins) seen.pred.add(bin)
    for (const family of metricFamilies)
      for (const [name, value] of Object.entries(family.compute(c, seen))) {
        columns.push(columnName(name, index, classes))
        values.push(value)
      }
    if (painted) paintObjects(c.objects, painted.subarray(from, from + size))
  }
  return { columns, values, painted }
}
