import { z } from 'zod'
import { fail } from '../failure.ts'
import { removeSmall } from '../image/morphology.ts'
import { roundHalfEven } from '../image/round.ts'
import { voxelMm3 } from '../image/voxel.ts'
import { defineStep, perClass } from './step.ts'

const size = z.int().nonnegative()

/**
 * Objects smaller than `thr` removed, each class by itself; voxels touch by faces and edges. Sizes in mm³ are rounded to
 * voxels, as ivadomed does.
 */
export const removeSmallStep = defineStep({
  summary: 'removes connected objects smaller than thr (18 neighbours)',
  params: z.strictObject({
    unit: z.enum(['vox', 'mm3']).default('vox').describe('what thr counts: voxels or cubic millimetres'),
    thr: z.union([size, z.array(size).min(1)]).describe('objects smaller than this are removed: one value, or a list with one per class'),
  }),
  apply(prediction, { unit, thr }) {
    const { classes, shape, spacing } = prediction
    if (Array.isArray(thr) && thr.length !== classes)
      fail({ kind: 'values-per-class', param: 'remove_small.thr', values: thr.length, classes })
    const toVoxels = (x: number): number => (unit === 'vox' ? x : roundHalfEven(x / voxelMm3(spacing)))
    return perClass(prediction, (data, c) => removeSmall(data, shape, 18, toVoxels(Array.isArray(thr) ? thr[c]! : thr)))
  },
})
