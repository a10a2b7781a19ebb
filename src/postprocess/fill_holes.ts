import { z } from 'zod'
import { fillHoles, threshold } from '../image/morphology.ts'
import { defineStep, perClass } from './step.ts'

/** Masks (values of at least 0.5) with their holes filled, each class by itself. */
export const fillHolesStep = defineStep({
  summary: 'makes masks of the values of at least 0.5, and fills the holes that they enclose',
  params: z.strictObject({}),
  apply: prediction => perClass(prediction, data => fillHoles(threshold(data, 0.5), prediction.shape)),
})
