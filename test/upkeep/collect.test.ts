import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Digest } from '../../src/artifact.ts'
import type { ResultRecord } from '../../src/cache.ts'
import { chooseRemovals, type Limits } from '../../src/upkeep/collect.ts'
import { bytesOf, type Entry, type EntryKind } from '../../src/upkeep/inventory.ts'

const DAY = 86_400_000
const now = 1000 * DAY

/** A result that was used so many days ago, with its files as `inode:bytes`. */
function entry(id: string, daysAgo: number, files: readonly string[], kind: EntryKind = 'result'): Entry {
  const lastUsed = now - daysAgo * DAY
  const of = { key: `key-${id}`, artifact: id, step: id, fingerprint: {} } as unknown as ResultRecord
  const parts = files.map(file => ({ inode: file.split(':')[0]!, bytes: Number(file.split(':')[1]) }))
  return { kind, id, path: id, files: parts, lastUsed, stamp: lastUsed, records: kind === 'result' ? [of] : [] }
}
const choose = (entries: readonly Entry[], limits: Limits, kept: { pinned?: readonly string[]; since?: number } = {}) =>
  chooseRemovals(
    { entries, records: entries.flatMap(e => e.records), unreadable: [] },
    { pinned: new Set((kept.pinned ?? []) as Digest[]), ...(kept.since === undefined ? {} : { since: kept.since }) },
    limits,
    now,
  ).map(({ entry: { id }, reason, bytes }) => `${id} ${reason} ${bytes}`)

const three = [entry('new', 1, ['a:10']), entry('old', 40, ['b:10']), entry('older', 50, ['c:10'])]

test('what was used least recently goes first, until the size is reached', () => {
  expect(choose(three, { maxBytes: 20 })).toEqual(['older space 10'])
  expect(choose(three, { maxBytes: 19 })).toEqual(['older space 10', 'old space 10'])
  expect(choose(three, { maxBytes: 30 })).toEqual([])
})

test('what was not used for longer than that goes, whatever its size', () => {
  expect(choose(three, { olderThanMs: 45 * DAY })).toEqual(['older old 10'])
  expect(choose(three, { olderThanMs: 30 * DAY, maxBytes: 5 })).toEqual(['older old 10', 'old old 10', 'new space 10'])
})

test('what is pinned, and what was used since the oldest run began, stays', () => {
  expect(choose(three, { maxBytes: 0 }, { pinned: ['older'] })).toEqual(['old space 10', 'new space 10'])
  expect(choose(three, { all: true }, { since: now - 41 * DAY })).toEqual(['older space 10'])
})

test('files that others share free nothing until the last of them goes', () => {
  const shared = [entry('a', 3, ['x:10', 'y:1']), entry('b', 2, ['x:10']), entry('c', 1, ['z:5'])]
  expect(choose(shared, { maxBytes: 15 })).toEqual(['a space 1'])
  expect(choose(shared, { maxBytes: 14 })).toEqual(['a space 1', 'b space 10'])
})

test('leftovers and results without a record go without limits, once they are nobody’s', () => {
  const orphan = { ...entry('orphan', 1, ['a:1']), records: [] }
  const fresh = { ...entry('fresh', 0, ['b:1']), records: [] }
  const left = entry('tmp', 1, ['c:1'], 'leftover')
  const work = entry('checkpoint', 400, ['d:1'], 'unfinished')
  expect(choose([orphan, fresh, left, work], {})).toEqual(['orphan useless 1', 'tmp useless 1'])
  expect(choose([orphan, left], {}, { since: now - 2 * DAY })).toEqual([])
})

test('whatever there is: the sizes add up, the limit is kept or nothing is left to take, and nothing newer goes before something older', () => {
  const files = fc.array(
    fc.integer({ min: 0, max: 9 }).map(n => `i${n}:${n * 7}`),
    { maxLength: 4 },
  )
  const list = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), files, fc.boolean()), { maxLength: 12 })
  fc.assert(
    fc.property(list, fc.integer({ min: 0, max: 300 }), (raw, maxBytes) => {
      const entries = raw.map(([days, of], i) => entry(`e${i}`, days, of))
      const pinned = new Set(raw.flatMap(([, , isPinned], i) => (isPinned ? [`e${i}`] : [])))
      const removals = chooseRemovals(
        { entries, records: entries.flatMap(e => e.records), unreadable: [] },
        { pinned: pinned as ReadonlySet<string> as ReadonlySet<Digest> },
        { maxBytes },
        now,
      )
      const gone = new Set(removals.map(r => r.entry))
      const left = entries.filter(e => !gone.has(e))
      expect(bytesOf(entries) - removals.reduce((s, r) => s + r.bytes, 0)).toBe(bytesOf(left))
      expect([...gone].some(e => pinned.has(e.id))).toBe(false)
      const free = left.filter(e => !pinned.has(e.id))
      if (free.length > 0) expect(bytesOf(left)).toBeLessThanOrEqual(maxBytes)
      for (const g of gone) for (const l of free) expect(g.lastUsed).toBeLessThanOrEqual(l.lastUsed)
    }),
    { seed: 1, numRuns: 300 },
  )
})
