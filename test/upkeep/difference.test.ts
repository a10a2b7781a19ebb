import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Artifact } from '../../src/artifact.ts'
import { hashFileNow } from '../../src/files.ts'
import { differencesOf } from '../../src/upkeep/difference.ts'
import { sample } from '../../src/upkeep/rerun.ts'

const dirs: string[] = []
beforeEach(() => void dirs.splice(0))
afterEach(() => {
  for (const dir of dirs) rmSync(dir, { recursive: true })
})

function made(value: unknown, files: Readonly<Record<string, string | Buffer>>): Artifact<unknown> {
  const dir = mkdtempSync(join(tmpdir(), 'difference-'))
  dirs.push(dir)
  const entries = Object.entries(files).map(([path, bytes]) => {
    writeFileSync(join(dir, path), bytes)
    return { path, size: bytes.length, digest: hashFileNow(join(dir, path)) }
  })
  return { kind: 'any', digest: entries[0]?.digest ?? hashFileNow(import.meta.filename), dir, value, files: entries }
}

test('numbers that drift, values that change, and members that come and go are told by their path', async () => {
  const was = made({ loss: 0.5, best: { epoch: 3, names: ['a'] }, gone: true }, {})
  const is = made({ loss: 0.25, best: { epoch: 3, names: ['b'] }, new: [] }, {})
  expect(await differencesOf(was, is)).toEqual([
    { kind: 'number', where: 'loss', was: 0.5, is: 0.25 },
    { kind: 'value', where: 'best.names.0', was: '"a"', is: '"b"' },
    { kind: 'value', where: 'gone', was: 'true', is: 'nothing' },
    { kind: 'value', where: 'new', was: 'nothing', is: '[]' },
  ])
})

test('bytes that differ are counted, also beyond the end of the shorter file and across a megabyte', async () => {
  const long = Buffer.alloc((1 << 20) + 10)
  const other = Buffer.from(long.subarray(0, (1 << 20) + 4))
  other[0] = 1
  other[(1 << 20) + 1] = 1
  const was = made(null, { 'a.bin': long, 'same.bin': 'x', 'old.bin': 'x' })
  const is = made(null, { 'a.bin': other, 'same.bin': 'x', 'new.bin': 'x' })
  expect(await differencesOf(was, is)).toEqual([
    { kind: 'bytes', file: 'a.bin', differing: 8, of: (1 << 20) + 10 },
    { kind: 'missing', file: 'old.bin' },
    { kind: 'extra', file: 'new.bin' },
  ])
})

test('the numbers of a table drift by row and column', async () => {
  const was = made(null, { 'm.csv': 'image,dice,note\nsub-01,0.5,\nsub-02,0.75,\n' })
  const is = made(null, { 'm.csv': 'image,dice,note\nsub-01,0.5,\nsub-02,0.7,x\n' })
  expect((await differencesOf(was, is)).slice(1)).toEqual([
    { kind: 'number', where: 'm.csv sub-02 (line 3) dice', was: 0.75, is: 0.7 },
    { kind: 'value', where: 'm.csv sub-02 (line 3) note', was: '""', is: '"x"' },
  ])
})

test('a sample is a share, at least one, in order, by its seed', () => {
  const all = Array.from({ length: 40 }, (_, i) => i)
  const some = sample(all, 0.1, 0)
  expect(some).toHaveLength(4)
  expect(some).toEqual([...some].sort((a, b) => a - b))
  expect(sample(all, 0.1, 0)).toEqual(some)
  expect(sample(all, 0.1, 1)).not.toEqual(some)
  expect([sample(all, 1, 0).length, sample(['one'], 0.01, 0).length, sample([], 0.5, 0).length]).toEqual([40, 1, 0])
})
