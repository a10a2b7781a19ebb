import { z } from 'zod'
import type { PatchGrid } from './patches.ts'

const pair = z.tuple([z.int().positive(), z.int().positive()])

/** How training cuts slices into patches: `length_2D` and `stride_2D` of ivadomed's default_model, and its `patch_filter_params`. */
export const patchParams = z
  .strictObject({
    length_2D: pair.describe('height and width of a patch, in pixels after the preprocessing; smaller slices get zeros around'),
    stride_2D: pair
      .optional()
      .describe('how far apart patches begin; the last of a row is moved back inside. At most length_2D; if absent: length_2D, no overlap'),
    filter_empty_mask: z
      .boolean()
      .default(false)
      .describe('drop patches of training and validation where the labels of all classes are empty'),
    filter_empty_input: z.boolean().default(false).describe('drop those whose pixels all have one value'),
    filter_absent_class: z.boolean().default(false).describe('drop those where the label of at least one class is empty'),
  })
  .refine(p => p.stride_2D === undefined || p.stride_2D.every((step, axis) => step <= p.length_2D[axis]!), {
    path: ['stride_2D'],
    error: 'larger than length_2D, so that pixels between patches would be left out',
  })
export type PatchParams = z.infer<typeof patchParams>

/** Where the patches of slices lie. */
export const gridOf = ({ length_2D: length, stride_2D: stride = length }: PatchParams): PatchGrid => ({ length, stride })
