import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { describe as said, FailureError } from '../src/failure.ts'
import { masks } from '../nodes/artifacts.ts'
import type { InputSpec, WholeNode } from '../src/node.ts'
import { isNodePath, loadUserNode, type UserNode } from '../src/user-node.ts'

const folders: string[] = []
let root: string
beforeEach(() => folders.push((root = mkdtempSync(join(tmpdir(), 'user-node-')))))
afterAll(() => folders.forEach(f => rmSync(f, { recursive: true })))

function write(path: string, text: string): string {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
  return join(root, path)
}
/** The whole printed text of why the file gives no node. */
async function refusal(file: string): Promise<string> {
  const result = await loadUserNode(file, './my-node.ts')
  if (result.ok) throw new Error('it gave a node')
  return result.failures.map(said).join('\n')
}
async function load(file: string): Promise<UserNode> {
  const result = await loadUserNode(file)
  if (!result.ok) throw new Error(result.failures.map(said).join('\n'))
  return result.value
}
const run = (n: UserNode, job: object = { params: {}, inputs: {} }): unknown =>
  (n.node as WholeNode<unknown, Record<string, never>, unknown>).run(job as never)

const count = `
import { artifact, defineNode, z } from 'voxelpipe'
import { start } from './start.ts'
const count = artifact('count', z.object({ n: z.number() }))
export default defineNode({
  summary: 'Counts.', version: 1, params: z.object({ by: z.number().default(2) }), inputs: {}, output: count,
  run: () => ({ n: start + 1 }),
})
`

test('a node in TypeScript is loaded with its helper, and gets the schemas of this package', async () => {
  write('start.ts', 'export const start: number = 41\n')
  const loaded = await load(write('my-node.ts', count))
  expect(run(loaded)).toEqual({ n: 42 })
  expect(loaded.node.params).toBeInstanceOf(z.ZodObject)
  expect(loaded.node.params.parse({})).toEqual({ by: 2 })
})

test('its code is blind to comments, and sees a change in what it imports', async () => {
  write('start.ts', 'export const start = 41\n')
  const file = write('my-node.ts', count)
  const before = await load(file)
  write('my-node.ts', `// A note.\n${count}`)
  expect((await load(file)).code).toBe(before.code)
  write('start.ts', 'export const start = 1\n')
  const after = await load(file)
  expect(after.code).not.toBe(before.code)
  expect(run(after)).toEqual({ n: 2 })
})

test('packages are found from its own folder, and import.meta means its own place', async () => {
  write('node_modules/tiny/package.json', '{"name":"tiny","version":"1.0.0","type":"module","exports":"./index.js"}')
  write('node_modules/tiny/index.js', 'export const tiny = 7\n')
  write('lib/where.mjs', 'export const where = import.meta.dirname\n')
  const file = write(
    'my-node.js',
    `import { tiny } from 'tiny'
import { basename } from 'node:path'
import { z, artifact } from 'voxelpipe'
import { where } from './lib/where.mjs'
export default { summary: 'S.', params: z.object({}), inputs: {}, output: artifact('any', z.any()),
  run: async () => [tiny, basename('a/b'), import.meta.url, where, (await import('./late.js')).late] }
`,
  )
  write('late.js', 'export const late = 8\n')
  expect(await run(await load(file))).toEqual([7, 'b', `file://${file}`, join(root, 'lib'), 8])
})

