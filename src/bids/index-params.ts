import { z } from 'zod'
import { imageExtensions } from '../image/formats.ts'

const suffix = z.string().min(1)

/** The params of the index, as a pipeline has them. */
export const indexParams = z
  .strictObject({
    contrasts: z.array(suffix).default([]).describe('suffixes of the images to take, such as T1w and T2w; empty: all'),
    target_suffix: z
      .array(z.union([suffix, z.array(suffix).min(1)]))
      .default([])
      .describe('one label a class, such as _seg-manual; a list in the place of a label: several raters. Empty: images need no label'),
    extensions: z
      .array(
        z
          .string()
          .refine(
            e => imageExtensions.some(known => known === e.toLowerCase()),
            `cannot be read: images are ${imageExtensions.join(', ')} (TIFF of one page)`,
          ),
      )
      .min(1)
      .default(['.nii', '.nii.gz'])
      .describe(
        'what the names of images and labels end with, from the first dot on; .png and .tif are pictures of microscopy, whose sidecars say PixelSize and PixelSizeUnits',
      ),
    roi_suffix: suffix.optional().describe('a label that marks the region of interest; images without it are not used'),
    target_sessions: z.array(suffix).default([]).describe('sessions to take, such as 01 or ses-01; empty: all'),
    bids_validate: z
      .boolean()
      .default(true)
      .describe(
        'false: names below sub-* that BIDS does not know are taken too: the letters and digits before the extension are the contrast',
      ),
    bids_config: suffix
      .nullable()
      .default(null)
      .describe('a configuration of pybids, whose patterns find entities in paths; such names need not be of BIDS either'),
    multichannel: z
      .boolean()
      .default(false)
      .describe('true: the contrasts are the channels of one image, in the order of the list; all must be there, on one grid'),
    label_contrast: suffix
      .optional()
      .describe('with multichannel, the contrast whose labels count; left out: class by class those of the first channel that has any'),
  })
  .superRefine((p, check) => {
    const refuse = (path: string, message: string): void => check.addIssue({ code: 'custom', path: [path], message })
    if (p.multichannel && p.contrasts.length === 0) refuse('contrasts', 'multichannel needs the contrasts: they are the channels, in order')
    if (p.multichannel && new Set(p.contrasts).size < p.contrasts.length) refuse('contrasts', 'a contrast can be one channel only')
    if (p.label_contrast !== undefined && !p.multichannel) refuse('label_contrast', 'means something only with multichannel')
    if (p.multichannel && p.label_contrast !== undefined && !p.contrasts.includes(p.label_contrast))
      refuse('label_contrast', `should be one of the contrasts: ${p.contrasts.join(', ')}`)
  })

/** The params of the index after validation. */
export type CheckedIndexParams = z.infer<typeof indexParams>
