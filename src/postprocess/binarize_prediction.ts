import { z } from 'zod'
import { threshold } from '../image/morphology.ts'
import { defineStep } from './step.ts'

/** A mask of the voxels whose value is at least `thr`. */
export const binarizePrediction = defineStep({
  summary: 'makes a mask of the voxels with a value of at least thr',
  params: z.strictObject({
    thr: z.number().max(1).default(0.5).describe('values of at least this become 1, the others 0; below 0 (such as -1): off'),
  }),
  apply: (prediction, { thr }) => (thr < 0 ? prediction : { ...prediction, data: threshold(prediction.data, thr) }),
})
