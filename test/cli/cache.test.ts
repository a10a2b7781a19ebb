import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { holderName, thisHolder } from '../../src/holder.ts'
import { tinyNodes } from '../faults/nodes.ts'
import { expectMessage, Place } from '../faults/place.ts'

// Run once; every test has a copy, hard links too.
const filled = new Place()
beforeAll(async () => {
  tinyNodes(filled)
  expect((await filled.run()).ran).toEqual(['first', 'parts 6/6', 'last'])
})
afterAll(() => filled.remove())
let place: Place
beforeEach(() => {
  place = new Place()
  execFileSync('cp', ['-a', `${filled.dir}/.`, place.dir])
})
afterEach(() => place.remove())

const DAY = 86_400_000
const cache = (...args: readonly string[]) => place.pipe(['cache', ...args])
const artifactOf = (step: string, run = 'latest'): string => realpathSync(place.at('runs/small', run, step))
const isThere = (step: string, run?: string): boolean => {
  try {
    return existsSync(artifactOf(step, run))
  } catch {
    return false
  }
}
/** As if nobody had used anything for so long. */
function age(days: number): void {
  const then = new Date(Date.now() - days * DAY)
  for (const shard of readdirSync(place.at('cache/artifacts')))
    for (const name of readdirSync(place.at('cache/artifacts', shard))) utimesSync(place.at('cache/artifacts', shard, name), then, then)
}
/** Flips one bit, and lets nobody see it by the times. */
function rot(path: string): void {
  const { atime, mtime } = statSync(path)
  const bytes = readFileSync(path)
  bytes[0]! ^= 1
  chmodSync(path, 0o644)
  writeFileSync(path, bytes)
  chmodSync(path, 0o444)
  utimesSync(path, atime, mtime)
}

test('du shows what each step has, the sum without what is shared, and the pins', async () => {
  const shown = JSON.parse((await cache('du', '--json')).out) as { bytes: number; records: number; rows: { what: string; count: number }[] }
  expect(shown.rows.map(row => [row.what, row.count]).sort()).toEqual([
    ['first', 1],
    ['last', 1],
    ['parts', 7],
  ])
  expect(shown.records).toBe(9)
  expect((await cache('pin', 'small')).out).toMatch(/^pinned small\/\S+: 3 results\n$/)
  const text = (await cache('du')).out
  expect(text).toMatch(/^step +results +size +last used$/m)
  expect(text).toMatch(/^parts +7 +0\.0 MB {2}\d\.\d s ago$/m)
  expect(text).toMatch(/9 records$/m)
  expect(text).toMatch(/^pinned: small\/\d{8}-\d{6}-[0-9a-f]{6}$/m)
})

test('gc takes what was used least recently, says it first with --dry-run, and the next run makes it again', async () => {
  age(40)
  // Used again: it is as new. What its elements are is used with it.
  expect((await place.run('--until', 'parts')).ran).toEqual([])
  const dry = await cache('gc', '--older-than', '30d', '--dry-run')
  expectMessage(dry, 0, /^last {2}1 {2}0\.0 MB {2}not used for long {2}last used 40 days ago$/m, 'would go: 1 thing')
  expect(isThere('last', basename(readdirSync(place.at('runs/small')).sort()[0]!))).toBe(true)
  expectMessage(await cache('gc', '--older-than', '30d'), 0, 'removed: 1 thing')
  expect((await place.run()).ran).toEqual(['last'])
  expectMessage(await cache('gc', '--max-size', '0B'), 0, 'removed: 9 things', /for space/)
  expect((await place.run()).ran).toEqual(['first', 'parts 6/6', 'last'])
})

test('gc leaves what is pinned, until it is no longer', async () => {
  const name = /^pinned (\S+):/.exec((await cache('pin', 'small')).out)![1]!
  await place.run('--set', 'last.word=other')
  expectMessage(await cache('gc', '--max-size', '0B'), 0, 'removed: 1 thing', `cannot be reached: what is pinned (${name}) stays`)
  expect((await place.run()).ran).toEqual([])
  expectMessage(await place.pipe(['clean']), 0, 'removed: 0 things')
  expectMessage(await cache('unpin', 'small/other'), 2, 'small/other is not pinned', `pinned: ${name}`)
  expectMessage(await cache('unpin', name), 0, 'is pinned no longer')
  expectMessage(await place.pipe(['clean']), 0, 'removed: 9 things')
  expectMessage(await cache('pin', 'small'), 2, 'no result of the run small/', 'lies in this cache')
})

test('gc and clean never take what a run uses that is still going', async () => {
  age(1)
  let cleaned: Promise<readonly string[]> | undefined
  const ran = await place.pipe(['run', 'p.yaml', '--json', '--set', 'last.sleep=1500'], {
    onEvent: e => {
      if (e.type !== 'node-started' || e.step !== 'last') return
      cleaned = Promise.all([cache('gc', '--max-size', '0B'), place.pipe(['clean'])]).then(all => all.map(one => one.out))
    },
  })
  expect(ran.code, ran.out).toBe(0)
  // Only the result of the run before this one goes, by one of the two.
  const said = (await cleaned!).join('')
  expect(said.match(/^\S+(?= {2}\d)/gm)).toEqual(['last'])
  expect(said).toContain('what runs use now stays')
  expect((await place.run('--until', 'parts')).ran).toEqual([])
})

