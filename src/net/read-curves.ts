import type { EpochRecord } from './curves.ts'

/** The epochs of a `curves.csv`, by the names of its columns; what is empty there is null. Throws where the text is no such table. */
export function readCurvesCsv(text: string): readonly EpochRecord[] {
  const [head = '', ...lines] = text.trim().split(/\r?\n/)
  const names = head.split(',')
  return lines.map(line => {
    const cells = line.split(',')
    const value = (name: string): number | null => {
      const cell = cells[names.indexOf(name)]
      if (cell === undefined) throw new Error(`curves.csv has no ${name} in "${line}"`)
      return cell === '' ? null : Number(cell)
    }
    const number = (name: string): number => value(name) ?? NaN
    return {
      epoch: number('epoch'),
      trainLoss: number('train_loss'),
      validationLoss: number('validation_loss'),
      validationDice: value('validation_dice'),
      validationDiceGlobal: value('validation_dice_global'),
      learningRate: number('learning_rate'),
    }
  })
}
