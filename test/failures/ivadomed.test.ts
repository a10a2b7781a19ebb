import { expect } from 'vitest'
import { ivadomedFailures } from '../../src/failures/ivadomed.ts'
import { examplesOf } from './examples.ts'

const { example, complete } = examplesOf(ivadomedFailures)

example({ kind: 'config-is-folder', path: '/d/run' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  a folder, and not a configuration: /d/run
      give the .json file itself, such as config.json in it
  "
`),
)
example({ kind: 'config-is-yaml', path: '/d/unet.yaml' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  a YAML file, and not a configuration of ivadomed: /d/unet.yaml
      configurations end in .json; a pipeline in YAML needs no import: pipe run takes it
  "
`),
)
example({ kind: 'config-not-json', path: '/d/config.txt' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the name of a configuration ends in .json, and this does not: /d/config.txt
      if it holds JSON, rename it
  "
`),
)
example(
  { kind: 'json-syntax', detail: 'a comma too many before "}"', hint: 'remove the comma', at: { file: 'config.json', line: 3, column: 1 } },
  text =>
    expect(text).toMatchInlineSnapshot(`
    "config.json:3:1  a comma too many before "}"
        remove the comma
    "
  `),
)
example({ kind: 'not-yet', key: 'loader_parameters.soft_gt', given: 'true', what: 'training on soft labels', off: 'false' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  loader_parameters.soft_gt is true: training on soft labels cannot be done yet
        to go on without: false
    "
  `),
)
example({ kind: 'not-yet', key: 'transformation.Clahe', given: 'a mapping', what: 'this transform' }, text =>
  expect(text).toMatchInlineSnapshot(`
    "error  transformation.Clahe is a mapping: this transform cannot be done yet
        remove it to go on without
    "
  `),
)

complete()
