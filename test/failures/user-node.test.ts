import { expect } from 'vitest'
import { userNodeFailures } from '../../src/failures/user-node.ts'
import { examplesOf } from './examples.ts'

const { example, complete } = examplesOf(userNodeFailures)

example({ kind: 'user-node-missing', path: './my-node.ts', kinds: ['.ts', '.js'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  there is no node at ./my-node.ts
      a node of your own is a file ending in .ts, .js; its path counts from the folder of the pipeline file
  "
`),
)
example({ kind: 'user-node-syntax', path: './my-node.ts', line: 3, column: 5, detail: 'Unexpected "}"', text: 'run(}' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  ./my-node.ts:3:5 Unexpected "}"
      run(}
          ^
  "
`),
)
example({ kind: 'user-node-throws', path: './my-node.ts', detail: 'x is not defined', place: './my-node.ts:3:1' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  ./my-node.ts stopped with an error while it was loaded: x is not defined
      ./my-node.ts:3:1
      what a node does belongs into its run function; outside it there should be definitions only
  "
`),
)
example({ kind: 'user-node-shape', path: './my-node.ts', problems: ['it has no default export'] }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  ./my-node.ts does not give a node
      it has no default export
      end the file with: export default defineNode({ ... }), from: import { defineNode } from 'voxelpipe'
  "
`),
)
example({ kind: 'user-node-says', what: 'the atlas has no label 7', facts: ['labels: 1 to 6'], hint: 'choose another' }, text =>
  expect(text).toMatchInlineSnapshot(`
  "error  the atlas has no label 7
      labels: 1 to 6
      choose another
  "
`),
)

complete()
