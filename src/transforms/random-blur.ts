import { z } from 'zod'
import { gaussianFilter } from '../image/gaussian.ts'
import { common, defineIntensity } from './transform.ts'

/** Smooths by a Gaussian of random width, mirrored at the borders. */
export const randomBlur = defineIntensity({
  kind: 'intensity',
  params: z.strictObject({
    sigma_range: z
      .tuple([z.number().nonnegative(), z.number().nonnegative()])
      .describe('The standard deviation is drawn from here, in pixels.'),
    p: z.number().min(0).max(1).default(0.5).describe('How probable it is that a channel is smoothed.'),
    ...common(['im']),
  }),
  apply(plane, { sigma_range, p }, shape, random) {
    if (random.uniform() >= p) return plane
    return Float32Array.from(gaussianFilter(plane, shape, random.uniform(...sigma_range), 'reflect'))
  },
})
