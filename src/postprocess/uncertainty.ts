import { z } from 'zod'
import { defineStep } from './step.ts'

const maps = ['_unc-vox', '_unc-avgUnc', '_unc-cv', '_unc-iou', '_soft'] as const

/** Off, or refused while the pipeline is checked: no step makes uncertainty maps yet. */
export const uncertainty = defineStep({
  summary: 'keeps the voxels that the model is certain of; only switched off (thr: -1) for now',
  params: z.strictObject({
    thr: z
      .number()
      .default(-1)
      .refine(thr => thr < 0, 'needs uncertainty maps, which this version does not make; thr: -1 switches the step off')
      .describe('limit on the uncertainty; below 0 (such as -1): off'),
    suffix: z
      .enum(maps.map(map => `${map}.nii.gz`))
      .default('_unc-vox.nii.gz')
      .describe('which uncertainty map is compared with thr'),
  }),
  apply: prediction => prediction,
})
