import { expect, test } from 'vitest'
import { nearest } from '../src/nearest.ts'

const names = ['postprocess', 'evaluate', 'DiceLoss', 'num_epochs', 'thr', 'sub-1']

test.each([
  ['postproces', 'postprocess'],
  ['evalaute', 'evaluate'],
  ['Evaluate', 'evaluate'],
  ['dice', 'DiceLoss'],
  ['numEpochs', 'num_epochs'],
  ['epochs', 'num_epochs'],
  ['th', 'thr'],
  ['x', undefined],
  ['training', undefined],
  ['', undefined],
])('near %j lies %j', (word, answer) => {
  expect(nearest(word, names)).toBe(answer)
})
