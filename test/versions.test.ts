import { expect, test } from 'vitest'
import { current, problems, recorded, updated, type Versions } from './versions.ts'

test('the code of every node is the code of its version', async () => {
  expect(problems(recorded(), await current())).toEqual([])
})

const before: Versions = { slice: { version: 3, digest: 'a' }, train: { version: 1, digest: 'b' } }

test('a node whose code changed under the same version is named, with what to do', () => {
  expect(problems(before, before)).toEqual([])
  expect(problems(before, { ...before, slice: { version: 3, digest: 'c' } })).toEqual([
    `the code of slice changed, or something that it imports, and its version is still 3.
    If equal inputs can now give another result: set version: 4 in nodes/slice.ts, then npm run versions -- --raise slice
    If you are sure that results stay the same: npm run versions -- --same slice`,
  ])
})

test('a new node, a raised one, one that went back and one that is gone are named', () => {
  const now: Versions = { slice: { version: 4, digest: 'c' }, split: { version: 1, digest: 'd' } }
  expect(problems(before, now)).toEqual([
    'slice has a new version, 4: npm run versions -- --raise slice',
    'split is a new node: npm run versions -- --raise split',
    'train is no longer a node: npm run versions -- --gone train',
  ])
  expect(problems(before, { ...before, slice: { version: 2, digest: 'a' } })[0]).toContain('raise it above 3')
  expect(updated(before, now, ['--raise', 'slice', 'split', '--gone', 'train'])).toEqual(now)
})

test('"all" is what may be said of each', () => {
  const now: Versions = { slice: { version: 3, digest: 'c' }, split: { version: 1, digest: 'd' }, train: { version: 2, digest: 'e' } }
  expect(updated(before, now, ['--raise', 'all'])).toEqual({ ...now, slice: before['slice'] })
  expect(updated(before, now, ['--same', 'all'])).toEqual({ slice: now['slice'], train: before['train'] })
})

test('the record refuses what it should not hide', () => {
  const now: Versions = { slice: { version: 3, digest: 'c' }, train: { version: 2, digest: 'b' } }
  expect(updated(before, now, ['--same', 'slice'])).toEqual({ ...before, slice: now['slice'] })
  expect(updated(before, now, ['--raise', 'slice'])).toBe('slice: its version is still 3: raise it in the file of the node first')
  expect(updated(before, now, ['--same', 'train'])).toBe('train: its version changed from 1 to 2: use --raise')
  expect(updated(before, now, ['--same', 'split'])).toBe('split: it is not recorded yet: use --raise')
  expect(updated(before, now, ['--gone', 'slice'])).toBe('slice: it is still a node')
  expect(updated(before, now, ['slice'])).toBe('say what to do with slice: --raise or --same or --gone')
  expect(updated(before, now, ['--all'])).toBe('--all is unknown; known: --raise --same --gone')
})
