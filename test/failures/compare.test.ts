import { expect } from 'vitest'
import { compareFailures } from '../../src/failures/compare.ts'
import { examplesOf } from './examples.ts'

const { example, complete } = examplesOf(compareFailures)

example({ kind: 'no-runs', where: 'runs' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  there are no runs in runs
      make one with pipe run, or name another folder of runs with --out
  "
`),
)
example({ kind: 'not-a-run', path: '/home/u/runs/x', detail: 'it has no pipeline.yaml' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  this is not the folder of a run: /home/u/runs/x
      it has no pipeline.yaml
      list the runs with: pipe runs
  "
`),
)
example(
  { kind: 'unknown-run', reference: 'umet', pipelines: ['unet', 'film'], newest: ['unet/20261126-070000-abcdef'], nearest: 'unet' },
  text =>
    expect(text).toMatchInlineSnapshot(`
    "error  no run is called "umet"
        there are runs of: unet, film
        the newest: unet/20261126-070000-abcdef
        did you mean "unet"?
    "
  `),
)
example({ kind: 'unknown-run', reference: 'x', pipelines: ['unet'], newest: [] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  no run is called "x"
      there are runs of: unet
      give the folder of a run, an id or its beginning, latest, a pipeline, or a pipeline@2 for the one before its latest
  "
`),
)
example({ kind: 'ambiguous-run', reference: '2026', runs: ['unet/20261126-070000-abcdef', 'unet/20261126-080000-012345'] }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  "2026" may be 2 runs
        unet/20261126-070000-abcdef
        unet/20261126-080000-012345
        write more of the id
    "
  `),
)
example({ kind: 'no-such-latest', reference: 'unet@4', done: 2, runs: 3 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  there is no "unet@4"
      of 3 runs, 2 went well; @1 is the latest of those, @2 the one before it
      a run that did not go well is named by its id: list them with pipe runs
  "
`),
)
example({ kind: 'few-runs', given: 1 }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  two runs at least are compared, and 1 is given
      as in: pipe compare quickstart@2 quickstart
  "
`),
)
example({ kind: 'same-run', first: 'unet', second: 'latest', run: 'unet/20261126-070000-abcdef' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  "unet" and "latest" are the same run: unet/20261126-070000-abcdef
        list the runs with: pipe runs
    "
  `),
)
example({ kind: 'unknown-fact', name: 'sexx', known: ['age', 'sex'], nearest: 'sex' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  nothing called "sexx" is known of the images
      did you mean "sex"?
  "
`),
)
example({ kind: 'unknown-fact', name: 'weight', known: ['age', 'sex'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  nothing called "weight" is known of the images
      known are: age, sex
      columns of participants.tsv are known, fields of sidecars, contrast and session
  "
`),
)
example({ kind: 'unknown-fact', name: 'sex', known: [] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  nothing called "sex" is known of the images
      nothing at all is: the index is gone
      columns of participants.tsv are known, fields of sidecars, contrast and session
  "
`),
)
example({ kind: 'unknown-metric', name: 'dize', known: ['dice', 'hd95'], nearest: 'dice' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  none of the runs has a metric "dize"
      did you mean "dice"?
  "
`),
)
example({ kind: 'unknown-metric', name: 'x', known: ['dice', 'hd95'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  none of the runs has a metric "x"
      there are: dice, hd95
  "
`),
)
example({ kind: 'cannot-write-file', path: 'no/t.csv', detail: 'ENOENT: no such file or directory' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  cannot write no/t.csv
        ENOENT: no such file or directory
        name a file in a folder that is there and that you may write to
    "
  `),
)
example({ kind: 'no-metrics', reasons: ['unet/20261126-070000-abcdef: it has no metrics (failed)'], wanted: '--csv' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  there are no metrics of two runs to compare, and --csv needs them
        unet/20261126-070000-abcdef: it has no metrics (failed)
    "
  `),
)

complete()
