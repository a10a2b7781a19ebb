import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { mountSmall, whyNoMount, type SmallDisk } from './mount.ts'
import { checksum, expectMessage, Place } from './place.ts'

// Trained once; every test works on a copy.
const trained = new Place()
let place: Place
beforeAll(async () => {
  await trained.phantom()
  trained.pipeline()
  expect((await trained.run()).code).toBe(0)
})
afterAll(() => trained.remove())
const mounted: SmallDisk[] = []
beforeEach(() => {
  place = new Place()
  cpSync(trained.dir, place.dir, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
})
afterEach(() => {
  for (const disk of mounted.splice(0)) disk.unmount()
  place.remove()
})

function mounting(name: string, size: string): SmallDisk {
  const disk = mountSmall(place.at(name), size)
  mounted.push(disk)
  return disk
}
const mountTest = (name: string, body: () => Promise<void>): void =>
  test.skipIf(whyNoMount)(name + (whyNoMount ? ` (skipped: ${whyNoMount})` : ''), body)

mountTest('a disk that is full is said; what was done is kept, and with more space the run goes on', async () => {
  const { remount } = mounting('small', '260k')
  const before = checksum(place.at('data'))
  const full = await place.pipe(['run', 'p.yaml', '--cache', 'small', '--json', '--jobs', '1', '--until', 'tensors'])
  expect(full.code).toBe(1)
  expect(full.out).toContain('"kind":"disk-full"')
  remount('size=20m')
  const again = await place.run('--cache', 'small', '--until', 'tensors')
  expect(again.code, again.out).toBe(0)
  expect(again.ran).not.toContain('index')
  expect(again.ran.join()).toMatch(/(slices|tensors) [1-4]\/5/)
  expect(checksum(place.at('data'))).toBe(before)
})

mountTest('a disk that fills up during training: a message, and the training goes on from its checkpoint', async () => {
  const { remount } = mounting('small', '20m')
  expect((await place.run('--cache', 'small', '--until', 'tensors')).code).toBe(0)
  const used = Number(
    execFileSync('du', ['-sk', place.at('small')])
      .toString()
      .split('\t')[0],
  )
  remount(`size=${used + 40}k`)
  const longer = ['--cache', 'small', '--until', 'model', '--set', 'model.training_time.num_epochs=3', '--set', 'model.network.n_filters=6']
  expectMessage(await place.pipe(['run', 'p.yaml', ...longer]), 1, 'no space is left to write below ', '/small', 'free some space')
  remount('size=20m')
  expectMessage(await place.pipe(['run', 'p.yaml', ...longer]), 0, 'epoch 3/3')
})

mountTest('no space at all: the run does not start', async () => {
  const { remount } = mounting('small', '64k')
  writeFileSync(place.at('small/fill'), Buffer.alloc(60 * 1024))
  remount('nr_inodes=2')
  expectMessage(await place.pipe(['run', 'p.yaml', '--cache', 'small']), 2, 'no space is left', 'free some space, or move the cache')
})

mountTest('a folder of results without space: a message', async () => {
  const { remount } = mounting('out', '16k')
  remount('nr_inodes=4')
  expectMessage(await place.pipe(['run', 'p.yaml', '--out', 'out']), 2, /no space is left|cannot write/, '--out')
})

mountTest('results that find no place while the pipeline runs: a message, and the cache keeps what was made', async () => {
  const { remount } = mounting('out', '1m')
  remount('nr_inodes=11')
  const run = await place.pipe(['run', 'p.yaml', '--out', 'out', '--cache', 'other'])
  // The job of a step, or the link to its result: whichever comes first.
  expect([1, 2]).toContain(run.code)
  expectMessage(run, run.code!, 'no space is left', '/out/small/', '--out')
  expect((await place.run('--cache', 'other', '--until', 'index')).ran).toEqual([])
})

mountTest('a cache that is read-only: a message, and nothing runs', async () => {
  const { remount } = mounting('small', '1m')
  remount('ro')
  expectMessage(await place.pipe(['run', 'p.yaml', '--cache', 'small']), 2, 'cannot write', 'small', 'read-only', '--cache')
})

test('a cache or results below a file: a message', async () => {
  expectMessage(await place.pipe(['run', 'p.yaml', '--cache', 'p.yaml/c']), 2, 'cannot write', 'p.yaml/c', '--cache')
  expectMessage(await place.pipe(['run', 'p.yaml', '--out', 'p.yaml/c']), 2, 'cannot write', 'p.yaml/c', '--out')
})

test('a dataset whose name begins as that of the cache is not taken for a part of it', async () => {
  expect((await place.run('--cache', 'dat', '--until', 'slices')).code).toBe(0)
})

/** The folder of a step's artifact in the cache, and one of its files. */
const artifactOf = (step: string): string => realpathSync(trained.at('runs/small/latest', step))
const overwrite = (path: string, bytes: string | Buffer): void => {
  chmodSync(path, 0o644)
  writeFileSync(path, bytes)
}
const dataFile = (step: string): string =>
  join(
    artifactOf(step),
    readdirSync(artifactOf(step)).find(name => name.endsWith('_image.npy'))!,
  )
function records(): readonly string[] {
  const dir = place.at('cache/results')
  const all = readdirSync(dir, { recursive: true, encoding: 'utf8' }).map(name => join(dir, name))
  return all.filter(path => statSync(path).isFile())
}

const damages: readonly [what: string, damage: () => void, ran: readonly string[]][] = [
  [
    'a data file with other bytes',
    () => overwrite(dataFile('tensors'), readFileSync(dataFile('tensors')).fill(7, 200, 240)),
    ['tensors 1/5'],
  ],
  ['a data file cut short', () => overwrite(dataFile('slices'), readFileSync(dataFile('slices')).subarray(0, 300)), ['slices 1/5']],
  ['a data file that is gone', () => rmSync(dataFile('tensors')), ['tensors 0/5']],
  ['a document with other bytes', () => overwrite(join(artifactOf('slices'), 'artifact.json'), '{}'), ['slices 0/5']],
  ['a document that is gone', () => rmSync(join(artifactOf('split'), 'artifact.json')), ['split']],
  ['a model that is gone', () => rmSync(artifactOf('model'), { recursive: true }), ['model']],
]
// In the place itself: a copy has no hard links between the files of a step and those of its elements, and each test heals it.
for (const [what, damage, ran] of damages)
  test(`${what}: that is made again, and all is as it was`, async () => {
    const before = readFileSync(join(artifactOf('metrics'), 'evaluation_3Dmetrics.csv'))
    damage()
    const healed = await trained.run()
    expect(healed.code, healed.out).toBe(0)
    expect(healed.ran).toEqual(ran)
    expect(healed.events.find(e => e.type === 'node-started')?.['why']).toMatchObject({ kind: 'lost' })
    expect((await trained.run()).ran).toEqual([])
    expect(readFileSync(join(artifactOf('metrics'), 'evaluation_3Dmetrics.csv'))).toEqual(before)
  })

// The last two are JSON, and of another meaning.
const nonsense = ['{"value":{"key":"', '', 'null', '{"value":[1]}', '{"value":{}}'] as const
for (const [which, byteses] of [
  ['by halves of records, nothing, and other values', nonsense],
  ['by one that means something else', nonsense.slice(-1)],
] as const)
  test(`records that were overwritten ${which} are made again`, async () => {
    for (const [at, path] of records().entries()) overwrite(path, byteses[at % byteses.length]!)
    const healed = await place.run('--until', 'slices')
    expect(healed.code, healed.out + healed.err).toBe(0)
    expect(healed.ran).toEqual(['index', 'slices 5/5'])
    expect((await place.run('--until', 'slices')).ran).toEqual([])
  })

test('a cache that is deleted costs time and nothing else', async () => {
  rmSync(place.at('cache'), { recursive: true })
  expect((await place.run('--until', 'slices')).ran).toEqual(['index', 'slices 5/5'])
  expect(existsSync(place.at('data/participants.tsv'))).toBe(true)
})
