import { expect } from 'vitest'
import { sweepFailures } from '../../src/failures/sweep.ts'
import { examplesOf } from './examples.ts'

const { example, complete } = examplesOf(sweepFailures)

example({ kind: 'no-sweep', file: 'unet.yaml' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  unet.yaml has no "sweep:"
      write what is varied, such as sweep: { grid: { model.batch_size: [8, 16] } }
  "
`),
)
example({ kind: 'sweep-key', key: 'model' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  "model" names nothing that can be varied
      write step.param, vars.name or seed
  "
`),
)
example({ kind: 'swept-twice', key: 'model.batch_size', parts: ['grid', 'zip'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  "model.batch_size" is varied twice: by grid and by zip
      keep one of them
  "
`),
)
example(
  { kind: 'not-swept', key: 'model.bach_size', owner: 'sweep.exclude', known: ['model.batch_size'], nearest: 'model.batch_size' },
  text =>
    expect(text).toMatchInlineSnapshot(`
    "error  sweep.exclude names "model.bach_size", which the sweep does not vary
        did you mean "model.batch_size"?
    "
  `),
)
example({ kind: 'not-swept', key: 'split.fold', owner: 'sweep.when', known: ['model.batch_size', 'model.loss'] }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  sweep.when names "split.fold", which the sweep does not vary
        it varies: model.batch_size, model.loss
    "
  `),
)
example(
  {
    kind: 'zip-lengths',
    lists: [
      { key: 'model.batch_size', length: 3 },
      { key: 'model.loss', length: 1 },
    ],
  },
  text =>
    expect(text).toMatchInlineSnapshot(`
    "error  the lists of a zip are taken side by side, and these are not equally long
        model.batch_size: 3 values
        model.loss: 1 value
        for every combination write grid
    "
  `),
)
example({ kind: 'no-trials', excludes: 2 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the sweep has no trial left
      each has all the values of one of the 2 entries under exclude
  "
`),
)
example(
  {
    kind: 'bad-trial',
    trial: 'split.folds=3, split.fold=4',
    detail: 'split.fold is 4: of 3 folds there is no fold 4',
    hint: 'count from 1',
  },
  text =>
    expect(text).toMatchInlineSnapshot(`
    "error  split.fold is 4: of 3 folds there is no fold 4
        in the trial split.folds=3, split.fold=4
        count from 1
    "
  `),
)
example({ kind: 'bad-trial', trial: 'split.fold=4', detail: 'split.fold is 4: folds and fold go together' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  split.fold is 4: folds and fold go together
        in the trial split.fold=4
    "
  `),
)

example({ kind: 'no-parts', step: 'masks', node: 'postprocess', can: ['model'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  step "masks" cannot be done in parts: node "postprocess" has no epochs
      those that can: model
  "
`),
)
example({ kind: 'no-parts', step: 'masks', node: 'postprocess', can: [] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  step "masks" cannot be done in parts: node "postprocess" has no epochs
      halving stops trainings, and the pipeline has none
  "
`),
)
example({ kind: 'unknown-score', name: 'dice', known: ['validation_loss', 'validation_dice'], nearest: 'validation_dice' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  trainings have no "dice" to compare them by
        did you mean "validation_dice"?
    "
  `),
)
example({ kind: 'unknown-score', name: 'x', known: ['validation_loss', 'validation_dice'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  trainings have no "x" to compare them by
      they have: validation_loss, validation_dice
  "
`),
)
example({ kind: 'decided-by-halving', key: 'model.training_time.num_epochs' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  "model.training_time.num_epochs" is varied, and halving.epochs decides it
      leave it out of the sweep, or leave out halving
  "
`),
)

complete()
