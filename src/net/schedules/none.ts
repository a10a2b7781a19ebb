import { z } from 'zod'
import { defineSchedule } from './schedule.ts'

/** The initial learning rate, always. */
export const none = defineSchedule({
  name: 'none',
  summary: 'initial_lr throughout',
  params: z.strictObject({ name: z.literal('none') }),
  per: 'epoch',
  rate: (_, course) => course.initialLr,
})