test('a node stops with words of its own', async () => {
  const file = write(
    'my-node.mjs',
    `import { artifact, fail, z } from 'voxelpipe'
export default { summary: 'S.', params: z.object({}), inputs: {}, output: artifact('any', z.any()),
  run: () => fail('the atlas has no label 7', { facts: ['it has 1, 2, 3'], hint: 'choose one of these' }) }
`,
  )
  const loaded = await load(file)
  let thrown: unknown
  try {
    run(loaded)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(FailureError)
  expect(said((thrown as FailureError).failure)).toBe('the atlas has no label 7\n    it has 1, 2, 3\n  choose one of these')
})

test('nothing is left in the folder for temporary files', async () => {
  const ours = () => readdirSync(tmpdir()).filter(f => f.startsWith('voxelpipe-node-') && existsSync(join(tmpdir(), f, 'left-over.js')))
  await loadUserNode(write('left-over.js', 'throw new Error("no")'))
  expect(ours()).toEqual([])
})

test('a missing file is said', async () => {
  const expected = `there is no node at ./my-node.ts
  a node of your own is a file ending in .ts, .mts, .js, .mjs; its path counts from the folder of the pipeline file`
  expect(await refusal(join(root, 'nowhere.ts'))).toBe(expected)
  expect(await refusal(root)).toBe(expected)
  expect(await refusal(write('notes.txt', ''))).toBe(expected)
})

test('a syntax error is shown where it is', async () => {
  expect(await refusal(write('my-node.ts', 'const a = 1\nexport default = 2\n'))).toBe(
    `./my-node.ts:2:16 Unexpected "="
    export default = 2
                   ^`,
  )
})

test('a syntax error in a helper is shown in the helper', async () => {
  write('lib/half.ts', 'export const half = (\n')
  expect(await refusal(write('my-node.ts', `import './lib/half.ts'\n`))).toMatch(/^lib\/half.ts:2:1 /)
})

test('an import that is not there is shown where it is', async () => {
  expect(await refusal(write('my-node.ts', `import a from './nowhere.ts'\nimport b from 'not-installed'\nexport default [a, b]\n`))).toBe(
    `./my-node.ts:1:15 Could not resolve "./nowhere.ts"
    import a from './nowhere.ts'
                  ^
./my-node.ts:2:15 the package "not-installed" is not installed where this file can find it
    import b from 'not-installed'
                  ^`,
  )
})

test('an error while loading is told with its line', async () => {
  expect(await refusal(write('my-node.ts', `const a: string[] = []\n\nexport default a[0].length\n`))).toBe(
    `./my-node.ts stopped with an error while it was loaded: Cannot read properties of undefined (reading 'length')
    my-node.ts, line 3
  what a node does belongs into its run function; outside it there should be definitions only`,
  )
})

test('a default export that is no node is told all that is wrong with it', async () => {
  const hint = `\n  end the file with: export default defineNode({ ... }), from: import { defineNode } from 'voxelpipe'`
  expect(await refusal(write('a.ts', 'export const node = 1'))).toBe(
    `./my-node.ts does not give a node\n    it has no default export${hint}`,
  )
  expect(await refusal(write('b.ts', 'export default () => 1'))).toContain('its default export is a function, not an object')
  const file = write(
    'c.ts',
    `export default { version: '1', params: { _def: {} }, inputs: { a: 1, b: { many: true, optional: false, type: { kind: 'k' } } },
       output: {}, run: 1, each: {}, meaning: 2, parts: { total: 'a', until: 'b', scores: { loss: 1 } } }`,
  )
  expect(await refusal(file)).toBe(`./my-node.ts does not give a node
    "summary" should be a sentence that says what the node does
    "version" should be a number
    "params" should be a schema of zod 4; import it so: import { z } from 'voxelpipe'
    "inputs.a" should be one(kind), many(kind) or maybe(kind)
    "inputs.b.type.schema" should be a schema such as z.object({ ... })
    "output" should be an artifact kind, such as artifact('masks', z.object({ ... }))
    it should have exactly one of "run", "each", "source"; it has run and each
    "parts.from" should be a name
    "parts.scores.loss.of" should be a function
    "meaning" should be a function${hint}`)
})

test('an each node lacks what its elements need', async () => {
  const file = write(
    'd.ts',
    `import { artifact, z } from 'voxelpipe'
export default { summary: 'S.', params: z.object({}), inputs: {}, output: artifact('any', z.any()), each: { run() {}, collect: 1 } }`,
  )
  const text = await refusal(file)
  for (const part of ['"each.elements" should be a function', '"each.collect"', '"each.shared"', '"each.parallel"'])
    expect(text).toContain(part)
})

test('a path is told from a name', () => {
  expect(['./a.ts', '../a.ts', '/a.ts', 'slice', 'bids-index'].map(isNodePath)).toEqual([true, true, true, false, false])
})

test('the example of the documentation works, with the artifact kinds of this package', async () => {
  const page = readFileSync(join(import.meta.dirname, '../docs/your-own-node.md'), 'utf8')
  const loaded = await load(write('volumes.ts', /```ts\n(.*?)```/s.exec(page)![1]!))
  expect((loaded.node.inputs as { masks: InputSpec }).masks.type).toBe(masks)
  const input = { value: { images: { 'sub-01_T2w': { file: 'a.nii.gz' } } }, files: [{ path: 'a.nii.gz', size: 2500 }] }
  const result = await run(loaded, { params: { unit: 'kB' }, inputs: { masks: input }, dir: root, log: () => undefined })
  expect(result).toEqual({ images: { 'sub-01_T2w': { bytes: 2.5 } } })
  expect(readFileSync(join(root, 'sizes.csv'), 'utf8')).toBe('sub-01_T2w,2.5\n')
})
