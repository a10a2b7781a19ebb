import { z } from 'zod'
import { losses } from './losses/index.ts'
import { models } from './models/index.ts'
import { named } from './named.ts'
import { scheduleParams } from './schedules/index.ts'

const trainingTime = z.strictObject({
  num_epochs: z.int().min(1).default(100).describe('how many times, at most, all training slices are gone through'),
  early_stopping_patience: z
    .int()
    .min(1)
    .default(50)
    .describe('epochs in a row without an improvement of the validation loss after which training stops'),
  early_stopping_epsilon: z
    .number()
    .min(0)
    .default(0.001)
    .describe('what counts as an improvement: the validation loss fell by more than this since the epoch before'),
})

const scheduler = z.strictObject({
  initial_lr: z.number().positive().default(0.001).describe('learning rate of Adam at the start'),
  lr_scheduler: scheduleParams.prefault({}).describe('how the learning rate goes on: the name of a schedule, and its settings'),
})

/** Settings of a training, under ivadomed's names (`training_parameters`, and `network` for `default_model`). */
export const trainParams = z.strictObject({
  batch_size: z.int().min(1).default(18).describe('slices in a step of the optimiser'),
  loss: named(losses, 'DiceLoss').prefault({}).describe('what is made small: the name of a loss, and its settings'),
  training_time: trainingTime.prefault({}).describe('when training ends'),
  scheduler: scheduler.prefault({}).describe('the learning rate'),
  is_input_dropout: z
    .boolean()
    .default(false)
    .describe(
      'in training, at every draw, some channels of a slice become 0, so that the network learns to do without; one at least stays',
    ),
  network: named(models, 'Unet', ['channels', 'classes']).prefault({}).describe('the name of an architecture, and its settings'),
})
export type TrainParams = z.infer<typeof trainParams>
