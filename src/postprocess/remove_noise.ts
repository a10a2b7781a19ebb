import { z } from 'zod'
import { keepFrom } from '../image/morphology.ts'
import { defineStep } from './step.ts'

/** Soft values below `thr` become 0. As ivadomed documents it: strictly below (its code removes those equal to `thr` too). */
export const removeNoise = defineStep({
  summary: 'sets values strictly below thr to 0, and keeps the others as they are',
  params: z.strictObject({
    thr: z.number().max(1).default(-1).describe('values strictly below this become 0; below 0 (such as -1): off'),
  }),
  apply: (prediction, { thr }) => (thr < 0 ? prediction : { ...prediction, data: keepFrom(prediction.data, thr) }),
})
