import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import * as fsPromises from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hashFile, listFiles } from '../src/files.ts'
import { digestText } from '../src/fingerprint.ts'
import { digestFiles } from '../src/stat-cache.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stat-'))
  mkdirSync(join(dir, 'data', 'sub'), { recursive: true })
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const write = (name: string, text: string): string => {
  const path = join(dir, 'data', name)
  writeFileSync(path, text)
  return path
}
const digests = async (): Promise<Record<string, string>> => {
  const entries = await digestFiles(join(dir, 'stats'), join(dir, 'data'), await listFiles(join(dir, 'data')))
  return Object.fromEntries(entries.map(e => [e.path, e.digest]))
}
/** Waits until a file is old enough to be remembered. */
const settle = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 1100))

test('digests are those of the bytes, for files in folders and behind links', async () => {
  const a = write('a.txt', 'A')
  write('sub/b.txt', 'B')
  symlinkSync(a, join(dir, 'data', 'link.txt'))
  expect(await digests()).toEqual({
    'a.txt': await hashFile(a),
    'link.txt': await hashFile(a),
    'sub/b.txt': await hashFile(join(dir, 'data', 'sub', 'b.txt')),
  })
})

test('a changed file of the same size and the same modification time is noticed', async () => {
  const path = write('a.txt', 'old')
  await settle()
  const before = await digests()
  const { mtime, atime } = await fsPromises.stat(path)
  writeFileSync(path, 'new')
  utimesSync(path, atime, mtime)
  expect((await digests())['a.txt']).not.toBe(before['a.txt'])
})

test('a file by itself is remembered as one in a folder is', async () => {
  const path = write('a.zip', 'old')
  await settle()
  const digestOf = async () => (await digestFiles(join(dir, 'stats'), path, ['']))[0]!.digest
  expect(await digestOf()).toBe(await hashFile(path))
  expect(readdirSync(join(dir, 'stats'))).toHaveLength(1)
  writeFileSync(path, 'new')
  expect(await digestOf()).toBe(await hashFile(path))
})

test('unchanged files are remembered: the second time they are not read', async () => {
  write('a.txt', 'secret')
  await settle()
  const before = await digests()
  // Forge the memory: if the file were read again, the forged digest could not come back.
  const memory = join(dir, 'stats', readdirSync(join(dir, 'stats'))[0]!)
  const text = await fsPromises.readFile(memory, 'utf8')
  const body = text.split('\n')[1]!.replace(before['a.txt']!, 'f'.repeat(64))
  await fsPromises.writeFile(memory, `${digestText(body)}\n${body}`)
  expect((await digests())['a.txt']).toBe('f'.repeat(64))
})

test('a file written just now is not trusted to stay as it is', async () => {
  write('a.txt', 'one')
  await digests()
  const names = readdirSync(join(dir, 'stats'))
  const kept = await Promise.all(names.map(n => fsPromises.readFile(join(dir, 'stats', n), 'utf8')))
  expect(kept.join('')).not.toContain('a.txt')
})

test('a damaged memory only costs reading', async () => {
  write('a.txt', 'A')
  await settle()
  const before = await digests()
  const memory = join(dir, 'stats', readdirSync(join(dir, 'stats'))[0]!)
  const text = await fsPromises.readFile(memory, 'utf8')
  // Half of it, none, and a digest in which a digit is another.
  for (const damaged of [text.slice(0, 80), '{"a.txt": [1', text.replace(before['a.txt']!, 'f'.repeat(64))]) {
    writeFileSync(memory, damaged)
    expect(await digests()).toEqual(before)
  }
})
