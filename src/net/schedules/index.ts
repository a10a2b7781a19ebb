import { z } from 'zod'
import { cosineAnnealingWarmRestarts } from './cosine-annealing-warm-restarts.ts'
import { cosineAnnealing } from './cosine-annealing.ts'
import { cyclic } from './cyclic.ts'
import { none } from './none.ts'
import type { Schedule } from './schedule.ts'

/** Every schedule of the learning rate. A new one is one file, and one line in each of these two lists. */
export const schedules: readonly Schedule[] = [cosineAnnealing, cosineAnnealingWarmRestarts, cyclic, none] as readonly Schedule[]

/** `scheduler.lr_scheduler`: one of the schedules by `name`, with its own settings beside it. */
export const scheduleParams = z.discriminatedUnion('name', [
  cosineAnnealing.params,
  cosineAnnealingWarmRestarts.params,
  cyclic.params,
  none.params,
])
export type ScheduleParams = z.infer<typeof scheduleParams>

/** The schedule of these settings. */
export function scheduleOf(params: ScheduleParams): Schedule {
  const found = schedules.find(schedule => schedule.name === params.name)
  if (!found) throw new Error(`no schedule is called ${params.name}`)
  return found
}

export type { Course, Schedule } from './schedule.ts'
