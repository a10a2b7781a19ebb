import { z } from 'zod'
import { common, defineIntensity } from './transform.ts'

/** Adds one random number to all pixels. */
export const randomShiftIntensity = defineIntensity({
  kind: 'intensity',
  params: z.strictObject({
    shift_range: z.tuple([z.number(), z.number()]).describe('The number is drawn from here, in units of the image.'),
    prob: z.number().min(0).max(1).default(0.1).describe('How probable it is that a channel is shifted.'),
    ...common(['im']),
  }),
  apply(plane, { shift_range, prob }, _, random) {
    if (random.uniform() >= prob) return plane
    const shift = random.uniform(...shift_range)
    return plane.map(x => x + shift)
  },
})
