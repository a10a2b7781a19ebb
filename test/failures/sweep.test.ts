import { expect } from 'vitest'
import { sweepFailures } from '../../src/failures/sweep.ts'
import { examplesOf } from './examples.ts'

const { example, complete } = examplesOf(sweepFailures)

example({ kind: 'no-sweep', file: 'unet.yaml' }, text => expect(text).toMatchInlineSnapshot())
example({ kind: 'sweep-key', key: 'model' }, text => expect(text).toMatchInlineSnapshot())
example({ kind: 'swept-twice', key: 'model.batch_size', parts: ['grid', 'zip'] }, text => expect(text).toMatchInlineSnapshot())
example({ kind: 'not-swept', key: 'model.bach_size', owner: 'sweep.exclude', known: ['model.batch_size'], nearest: 'model.batch_size' }, text =>
  expect(text).toMatchInlineSnapshot(),
)
example({ kind: 'not-swept', key: 'split.fold', owner: 'sweep.when', known: ['model.batch_size', 'model.loss'] }, text =>
  expect(text).toMatchInlineSnapshot(),
)
example(
  {
    kind: 'zip-lengths',
    lists: [
      { key: 'model.batch_size', length: 3 },
      { key: 'model.loss', length: 1 },
    ],
  },
  text => expect(text).toMatchInlineSnapshot(),
)
example({ kind: 'no-trials', excludes: 2 }, text => expect(text).toMatchInlineSnapshot())
example(
  { kind: 'bad-trial', trial: 'split.folds=3, split.fold=4', detail: 'split.fold is 4: of 3 folds there is no fold 4', hint: 'count from 1' },
  text => expect(text).toMatchInlineSnapshot(),
)
example({ kind: 'bad-trial', trial: 'split.fold=4', detail: 'split.fold is 4: folds and fold go together' }, text =>
  expect(text).toMatchInlineSnapshot(),
)

complete()
