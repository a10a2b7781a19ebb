import { z } from 'zod'
import { common, defineIntensity } from './transform.ts'

/** Adds independent normal noise to every pixel. */
export const additiveGaussianNoise = defineIntensity({
  kind: 'intensity',
  params: z.strictObject({
    mean: z.number().default(0).describe('Mean of the noise, in units of the image.'),
    std: z.number().nonnegative().default(0.01).describe('Standard deviation of the noise, in units of the image.'),
    ...common(['im']),
  }),
  apply: (plane, { mean, std }, _, random) => plane.map(x => x + random.normal(mean, std)),
})
