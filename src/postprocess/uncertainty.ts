import { z } from 'zod'
import { defineStep } from './step.ts'

const maps = ['_unc-vox', '_unc-avgUnc', '_unc-cv', '_unc-iou', '_soft'] as const
/** Which maps say how certain the model is; the others say how uncertain. */
const ofCertainty: readonly string[] = ['_unc-iou', '_soft']

/** The map that a `suffix` names: `_unc-vox.nii.gz` is the map `_unc-vox`, as ivadomed names its file. */
export const mapOf = (suffix: string): string => suffix.replace(/\.nii\.gz$/, '')

/**
 * The prediction where the model is certain, 0 elsewhere: where the map is strictly below thr; for `_unc-iou` and `_soft`, which are
 * high where it is certain, strictly above. As ivadomed.
 */
export const uncertainty = defineStep({
  summary: 'keeps the voxels that the model is certain of, by a map of uncertainty',
  params: z.strictObject({
    thr: z.number().default(-1).describe('limit on the uncertainty; below 0 (such as -1): off'),
    suffix: z
      .enum(maps.map(map => `${map}.nii.gz`))
      .default('_unc-vox.nii.gz')
      .describe('which uncertainty map is compared with thr: kept is what is below thr, with _unc-iou and _soft what is above'),
  }),
  apply(prediction, { thr, suffix }) {
    if (thr < 0) return prediction
    const name = mapOf(suffix)
    const map = prediction.uncertainty?.[name]
    if (map?.length !== prediction.data.length) throw new Error(`there is no map ${name} of the shape of the prediction`)
    const keep = ofCertainty.includes(name) ? (u: number) => u > thr : (u: number) => u < thr
    return { ...prediction, data: prediction.data.map((value, i) => (keep(map[i]!) ? value : 0)) }
  },
})
