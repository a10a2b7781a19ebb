import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Cache } from '../src/cache.ts'

let dir: string
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'cache-'))))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('what was worked out is remembered by what it was worked out from, also by another process; what was damaged is worked out again', async () => {
  let worked = 0
  const square = async (x: number): Promise<{ y: number }> =>
    (await Cache.open(dir)).memory.get('square', { x }, async () => {
      worked++
      return { y: x * x }
    })
  expect([await square(3), await square(3), worked]).toEqual([{ y: 9 }, { y: 9 }, 1])
  expect([await square(4), worked]).toEqual([{ y: 16 }, 2])

  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.json'))
  expect(files).toHaveLength(2)
  for (const file of files) {
    const text = readFileSync(join(dir, file), 'utf8')
    expect(text).toMatch(/:(9|16)\}/)
    writeFileSync(join(dir, file), text.replace(/:(9|16)\}/, ':7}'))
  }
  expect([await square(3), await square(4), worked]).toEqual([{ y: 9 }, { y: 16 }, 4])
})

test('an unfinished folder that is asked for again counts as used now', async () => {
  const cache = await Cache.open(dir)
  // One cast: the brand of a text that has the shape of a digest.
  const key = 'a'.repeat(64) as Parameters<Cache['scratch']>[0]
  const folder = await cache.scratch(key)
  utimesSync(folder, new Date(2001, 0, 1), new Date(2001, 0, 1))
  expect(await cache.scratch(key)).toBe(folder)
  expect(Date.now() - statSync(folder).mtimeMs).toBeLessThan(60_000)
})
