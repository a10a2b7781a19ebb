import { z } from 'zod'
import { clahe as equalise } from '../image/clahe.ts'
import { common, defineIntensity } from './transform.ts'

/**
 * Evens out local contrast: contrast-limited adaptive histogram equalisation; values become 0 to 1. Within -1 ... 1, where
 * negative values count as 0, as ivadomed (skimage 0.19); it refuses other values, and here they go from the least to the largest.
 */
export const clahe = defineIntensity({
  kind: 'intensity',
  params: z.strictObject({
    clip_limit: z
      .number()
      .nonnegative()
      .default(3)
      .describe('At most so large a part of a tile may be of one grey level (0 to 1); 0, and 1 and more: no limit.'),
    kernel_size: z
      .array(z.int().positive())
      .min(2)
      .max(3)
      .default([8, 8])
      .describe('Height and width of a tile, in pixels; a third value, for volumes, has no effect in 2D.'),
    ...common(['im']),
  }),
  apply: (plane, { clip_limit, kernel_size }, shape) => equalise(plane, shape, clip_limit, [kernel_size[0]!, kernel_size[1]!]),
})
