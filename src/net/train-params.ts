import { z } from 'zod'
import { losses } from './losses/index.ts'
import { models } from './models/index.ts'
import { named } from './named.ts'
import { patchParams } from './patch-params.ts'
import { scheduleOf, scheduleParams } from './schedules/index.ts'

const trainingTime = z
  .strictObject({
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
    until_epoch: z
      .int()
      .min(1)
      .optional()
      .describe(
        'ends after this epoch of the num_epochs, and keeps a checkpoint in the result, from which another training goes on: its input "resume"',
      ),
  })
  .refine(time => (time.until_epoch ?? 1) <= time.num_epochs, { path: ['until_epoch'], error: 'at most num_epochs' })

const scheduler = z.strictObject({
  initial_lr: z.number().positive().default(0.001).describe('learning rate of Adam at the start'),
  lr_scheduler: scheduleParams.prefault({}).describe('how the learning rate goes on: the name of a schedule, and its settings'),
})

const balanceSamples = z.strictObject({
  applied: z
    .boolean()
    .default(false)
    .describe(
      'training and validation slices are drawn so that every group comes equally often; some come several times, others not at all',
    ),
  type: z
    .string()
    .min(1)
    .default('gt')
    .describe('the groups: gt, slices with and without foreground; else a column of the index, which the step then takes as an input'),
})

const transferLearning = z.strictObject({
  retrain_model: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .refine(path => path === null || /\.(onnx|safetensors)$/.test(path), 'should be an .onnx file that a train step wrote, or .safetensors')
    .describe(
      'an .onnx file of an earlier training to start from, or a PyTorch state_dict as .safetensors; the input "from" takes the model of another step in its place',
    ),
  retrain_fraction: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('share of the layers that is trained, from the last one back; the others stay as they are, to the bit'),
  reset: z.boolean().default(true).describe('the layers that are trained start from new random weights; false: from those of the model'),
})

/** Settings of a training, under ivadomed's names (`training_parameters`, and `network` for `default_model`). */
export const trainParams = z.strictObject({
  batch_size: z.int().min(1).default(18).describe('slices in a step of the optimiser'),
  loss: named(losses, 'DiceLoss').prefault({}).describe('what is made small: the name of a loss, and its settings'),
  training_time: trainingTime.prefault({}).describe('when training ends'),
  scheduler: scheduler.prefault({}).describe('the learning rate'),
  balance_samples: balanceSamples.prefault({}).describe('which slices an epoch is made of'),
  mixup_alpha: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('mixup: every training slice is mixed with another, the share drawn from Beta(alpha, alpha); null: off'),
  mixup_pictures: z
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .describe('of how many batches of the first epoch a mixed slice is shown, as mixup/*.png: the image, and beside it its label; 0: none'),
  n_gif: z
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .describe('of how many validation slices, drawn by the seed, a GIF shows the prediction after each epoch: gifs/*.gif; 0: none'),
  transfer_learning: transferLearning.prefault({}).describe('what a training starts from, and how much of it is trained'),
  is_input_dropout: z
    .boolean()
    .default(false)
    .describe(
      'in training, at every draw, some channels of a slice become 0, so that the network learns to do without; one at least stays',
    ),
  patches: patchParams.optional().describe('slices are cut into patches, in training and when the model predicts; if absent: whole slices'),
  network: named(models, 'Unet', ['channels', 'classes']).prefault({}).describe('the name of an architecture, and its settings'),
})
export type TrainParams = z.infer<typeof trainParams>

/**
 * What the settings mean for the result. Those of balancing, mixup, GIFs and transfer learning are left out where they are off, so
 * that trainings from before there were any are still known; of a model to start from its contents count, and not where it lies. A part
 * of a training is the same in a longer one, unless the learning rate follows from the length of the whole.
 */
export function trainMeaning(params: TrainParams): unknown {
  const { balance_samples, mixup_alpha, mixup_pictures, n_gif, transfer_learning, is_input_dropout, training_time, ...rest } = params
  const { until_epoch = training_time.num_epochs } = training_time
  const isOpen = !scheduleOf(params.scheduler.lr_scheduler).overAllEpochs
  const { retrain_model, retrain_fraction, reset } = transfer_learning
  const isPlain = retrain_model === null && retrain_fraction === 1 && reset
  return {
    ...rest,
    training_time: isOpen ? { ...training_time, num_epochs: until_epoch } : training_time,
    ...(is_input_dropout && { is_input_dropout }),
    ...(balance_samples.applied && { balance_samples }),
    ...(mixup_alpha !== null && { mixup_alpha, ...(mixup_pictures > 0 && { mixup_pictures }) }),
    ...(n_gif > 0 && { n_gif }),
    ...(!isPlain && { transfer_learning: { retrain_model: retrain_model !== null, retrain_fraction, reset } }),
  }
}
