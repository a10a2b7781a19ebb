import { z } from 'zod'

/** What one epoch of a training came to. */
export const epochRecord = z.strictObject({
  /** Counted from 1. */
  epoch: z.int(),
  /** Mean over the batches, as ivadomed logs it. */
  trainLoss: z.number(),
  validationLoss: z.number(),
  /** Mean over the validation slices of the soft Dice of each (ivadomed's `dice_score`); null where no slice has one. */
  validationDice: z.number().nullable(),
  /** Soft Dice of all validation slices together, mean over the classes; null where nothing is labelled or predicted. */
  validationDiceGlobal: z.number().nullable(),
  /** At the first batch of the epoch. */
  learningRate: z.number(),
})
export type EpochRecord = z.infer<typeof epochRecord>

/** `curves.csv`: one line an epoch. The shortest text that reads back as the same number; no times, so that bytes repeat. */
export function curvesCsv(curves: readonly EpochRecord[]): string {
  const lines = curves.map(e => [
    e.epoch,
    e.trainLoss,
    e.validationLoss,
    e.validationDice ?? '',
    e.validationDiceGlobal ?? '',
    e.learningRate,
  ])
  return [['epoch', 'train_loss', 'validation_loss', 'validation_dice', 'validation_dice_global', 'learning_rate'], ...lines]
    .map(line => `${line.join(',')}\n`)
    .join('')
}
