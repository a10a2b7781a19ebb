import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openResults } from '../src/results.ts'

let dir: string
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'results-'))))
afterEach(() => rmSync(dir, { recursive: true, force: true }))
const files = (): string[] => readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(n => n.endsWith('.json'))

test('what one process stores, another reads', async () => {
  const [a, b] = [await openResults(dir), await openResults(dir)]
  await a.set('result:1', { x: [1, 2] })
  expect(await b.get('result:1')).toEqual({ x: [1, 2] })
  expect(await b.get('result:2')).toBeUndefined()
  expect(await a.delete('result:1')).toBe(true)
  expect(await b.get('result:1')).toBeUndefined()
})

test('an entry that was cut short is as good as none, and can be stored again', async () => {
  const store = await openResults(dir)
  await store.set('k', { x: 1 })
  writeFileSync(join(dir, files()[0]!), '{"value":{"x"')
  expect(await store.get('k')).toBeUndefined()
  await store.set('k', { x: 2 })
  expect(await store.get('k')).toEqual({ x: 2 })
})

test('writing where that is impossible throws; it is not silently lost', async () => {
  const file = join(dir, 'file')
  writeFileSync(file, '')
  const store = await openResults(join(file, 'below'))
  await expect(store.set('k', 1)).rejects.toThrow()
})

test('an address of an unknown kind, and a store that is not installed, are said in a sentence', async () => {
  await expect(openResults('ftp://x')).rejects.toThrow('no store for results is known for ftp://x')
  await expect(openResults('mongodb://x')).rejects.toThrow('needs the package @keyv/mongo')
})
