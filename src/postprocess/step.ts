import type { z } from 'zod'
import type { Voxels } from '../image/morphology.ts'
import type { Shape3 } from '../image/volume.ts'

/** What a network predicts for an image: per class values of 0 to 1 (float32), or a mask of 0 and 1 (uint8). */
export interface Prediction {
  /** First axis fastest; one class after the other. */
  readonly data: Voxels
  readonly shape: Shape3
  readonly classes: number
  /** Millimetres, as the header has them. */
  readonly spacing: readonly [number, number, number]
  /** Maps of uncertainty by name (`_unc-vox`), laid out as `data`: those that a step asks for. */
  readonly uncertainty?: Readonly<Record<string, Voxels>>
}

/** One step of postprocessing. */
export interface Step {
  /** One sentence, for the documentation. */
  readonly summary: string
  readonly params: z.ZodObject
  /** Gives another prediction and leaves its own alone. `params` are checked again here. */
  run(prediction: Prediction, params: unknown): Prediction
}

/** A step from its schema and its function, whose settings then have their types. */
export function defineStep<S extends z.ZodObject>(step: {
  readonly summary: string
  readonly params: S
  apply(prediction: Prediction, params: z.infer<S>): Prediction
}): Step {
  return { summary: step.summary, params: step.params, run: (prediction, params) => step.apply(prediction, step.params.parse(params)) }
}

/** The prediction with every class replaced by what `change` makes of it: all of one type. */
export function perClass(prediction: Prediction, change: (data: Voxels, index: number) => Voxels): Prediction {
  if (prediction.classes === 1) return { ...prediction, data: change(prediction.data, 0) }
  const size = prediction.data.length / prediction.classes
  const parts = Array.from({ length: prediction.classes }, (_, c) => change(prediction.data.subarray(c * size, (c + 1) * size), c))
  const data = parts.every(part => part instanceof Uint8Array)
    ? new Uint8Array(prediction.data.length)
    : new Float32Array(prediction.data.length)
  parts.forEach((part, c) => data.set(part, c * size))
  return { ...prediction, data }
}
