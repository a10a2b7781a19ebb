import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { zipOf, type Made } from '../fetch/archives.ts'
import { expectMessage, Place } from './place.ts'

let place: Place
beforeEach(() => {
  place = new Place()
  place.pipeline(() => 'name: small\nsteps:\n  dataset: { node: download, params: { urls: [file:a.zip] } }\n')
})
afterEach(() => place.remove())

const good: readonly Made[] = [
  { name: 'set/participants.tsv', data: 'participant_id\nsub-01\n' },
  { name: 'set/sub-01/anat/sub-01_T2w.nii.gz', data: 'voxels' },
]
const archive = (bytes: Buffer): void => writeFileSync(place.at('a.zip'), bytes)
const run = (...settings: readonly string[]) => place.pipe(['run', 'p.yaml', ...settings.flatMap(s => ['--set', s])])
/** All that a failed download leaves: no artifact, and nothing beside the pipeline, the archive, the cache and the runs. */
const expectNothingKept = (): void => {
  expect(existsSync(place.at('cache/artifacts'))).toBe(false)
  expect(readdirSync(place.dir).filter(name => !['a.zip', 'cache', 'p.yaml', 'runs'].includes(name))).toEqual([])
}

const hostile: readonly [what: string, archive: () => Buffer, says: readonly string[]][] = [
  [
    'an entry that climbs out',
    () => zipOf([...good, { name: '../evil.txt', data: 'x' }]),
    ['refused', '"../evil.txt"', 'unpack it by hand'],
  ],
  ['an entry with an absolute path', () => zipOf([{ name: '/tmp/evil.txt', data: 'x' }]), ['refused', '"/tmp/evil.txt"']],
  ['a link out', () => zipOf([{ name: 'set/link', data: '../../etc/passwd', mode: 0o120777 }]), ['refused', '"set/link"']],
  ['a bomb', () => zipOf([{ name: 'set/zeros', data: Buffer.alloc(1e6), claimed: 2e9 }]), ['refused', '"set/zeros"']],
  ['an archive cut short', () => zipOf(good).subarray(0, -30), ['damaged or cut short', 'a.zip', 'get it again']],
  ['a web page instead', () => Buffer.from('<html>404</html>'), ['not an archive that can be unpacked', 'web page']],
  ['no bytes at all', () => Buffer.alloc(0), ['a.zip']],
]
for (const [what, make, says] of hostile)
  test(`${what}: a message, exit 1, and nothing kept`, async () => {
    archive(make())
    expectMessage(await run(), 1, ...says)
    expectNothingKept()
  })

test('after a bad archive a good one goes on', async () => {
  archive(zipOf(good).subarray(0, -30))
  expect((await run()).code).toBe(1)
  archive(zipOf(good))
  expectMessage(await run(), 0)
  expect(readFileSync(place.at('runs/small/latest/dataset/participants.tsv'), 'utf8')).toContain('sub-01')
})

test('a wrong checksum shows both, and the right one goes on', async () => {
  archive(zipOf(good))
  const wrong = 'a'.repeat(64)
  const right = createHash('sha256').update(zipOf(good)).digest('hex')
  expectMessage(await run(`dataset.sha256=${wrong}`), 1, wrong, right, 'a.zip')
  expectNothingKept()
  expectMessage(await run(`dataset.sha256=${right}`), 0)
})

test('dead URLs are said, each with its reason', async () => {
  // A port that was free a moment ago, and is closed.
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(done => server.once('listening', done))
  const { port } = server.address() as AddressInfo
  await new Promise(done => server.close(done))
  const dead = `http://127.0.0.1:${port}/a.zip`
  expectMessage(await run(`dataset.urls=[${dead}, file:gone.zip]`), 1, dead, /refused/i, 'gone.zip', 'check the URLs')
  expectNothingKept()
})

test('a file: URL to nothing names the file', async () => {
  expectMessage(await run(), 1, 'a.zip', 'check the URLs')
})
