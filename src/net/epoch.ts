import { setImmediate } from 'node:timers/promises'
import type { Batch } from './batch-stream.ts'
import { batchCount, dropoutMasks } from './batches.ts'
import type { EpochRecord } from './curves.ts'
import type { Divergence } from './divergence.ts'
import type { Trainer } from './engine.ts'
import { stepOrFitting } from './fitting-batch.ts'
import { scheduleOf } from './schedules/index.ts'
import type { TrainOptions } from './training.ts'
import { ValidationDice } from './validation-dice.ts'

/** What an epoch came to: its line of the curves, or a loss that is no number. */
export type Outcome = { readonly kind: 'done'; readonly record: EpochRecord } | ({ readonly kind: 'diverged' } & Divergence)

/** The stream of batches of a training. */
export type Batches = AsyncGenerator<Batch, undefined>
type Pass<T> = { readonly kind: 'done'; readonly value: T } | ({ readonly kind: 'diverged' } & Divergence)

/** One epoch: the training batches, then the validation set. Takes just its batches from the stream. */
export async function runEpoch(options: TrainOptions, trainer: Trainer, batches: Batches, epoch: number): Promise<Outcome> {
  const started = performance.now()
  const learningRate = rateAt(options, epoch, 0)
  const training = await trainingPass(options, trainer, batches, epoch)
  if (training.kind === 'diverged') return training
  const seconds = (performance.now() - started) / 1000
  const validation = await validationPass(options, trainer, batches, epoch)
  if (validation.kind === 'diverged') return validation

  const record = { epoch, trainLoss: training.value, ...validation.value, learningRate }
  options.progress({ done: epoch, total: options.epochs, unit: 'epoch', metrics: metricsOf(record, options.train.length / seconds) })
  return { kind: 'done', record }
}

/** Mean training loss over the batches. */
async function trainingPass(options: TrainOptions, trainer: Trainer, batches: Batches, epoch: number): Promise<Pass<number>> {
  const count = batchCount(options.train.length, options.batchSize)
  const say = throttled(options, count)
  let sum = 0
  for (let step = 1; step <= count; step++) {
    const { x, y } = await nextBatch(options, batches)
    const masks = dropoutMasks(trainer.dropouts, x.shape[0]!, options.seed, epoch, step)
    const { loss } = await stepOrFitting(trainer, { x, y, masks }, rateAt(options, epoch, step - 1))
    if (!Number.isFinite(loss)) return { kind: 'diverged', epoch, step, loss: String(loss), during: 'training' }
    sum += loss
    say(step, { loss })
  }
  return { kind: 'done', value: sum / count }
}

/** Mean validation loss over the batches, and the Dice coefficients. */
async function validationPass(
  options: TrainOptions,
  trainer: Trainer,
  batches: Batches,
  epoch: number,
): Promise<Pass<Pick<EpochRecord, 'validationLoss' | 'validationDice' | 'validationDiceGlobal'>>> {
  const count = batchCount(options.validation.length, options.batchSize)
  const dice = new ValidationDice()
  let sum = 0
  for (let step = 1; step <= count; step++) {
    const { x, y } = await nextBatch(options, batches)
    const { loss, prediction } = await trainer.evaluate({ x, y })
    if (!Number.isFinite(loss)) return { kind: 'diverged', epoch, step, loss: String(loss), during: 'validation' }
    sum += loss
    dice.add(prediction, y)
    options.watch?.see((step - 1) * options.batchSize, prediction)
  }
  return { kind: 'done', value: { validationLoss: sum / count, validationDice: dice.perSlice, validationDiceGlobal: dice.global } }
}

/** The next batch of the stream, once this process has heard what it was told meanwhile: a step hears nothing. */
async function nextBatch({ signal }: TrainOptions, batches: Batches): Promise<Batch> {
  await setImmediate()
  signal.throwIfAborted()
  const { value } = await batches.next()
  if (!value) throw new Error('the stream of batches ended before the epoch')
  return value
}

/** The learning rate of a step; epochs are counted from 1 and steps from 0. */
function rateAt({ schedule, initialLr, epochs, train, batchSize }: TrainOptions, epoch: number, step: number): number {
  const found = scheduleOf(schedule)
  const t = found.per === 'epoch' ? epoch - 1 : (epoch - 1) * batchCount(train.length, batchSize) + step
  return found.rate(schedule, { initialLr, epochs }, t)
}

/** What the terminal plots; a Dice that is undefined is left out. */
function metricsOf(record: EpochRecord, imagesPerSecond: number): Readonly<Record<string, number>> {
  return {
    train_loss: record.trainLoss,
    validation_loss: record.validationLoss,
    ...(record.validationDice === null ? {} : { validation_dice: record.validationDice }),
    learning_rate: record.learningRate,
    images_per_second: imagesPerSecond,
  }
}

/** Reports batches, a few times a second at most: small networks make hundreds of steps in it. */
function throttled({ progress }: TrainOptions, total: number): (done: number, metrics: Readonly<Record<string, number>>) => void {
  let last = 0
  return (done, metrics) => {
    const now = performance.now()
    if (now - last < 250 && done < total) return
    last = now
    progress({ done, total, unit: 'batch', metrics })
  }
}
