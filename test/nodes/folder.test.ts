import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test } from 'vitest'
import folder from '../../nodes/folder.ts'
import { withFolder } from './each.ts'
import { failureOf } from './whole.ts'

test('a folder is a dataset where it lies, under the name that it gives itself', () =>
  withFolder(async dir => {
    writeFileSync(join(dir, 'README'), '')
    assert.deepEqual(folder.source({ path: dir }), { dir, value: { name: 'dataset' } })
    assert.deepEqual(folder.source({ path: relative(process.cwd(), dir) }).dir, dir)
    writeFileSync(join(dir, 'dataset_description.json'), '{ "Name": "my spines" }')
    assert.deepEqual(folder.source({ path: dir }).value, { name: 'my spines' })
    writeFileSync(join(dir, 'dataset_description.json'), '{ broken')
    assert.deepEqual(folder.source({ path: dir }).value, { name: 'dataset' })
  }))

test('a folder that is not there, empty, or no folder is a failure', () =>
  withFolder(async dir => {
    writeFileSync(join(dir, 'file'), '')
    mkdirSync(join(dir, 'empty'))
    const say = (name: string) => failureOf(() => folder.source({ path: join(dir, name) }))
    assert.equal(
      await say('none'),
      `the dataset folder does not exist: ${join(dir, 'none')}\n  check the path; a relative one starts at the current folder`,
    )
    assert.match(await say('empty'), /^the dataset folder is empty: /)
    assert.match(await say('file'), /^a folder was expected, and this is a file: /)
  }))
