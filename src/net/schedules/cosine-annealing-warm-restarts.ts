import { z } from 'zod'
import { cosine, givenLimits, unusedLimits } from './cosine.ts'
import { defineSchedule } from './schedule.ts'

/** Half a cosine, again and again, each `T_mult` times as long as the one before (PyTorch; Loshchilov and Hutter, SGDR, 2017). */
export const cosineAnnealingWarmRestarts = defineSchedule({
  name: 'CosineAnnealingWarmRestarts',
  summary: 'half a cosine from initial_lr to eta_min, restarted after T_0 epochs, then T_0 T_mult, ...',
  params: z.strictObject({
    name: z.literal('CosineAnnealingWarmRestarts'),
    T_0: z.int().min(1).describe('epochs until the first restart'),
    T_mult: z.int().min(1).default(1).describe('each period is this many times as long as the one before'),
    eta_min: z.number().min(0).default(0).describe('the lowest learning rate'),
    ...unusedLimits,
  }),
  per: 'epoch',
  rate({ T_0, T_mult, eta_min }, course, epoch) {
    let since = epoch
    let period = T_0
    while (since >= period) {
      since -= period
      period *= T_mult
    }
    return cosine(course.initialLr, eta_min, since / period)
  },
  ignored: givenLimits,
})
