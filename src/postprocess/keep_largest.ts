import { z } from 'zod'
import { keepLargest, threshold } from '../image/morphology.ts'
import { defineStep, perClass } from './step.ts'

/** Below this a soft value does not hold an object together (ivadomed). */
const faintest = 0.001

/**
 * The largest object of every class; voxels touch by faces. Soft values are kept inside it. ivadomed joins objects of
 * different classes into one and keeps a single one of all; here every class keeps its own.
 */
export const keepLargestStep = defineStep({
  summary: 'keeps the largest connected object of every class (6 neighbours)',
  params: z.strictObject({}),
  apply: prediction => perClass(prediction, data => keepLargest(data, threshold(data, faintest), prediction.shape, 6)),
})
