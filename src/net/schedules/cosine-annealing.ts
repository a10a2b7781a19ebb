import { z } from 'zod'
import { cosine, givenLimits, unusedLimits } from './cosine.ts'
import { defineSchedule } from './schedule.ts'

/** Half a cosine from the initial learning rate down to 0 over the whole training (PyTorch, with T_max = num_epochs as ivadomed sets it). */
export const cosineAnnealing = defineSchedule({
  name: 'CosineAnnealingLR',
  summary: 'half a cosine from initial_lr to 0 over num_epochs',
  params: z.strictObject({ name: z.literal('CosineAnnealingLR').default('CosineAnnealingLR'), ...unusedLimits }),
  per: 'epoch',
  overAllEpochs: true,
  rate: (_, course, epoch) => cosine(course.initialLr, 0, epoch / course.epochs),
  ignored: givenLimits,
})
