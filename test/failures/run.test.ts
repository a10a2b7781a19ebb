import { expect } from 'vitest'
import { runFailures } from '../../src/failures/run.ts'
import { examplesOf } from './examples.ts'

const { example, complete } = examplesOf(runFailures)

example({ kind: 'node-threw', step: 'model', detail: 'x is not a function', log: ['epoch 1', 'epoch 2'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  step "model" stopped on an error of the program: x is not a function
      epoch 1
      epoch 2
      this is a bug in the node; the whole trace is in the log of the step
  "
`),
)
example({ kind: 'bad-output', step: 'index', detail: 'images.0.id: a text is wanted' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  step "index" gave a document that its output kind does not allow
      images.0.id: a text is wanted
      this is a bug in the node
  "
`),
)
example(
  {
    kind: 'step-crashed',
    step: 'model',
    how: 'signal SIGKILL',
    log: ['epoch 3'],
    logFile: 'runs/x/latest/logs/model.log',
    outOfMemory: true,
  },
  text =>
    expect(text).toMatchInlineSnapshot(`
  "error  the process of step "model" ended unexpectedly (signal SIGKILL)
      epoch 3
      it was probably stopped for using too much memory: make batches or images smaller, or use --jobs 1; whole log: runs/x/latest/logs/model.log
  "
`),
)
example(
  { kind: 'step-crashed', step: 'model', how: 'exit code 7', log: [], logFile: 'runs/x/latest/logs/model.log', outOfMemory: false },
  text =>
    expect(text).toMatchInlineSnapshot(`
  "error  the process of step "model" ended unexpectedly (exit code 7)
      whole log: runs/x/latest/logs/model.log
  "
`),
)
example({ kind: 'timed-out', step: 'model', seconds: 60, log: ['epoch 3'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  step "model" was stopped after 60 s, its timeout
      epoch 3
      raise "timeout" of the step; a training goes on from its last checkpoint
  "
`),
)
example({ kind: 'cancelled', step: 'model' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  step "model" was cancelled
      run the same command to go on
  "
`),
)
example({ kind: 'upstream-stale', step: 'masks', needs: 'model' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  step "masks" needs "model", which is not up to date and not among the steps asked for
      run it first: --until model
  "
`),
)
example({ kind: 'cannot-write', where: '/cache', detail: 'read-only file system' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  cannot write /cache
      read-only file system
      choose another cache folder with --cache, or another folder for results with --out
  "
`),
)
example({ kind: 'same-file-twice', step: 'masks', file: 'sub-01_pred.nii.gz' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  two elements of step "masks" both made the file sub-01_pred.nii.gz
      this is a bug in the node: name files by the id of the element
  "
`),
)
example({ kind: 'secret-told', step: 'dataset', where: 'its file log.txt' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  step "dataset" wrote a secret into its result, which was not kept
      it stands in its file log.txt
      this is a bug in the node: a secret is for asking, not for keeping
  "
`),
)
example({ kind: 'unknown-choice', option: '--engine', given: 'torch', known: ['auto', 'onnx'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  --engine cannot be "torch"
      one of: auto, onnx
  "
`),
)
example({ kind: 'bad-option', option: '--jobs', given: 'many', wants: 'a whole number of at least 1' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  --jobs wants a whole number of at least 1, and gets "many"
  "
`),
)
example({ kind: 'unknown-store', uri: 'foo://x', known: ['sqlite', 'redis'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  no store for results is known for foo://x
      known: sqlite:// redis://
      or give the path of a folder
  "
`),
)
example({ kind: 'unmeasured-metric', name: 'hd96', known: ['dice', 'hd95'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  rank_by names a metric that was not measured: hd96
      measured: dice, hd95
      name one of these, or let the step of the node evaluate measure it (params: metrics)
  "
`),
)
example({ kind: 'store-not-installed', uri: 'redis://x', package: '@keyv/redis' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  keeping results at redis://x needs the package @keyv/redis
      npm install @keyv/redis
  "
`),
)

example({ kind: 'no-steps-between', from: 'masks', until: 'model' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  no step lies between --from masks and --until model
      "model" does not use "masks"
      give one of the two, or a later step to --until
  "
`),
)
example({ kind: 'only-and-more', options: ['--from', '--until'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  --only does not go with --from and --until
      it chooses one step alone; leave out one or the other
  "
`),
)
example({ kind: 'no-index-step', node: 'bids-index', steps: ['data', 'model'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the pipeline has no step that finds images, so there is no data to check
      a step of the node bids-index is looked for; there are: data, model
      give a pipeline that starts from a dataset and an index, as pipelines/quickstart.yaml does
  "
`),
)

example({ kind: 'no-transforms', file: 'p.yaml', steps: ['dataset', 'index'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  p.yaml has no step that transforms
      its steps: dataset, index
      such a step says "node: transform"
  "
`),
)
example({ kind: 'which-step', node: 'transform', known: ['tensors', 'more'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the pipeline has 2 steps of the node transform
      choose one with --step: tensors, more
  "
`),
)

example({ kind: 'cannot-listen', address: '127.0.0.1:80', detail: 'listen EACCES: permission denied 127.0.0.1:80' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  cannot listen on 127.0.0.1:80
        listen EACCES: permission denied 127.0.0.1:80
        leave --port out, and a free one is found
    "
  `),
)

complete()