test('a run of another machine counts while it beats, and not when it was silent for an hour', async () => {
  const there = { ...thisHolder('20261126-000000-abcdef'), machine: '0123456789abcdef' }
  const folder = place.at('cache/leases', `run-${there.run}`)
  mkdirSync(folder)
  const lease = join(folder, holderName(there))
  writeFileSync(lease, '')
  utimesSync(folder, 0, 0)
  expectMessage(await cache('gc', '--max-size', '0B'), 0, 'removed: 0 things')
  const then = Date.now() / 1000 - 3700
  utimesSync(lease, then, then)
  expectMessage(await cache('gc', '--max-size', '0B'), 0, 'removed: 9 things')
})

test('what a kill leaves goes without any limit', async () => {
  const then = Date.now() / 1000 - 7200
  mkdirSync(place.at('cache/tmp/1-abc'))
  writeFileSync(place.at('cache/tmp/1-abc/half'), 'half')
  const torn = place.at('cache/results', readdirSync(place.at('cache/results'))[0]!, 'x.json.abc.tmp')
  writeFileSync(torn, 'half')
  for (const path of ['cache/tmp/1-abc/half', 'cache/tmp/1-abc'].map(p => place.at(p)).concat(torn)) utimesSync(path, then, then)
  expectMessage(await cache('gc'), 0, /\(left by a kill\) {2}2 .* of no use/, 'removed: 2 things')
  expect([existsSync(torn), readdirSync(place.at('cache/tmp'))]).toEqual([false, []])
})

test('verify finds bits that flipped without a trace, sets them aside, names the steps, and the next run mends it', async () => {
  const good = readFileSync(join(artifactOf('last'), 'last.txt'))
  expectMessage(await cache('verify'), 0, /9 results \(0\.0 MB\) and 9 records read: all is well/)
  rot(join(artifactOf('last'), 'last.txt'))
  rot(join(artifactOf('parts'), 'c.txt'))
  // The seals are whole: no run notices.
  expect((await place.run()).ran).toEqual([])
  const found = await cache('verify')
  expectMessage(found, 1, /^result [0-9a-f]{12} of last: its file last.txt in the cache is damaged$/m, /it was moved to cache\/damaged\//)
  expect(found.out).toMatch(/^9 results .* read: 3 are wrong\nthe next run that needs them makes them again: last, parts, parts c\n$/m)
  expect((await place.run()).ran).toEqual(['parts 1/6', 'last'])
  expect(readFileSync(join(artifactOf('last'), 'last.txt'))).toEqual(good)
  expectMessage(await cache('verify'), 0, 'all is well')
})

test('verify removes records that cannot be read, or that are not those of their key', async () => {
  const all = readdirSync(place.at('cache/results'), { recursive: true, encoding: 'utf8' }).filter(name => name.includes('result%3A'))
  const [one, two, three] = all.map(name => place.at('cache/results', name)) as [string, string, string]
  writeFileSync(one, '{"value":')
  writeFileSync(two, '{"value":{}}')
  writeFileSync(three, readFileSync(three, 'utf8').replace('"format":1', '"format":2'))
  const found = await cache('verify', '--json')
  expect(found.code).toBe(1)
  const { faults } = JSON.parse(found.out) as { faults: { detail: string }[] }
  expect(faults.map(f => f.detail).sort()).toEqual(['it cannot be read', 'it cannot be read', 'its fingerprint is not that of its key'])
  expect((await cache('verify')).code).toBe(0)
  expect((await place.run()).code).toBe(0)
})

test('a cache that is not there, and amounts that are none, are mistakes', async () => {
  rmSync(place.at('cache'), { recursive: true })
  rmSync(place.at('runs'), { recursive: true })
  expectMessage(await cache('du'), 2, 'there is no cache at', 'name it with --cache')
  mkdirSync(place.at('cache'))
  expectMessage(await cache('gc', '--max-size', '20'), 2, '--max-size wants a size, such as 20GB or 500MB, and gets "20"')
  expectMessage(await cache('gc', '--older-than', 'long'), 2, '--older-than wants a time, such as 30d, 12h or 2w, and gets "long"')
  expectMessage(await cache('gc'), 0, 'removed: 0 things')
  expectMessage(await cache('pin', 'small'), 2, 'there are no runs in runs')
})

test('every command has its help with examples', async () => {
  for (const command of [[], ['du'], ['gc'], ['verify'], ['pin'], ['unpin']]) {
    const help = await cache(...command, '--help')
    expect([help.code, help.out]).toEqual([0, expect.stringMatching(/Examples?:/)])
  }
})
