import { expect } from 'vitest'
import { pipelineFailures } from '../../src/failures/pipeline.ts'
import { examplesOf } from './examples.ts'

const { example, complete } = examplesOf(pipelineFailures)

example(
  { kind: 'yaml-syntax', detail: 'a tab cannot indent YAML', hint: 'use spaces', at: { file: 'unet.yaml', line: 3, column: 1 } },
  text =>
    expect(text).toMatchInlineSnapshot(`
  "unet.yaml:3:1  a tab cannot indent YAML
      use spaces
  "
`),
)
example({ kind: 'duplicate-key', key: 'thr', firstLine: 12 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  "thr" is written twice
      the first one is in line 12
      keep one of them
  "
`),
)
example({ kind: 'unknown-key', key: 'thrr', owner: 'masks.remove_small', known: ['thr', 'unit'], nearest: 'thr' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  masks.remove_small has no "thrr"
      did you mean "thr"?
  "
`),
)
example({ kind: 'unknown-key', key: 'x', owner: 'masks.remove_small', known: ['thr', 'unit'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  masks.remove_small has no "x"
      known here: thr, unit
  "
`),
)
example({ kind: 'unknown-key', key: 'x', owner: 'node "fill"', known: [] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  node "fill" has no "x"
      nothing may be written here
  "
`),
)
example(
  {
    kind: 'missing-key',
    key: 'thr',
    owner: 'masks.remove_small',
    wants: 'a number, at least 0',
    description: 'Smaller objects are removed.',
  },
  text =>
    expect(text).toMatchInlineSnapshot(`
  "error  masks.remove_small needs "thr": a number, at least 0
      Smaller objects are removed.
  "
`),
)
example(
  {
    kind: 'wrong-value',
    name: 'masks.remove_small.thr',
    given: 'the text "five"',
    wants: 'a number, at least 0',
    at: { file: '--set #1', line: 1, column: 24, length: 4, text: 'masks.remove_small.thr=five' },
  },
  text =>
    expect(text).toMatchInlineSnapshot(`
  "--set #1  masks.remove_small.thr is the text "five", and wants a number, at least 0
      --set masks.remove_small.thr=five
                                   ^^^^
  "
`),
)
example(
  { kind: 'wrong-value', name: 'model.loss.name', given: 'the text "Dice"', wants: 'one of DiceLoss, FocalLoss', nearest: 'DiceLoss' },
  text =>
    expect(text).toMatchInlineSnapshot(`
  "error  model.loss.name is the text "Dice", and wants one of DiceLoss, FocalLoss
      did you mean "DiceLoss"?
  "
`),
)
example({ kind: 'wrong-value', name: 'index.subject', given: '123 (written 0123)', wants: 'text', quote: '0123' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  index.subject is 123 (written 0123), and wants text
      for the text itself write quotes: "0123"
  "
`),
)
example(
  {
    kind: 'refused-value',
    name: 'split.fraction',
    given: 'a list of 2',
    detail: 'train and test together are more than 1',
    description: 'Parts of the subjects.',
  },
  text =>
    expect(text).toMatchInlineSnapshot(`
  "error  split.fraction is a list of 2: train and test together are more than 1
      Parts of the subjects.
  "
`),
)
example({ kind: 'bad-step-name', name: 'my step' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  "my step" cannot be the name of a step
      a step gives its name to a folder and to --set: a letter, then letters, digits, "-" and "_"
  "
`),
)
example({ kind: 'bad-step-name', name: 'vars' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  "vars" cannot be the name of a step
      a step gives its name to a folder and to --set: a letter, then letters, digits, "-" and "_"
      "vars" means something else after --set
  "
`),
)
example({ kind: 'unknown-node', name: 'trian', nearest: 'train' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  no node is called "trian"
      did you mean "train"?
  "
`),
)
example({ kind: 'unknown-node', name: 'x' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  no node is called "x"
      list them with: pipe nodes
  "
`),
)
example({ kind: 'unknown-step', name: 'slice', known: ['slices', 'model'], nearest: 'slices' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  no step is called "slice"
      did you mean "slices"?
  "
`),
)
example({ kind: 'unknown-step', name: 'x', known: ['slices', 'model'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  no step is called "x"
      the steps are: slices, model
  "
`),
)
example({ kind: 'unknown-input', input: 'x', node: 'train', known: ['tensors', 'split'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  node "train" has no input "x"
      its inputs: tensors, split
  "
`),
)
example({ kind: 'unknown-input', input: 'x', node: 'phantom', known: [] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  node "phantom" has no input "x"
      it takes no inputs
  "
`),
)
example({ kind: 'missing-input', step: 'model', input: 'split', wants: 'split', givers: ['parts'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  step "model" needs input "split": a split
      write inputs: { split: parts }
  "
`),
)
example({ kind: 'missing-input', step: 'model', input: 'split', wants: 'split', givers: [] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  step "model" needs input "split": a split
      no step of this pipeline gives a split
  "
`),
)
example({ kind: 'wrong-kind', input: 'split', wants: 'split', from: 'subjects', gives: 'index', givers: ['parts', 'halves'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  input "split" wants a split, and "subjects" gives an index
      "parts" and "halves" give a split
  "
`),
)
example({ kind: 'one-input', input: 'split', given: 2 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  input "split" takes one step, and is given 2
      write split: and the name of the step
  "
`),
)
example({ kind: 'cycle', trail: ['model', 'masks', 'model'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  these steps wait for each other: model -> masks -> model
      remove one of these inputs
  "
`),
)
example({ kind: 'cycle', trail: ['model', 'model'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  step "model" waits for itself
      remove one of these inputs
  "
`),
)
example({ kind: 'unknown-variable', name: 'vars.dta', known: ['vars.data'], nearest: 'vars.data' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  no variable is called "vars.dta"
      did you mean "vars.data"?
  "
`),
)
example({ kind: 'unknown-variable', name: 'vars.data', known: [] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  no variable is called "vars.data"
      there are none under "vars:"
      set it under "vars:", or with --set vars.data=...
  "
`),
)
example({ kind: 'unknown-variable', name: 'env.DATA', known: [] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the environment has no variable "DATA"
      set it: DATA=... pipe ...
  "
`),
)
example({ kind: 'variable-syntax', text: '${data}' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  \${data} names no variable
      write \${vars.name}, \${env.NAME} or \${secret.NAME}; $\${ gives the two characters \${
  "
`),
)
example({ kind: 'variable-in-text', name: 'vars.urls', given: 'a list' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  \${vars.urls} is a list, which cannot be put inside a text
      write it alone, without other characters around it
  "
`),
)
example({ kind: 'variable-cycle', trail: ['vars.a', 'vars.b', 'vars.a'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  these variables wait for each other: vars.a -> vars.b -> vars.a
  "
`),
)
example({ kind: 'set-syntax', text: 'masks' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  --set wants step.key=value, and gets "masks"
      examples: --set masks.remove_small.thr=5 --set dataset.urls=[a.zip, b.zip] --set vars.data=/data --set seed=6
  "
`),
)
example({ kind: 'set-syntax', text: 'masks.thr.x=5', detail: '"x" cannot be set inside a number' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  "x" cannot be set inside a number
  "
`),
)

complete()
