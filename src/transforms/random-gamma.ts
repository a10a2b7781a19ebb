import { z } from 'zod'
import { common, defineIntensity } from './transform.ts'

/** Raises the values to a random power, keeping their sign: sign(x) |x|^gamma, gamma = e^u. */
export const randomGamma = defineIntensity({
  kind: 'intensity',
  params: z.strictObject({
    log_gamma_range: z.tuple([z.number(), z.number()]).describe('The natural logarithm of the power is drawn from here.'),
    p: z.number().min(0).max(1).default(0.5).describe('How probable it is that a channel is changed.'),
    ...common(['im']),
  }),
  apply(plane, { log_gamma_range, p }, _, random) {
    return random.uniform() < p ? power(plane, Math.exp(random.uniform(...log_gamma_range))) : plane
  },
})

const largest = 2 ** 128 - 2 ** 104

/** sign(x) |x|^gamma; what is too large for a float32 becomes the largest float32. */
export const power = (plane: Float32Array, gamma: number): Float32Array =>
  plane.map(x => Math.sign(x) * Math.min(Math.abs(x) ** gamma, largest))
