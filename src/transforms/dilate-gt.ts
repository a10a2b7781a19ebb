import { z } from 'zod'
import { softDilation } from '../image/soft-dilation.ts'
import { common, defineIntensity } from './transform.ts'

/**
 * Softens labels: every object (pixels above 0.5, connected by faces) gets layers of falling value about it. Unless labels are
 * soft (`soft_gt`), they are cut at 0.5 after all transforms, and of the layers the inner half stays.
 */
export const dilateGT = defineIntensity({
  kind: 'intensity',
  params: z.strictObject({
    dilation_factor: z
      .number()
      .nonnegative()
      .describe('An object of n pixels gets round(dilation_factor * sqrt(n)) layers; 0: labels stay as they are.'),
    ...common(['gt']),
  }),
  apply(plane, { dilation_factor }, [height, width]) {
    if (dilation_factor === 0) return plane
    return softDilation(
      Uint8Array.from(plane, v => (v > 0.5 ? 1 : 0)),
      [width, height],
      dilation_factor,
    )
  },
})
