import { z } from 'zod'
import { defineSchedule } from './schedule.ts'

/** Up and down between two learning rates, each cycle half as high as the one before (PyTorch's `triangular2`; Smith 2017). */
export const cyclic = defineSchedule({
  name: 'CyclicLR',
  summary: 'triangles from base_lr to max_lr, each half as high as the one before, stepped after every batch',
  params: z.strictObject({
    name: z.literal('CyclicLR'),
    base_lr: z.number().positive().default(1e-5).describe('the lower learning rate; initial_lr has no effect'),
    max_lr: z.number().positive().default(1e-2).describe('the upper learning rate of the first cycle'),
    step_size_up: z.int().min(1).default(2000).describe('batches from the lower to the upper rate'),
    step_size_down: z.int().min(1).optional().describe('batches back down; as many as up if absent'),
  }),
  per: 'batch',
  rate({ base_lr, max_lr, step_size_up, step_size_down = step_size_up }, _, step) {
    const total = step_size_up + step_size_down
    const ratio = step_size_up / total
    // In PyTorch's order of operations: 1 + step / total loses digits, and the reference has lost them too.
    const cycle = Math.floor(1 + step / total)
    const x = 1 + step / total - cycle
    const height = x <= ratio ? x / ratio : (x - 1) / (ratio - 1)
    return base_lr + (max_lr - base_lr) * height * (1 / 2 ** (cycle - 1))
  },
})
