import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { closureOf, closuresOf } from '../src/closure.ts'

const folders: string[] = []
let root: string
beforeEach(() => folders.push((root = mkdtempSync(join(tmpdir(), 'closure-')))))
afterAll(() => folders.forEach(f => rmSync(f, { recursive: true })))

/** Writes the files, and gives the closure's digest of the first. */
async function digest(files: Readonly<Record<string, string>>, at = root): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(at, path)), { recursive: true })
    writeFileSync(join(at, path), text)
  }
  return (await closureOf(join(at, Object.keys(files)[0]!), { versions: true })).digest
}

const node = `import { half } from './lib/half.ts'\nexport default (x: number) => half(x) + 1\n`
const half = `export const half = (x: number) => x / 2\nexport const unused = 1\n`

test('comments, types and formatting do not count', async () => {
  const before = await digest({ 'node.ts': node, 'lib/half.ts': half })
  const after = await digest({
    'node.ts': `/* legal */\n// why\nimport {\n  half,\n} from "./lib/half.ts";\ntype A = 1\nexport default ( x:number )\n  : number =>half( x )+1; // so`,
    'lib/half.ts': `/** Half. @license MIT */\nexport const half = (x: number): number =>\n  x / 2;\nexport interface Unused { a: 1 }`,
  })
  expect(after).toBe(before)
})

test('a change in an imported helper counts, in what the node does not use of it not', async () => {
  const before = await digest({ 'node.ts': node, 'lib/half.ts': half })
  expect(await digest({ 'node.ts': node, 'lib/half.ts': half.replace('x / 2', 'x / 3') })).not.toBe(before)
  expect(await digest({ 'node.ts': node, 'lib/half.ts': half.replace('unused = 1', 'unused = 2') })).toBe(before)
})

test('a helper that is imported lazily counts, wherever the folder lies', async () => {
  const lazy = { 'node.ts': `export default async () => (await import('./lib/half.ts')).half(2)\n`, 'lib/half.ts': half }
  const before = await digest(lazy)
  expect(await digest(lazy, join(root, 'elsewhere'))).toBe(before)
  expect(await digest({ ...lazy, 'lib/half.ts': half.replace('x / 2', 'x / 3') })).not.toBe(before)
})

test('a worker and a table that are named by URL count', async () => {
  const files = {
    'node.ts': `export default () => [new URL('./worker.ts', import.meta.url), new URL('./table.csv', import.meta.url)]\n`,
    'worker.ts': `import { half } from './lib/half.ts'\nconsole.log(half(2))\n`,
    'lib/half.ts': half,
    'table.csv': 'a,b\n',
  }
  const before = await digest(files)
  expect(await digest({ ...files, 'worker.ts': `// note\n${files['worker.ts']}` })).toBe(before)
  expect(await digest({ ...files, 'lib/half.ts': half.replace('x / 2', 'x / 3') })).not.toBe(before)
  await digest(files)
  expect(await digest({ ...files, 'table.csv': 'a,c\n' })).not.toBe(before)
})

test('a worker that leads back to the file which starts it counts once', async () => {
  const files = {
    'node.ts': `import { workerFile } from './lib/half.ts'\nexport const n = 1\nexport default () => workerFile(import.meta.url, 'worker')\n`,
    'worker.ts': `import { n } from './node.ts'\nexport default n + 1\n`,
    'lib/half.ts': 'export const workerFile = (a: string, b: string) => a + b\n',
  }
  const before = await digest(files)
  expect(await digest({ ...files, 'worker.ts': files['worker.ts'].replace('n + 1', 'n + 2') })).not.toBe(before)
})

test('the installed version of a package counts, and its files do not', async () => {
  const files = {
    'node.ts': `import { z } from 'voxelpipe'\nimport { readFileSync } from 'node:fs'\nimport { f } from '@lab/tools/f'\nexport default [z, readFileSync, f]\n`,
    'node_modules/@lab/tools/package.json': '{"version":"1.2.0"}',
  }
  const before = await digest(files)
  expect((await closureOf(join(root, 'node.ts'), { versions: true })).packages).toEqual(['@lab/tools/f 1.2.0'])
  expect(await digest({ ...files, 'node_modules/@lab/tools/package.json': '{"version":"1.3.0"}' })).not.toBe(before)
})

test('several files in one go are told apart, and equal the files one by one', async () => {
  await digest({ 'a.ts': node, 'b.ts': `export default 2\n`, 'lib/half.ts': half })
  const [a, b] = await closuresOf([join(root, 'a.ts'), join(root, 'b.ts')])
  expect(a).toEqual(await closureOf(join(root, 'a.ts')))
  expect(b).toEqual(await closureOf(join(root, 'b.ts')))
  expect(a!.files).toEqual([join(root, 'a.ts'), join(root, 'lib/half.ts')])
})

test('an ignored file does not count', async () => {
  const files = { 'node.ts': node, 'lib/half.ts': half }
  await digest(files)
  const of = async () => (await closureOf(join(root, 'node.ts'), { ignore: f => f.endsWith('half.ts') })).digest
  const before = await of()
  await digest({ ...files, 'lib/half.ts': half.replace('x / 2', 'x / 3') })
  expect(await of()).toBe(before)
})
