import { z } from 'zod'
import { gaussianFilter } from '../image/gaussian.ts'
import type { PlaneShape } from '../image/warp.ts'
import { common, defineSpatial } from './transform.ts'

const range = z.tuple([z.number().nonnegative(), z.number().nonnegative()])

/**
 * A smooth random displacement (Simard et al., "Best practices for convolutional neural networks applied to visual document
 * analysis", ICDAR 2003): uniform noise in -1 ... 1, smoothed by a Gaussian of sigma, times alpha. Image and label share one
 * field, and the field is smoothed over the two axes of a slice; ivadomed draws another field for the label, and also
 * smooths over the third axis, of one pixel, which makes its displacement ten times too small.
 */
export const elasticTransform = defineSpatial({
  kind: 'spatial',
  reversible: false,
  params: z.strictObject({
    alpha_range: range.describe('The factor of the displacement is drawn from here, in pixels.'),
    sigma_range: range.describe('The standard deviation of the smoothing is drawn from here, in pixels.'),
    p: z.number().min(0).max(1).default(0.1).describe('How probable it is that a sample is deformed.'),
    ...common(['im', 'gt', 'roi']),
  }),

  warp({ alpha_range, sigma_range, p }, shape, random) {
    if (random.uniform() >= p) return undefined
    const alpha = random.uniform(...alpha_range)
    const sigma = random.uniform(...sigma_range)
    const noise = () => Float64Array.from({ length: shape[0] * shape[1] }, () => random.uniform(-1, 1))
    return { kind: 'displacement', dy: displacement(noise(), shape, alpha, sigma), dx: displacement(noise(), shape, alpha, sigma) }
  },
})

/** Smooth displacements along one axis, in pixels, from noise in -1 ... 1; zeros lie beyond the borders. */
export const displacement = (noise: Float64Array, shape: PlaneShape, alpha: number, sigma: number): Float64Array =>
  gaussianFilter(noise, shape, sigma, 'zero').map(v => v * alpha)
