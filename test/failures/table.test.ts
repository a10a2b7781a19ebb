import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { failureKinds } from '../../src/failure.ts'

test('the table of failures has every kind of every file once: a spread keeps the last of two and says nothing', async () => {
  const folder = resolve(import.meta.dirname, '../../src/failures')
  const tables = readdirSync(folder).filter(file => file !== 'sentence.ts')
  const kinds = await Promise.all(
    tables.map(async file => Object.values((await import(join(folder, file))) as Record<string, object>).flatMap(Object.keys)),
  )
  expect(kinds.flat().sort()).toEqual(Object.keys(failureKinds).sort())
})
