import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { digestText } from '../../src/fingerprint.ts'

const main = resolve(import.meta.dirname, '../../dist/bundle/pipe.js')
let dir: string
beforeEach(() => void (dir = realpathSync(mkdtempSync(join(tmpdir(), 'kept-')))))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const pipe = async (args: string, env: Record<string, string> = {}): Promise<string> => {
  const all = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env }
  return (await promisify(execFile)(process.execPath, [main, ...args.split(' ')], { cwd: dir, env: all })).stdout
}
const write = (contrast: string): void =>
  writeFileSync(
    join(dir, 'p.yaml'),
    `steps:
  data: { node: phantom, params: { subjects: 2, shape: [16, 16, 2], contrasts: [${contrast}] } }
  index: { node: bids-index, inputs: { datasets: data }, params: { contrasts: [T2w], target_suffix: [_seg-manual] } }
  parts: { node: split, inputs: { index: index }, params: { train_fraction: 0.5, test_fraction: 0 } }
  slices: { node: slice, inputs: { datasets: data, index: index } }
`,
  )
/** What the cache remembers of checked pipelines: the files. */
const memory = (): string[] =>
  readdirSync(join(dir, 'cache/results'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.includes('pipeline%3A'))
    .map(name => join(dir, 'cache/results', name))

test('a checked pipeline is taken from the cache by the next command, and what was not written there is not believed', async () => {
  write('T2w')
  await pipe('run p.yaml')
  const [file, ...more] = memory()
  expect(more).toEqual([])
  expect(await pipe('plan p.yaml')).toContain('nothing to do')

  // The same text with another value in the memory: what the memory says is what is planned, so it is used.
  const stored = JSON.parse(readFileSync(file!, 'utf8')) as { value: string }
  const changed = stored.value.slice(64).replaceAll('"subjects":2', '"subjects":3')
  expect(changed).not.toBe(stored.value.slice(64))
  writeFileSync(file!, JSON.stringify({ ...stored, value: digestText(changed) + changed }))
  expect(await pipe('plan p.yaml')).toMatch(/stale +data +param subjects: 2 -> 3/)

  // One that does not fit its digest is not.
  writeFileSync(file!, JSON.stringify({ ...stored, value: stored.value.slice(0, 64) + changed }))
  expect(await pipe('plan p.yaml')).toContain('nothing to do')
})

test('an edit, another --set and another value of the environment are checked anew; lost results are made again from what was kept', async () => {
  write('T2w')
  await pipe('run p.yaml')
  rmSync(join(dir, 'cache/artifacts'), { recursive: true })
  expect(memory()).toHaveLength(1)
  expect(await pipe('run p.yaml')).toContain('4 ran')
  expect(await pipe('plan p.yaml')).toContain('nothing to do')
  expect(await pipe('plan p.yaml --set data.subjects=3')).toMatch(/stale +data/)

  write('"${env.CONTRAST}"')
  expect(await pipe('run p.yaml', { CONTRAST: 'T2w' })).toContain('4 cached')
  expect(memory()).toHaveLength(1)
  expect(await pipe('plan p.yaml', { CONTRAST: 'T1w' })).toMatch(/stale +data/)
})

test('where the cache keeps nothing of it, a wrong pipeline is told as ever', async () => {
  write('T2w')
  await pipe('run p.yaml')
  writeFileSync(join(dir, 'p.yaml'), readFileSync(join(dir, 'p.yaml'), 'utf8').replace('subjects: 2', 'subject: 2'))
  await expect(pipe('run p.yaml')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('subjects') as string })
})
