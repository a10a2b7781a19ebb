import { expect, test } from 'vitest'
import { curvesCsv } from '../../src/net/curves.ts'
import { readCurvesCsv } from '../../src/net/read-curves.ts'

const curves = [
  { epoch: 1, trainLoss: 0.1 + 0.2, validationLoss: -1e-7, validationDice: null, validationDiceGlobal: 0.5, learningRate: 1e-3 },
  { epoch: 2, trainLoss: 0.25, validationLoss: 0.5, validationDice: 0.75, validationDiceGlobal: null, learningRate: 5e-4 },
]

test('the curves of a file are those that were written', () => {
  expect(readCurvesCsv(curvesCsv(curves))).toEqual(curves)
  expect(readCurvesCsv(curvesCsv([]))).toEqual([])
})

test('a file with other columns is refused', () => {
  expect(() => readCurvesCsv('epoch,loss\n1,2\n')).toThrow('curves.csv has no train_loss')
})
