import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { otherUser, Place } from './place.ts'

const ownNode = `import { writeFileSync } from 'node:fs'
import { artifact, defineNode, one, z } from 'voxelpipe'
import { word } from './lib/word.ts'
const any = artifact('metrics', z.unknown())
export default defineNode({
  summary: 'of the user', version: 1, params: z.object({ list: z.string() }), inputs: { from: one(any) }, output: artifact('any', z.unknown()),
  reads: ({ list }) => [list],
  meaning: () => ({}),
  run: ({ dir }) => (writeFileSync(dir + '/word.txt', word), { word }),
})`

/** Files outside the dataset that params name by their whole path, in a folder of its own beside the pipeline. */
const pathsIn = (place: Place): readonly string[] => ['--set', `own.list=${place.at('lists/list.txt')}`]

// Everything that may name a place: a dataset, files that params name, a node of the user's own with what it imports.
const home = new Place()
beforeAll(async () => {
  await home.phantom()
  mkdirSync(home.at('lists'))
  mkdirSync(home.at('lib'))
  writeFileSync(home.at('lists/list.txt'), 'a list')
  writeFileSync(home.at('lib/word.ts'), "export const word: string = 'word'\n")
  writeFileSync(home.at('own.ts'), ownNode)
  home.pipeline(text => `${text}  own:\n    node: ./own.ts\n    inputs: { from: metrics }\n    params: { list: nowhere }\n`)
  const run = await home.run(...pathsIn(home))
  expect(run.code, run.out + run.err).toBe(0)
  expect(run.ran).toHaveLength(9)
})
afterAll(() => home.remove())

/** Moves all of it to a folder deep below another, as a copy that keeps neither times nor links, with another cache folder. */
function moved(): Place {
  const place = new Place()
  const deep = realpathSync(mkdtempSync(join(tmpdir(), 'another-disk-')))
  place.remove()
  // One cast away from readonly: a place is where its folder is.
  Object.assign(place, { dir: join(deep, 'users', 'zoë', 'my project') })
  cpSync(home.dir, place.dir, { recursive: true, dereference: true, filter: path => !path.startsWith(home.at('runs')) })
  return place
}

test('no key knows a path, a user or a machine', () => {
  const results = home.at('cache/results')
  const records = readdirSync(results, { recursive: true, encoding: 'utf8' }).filter(name => name.includes('result%3A'))
  expect(records.length).toBeGreaterThan(20)
  const told = [home.dir, tmpdir(), hostname(), ...(userInfo().username.length > 3 ? [userInfo().username] : [])]
  for (const name of records) {
    const { fingerprint } = (JSON.parse(readFileSync(join(results, name), 'utf8')) as { value: { fingerprint: unknown } }).value
    const text = JSON.stringify(fingerprint)
    expect(told.filter(word => text.includes(word))).toEqual([])
  }
})

test('moved to another folder, with other times, under another user, zone, language and name of the machine: all of it hits the cache', async () => {
  const place = moved()
  try {
    const env = {
      HOME: '/nowhere',
      USER: 'zoë',
      LOGNAME: 'zoë',
      TZ: 'Pacific/Chatham',
      LANG: 'tr_TR.UTF-8',
      LC_ALL: 'tr_TR.UTF-8',
      HOSTNAME: 'elsewhere',
    }
    const old = new Date(2001, 1, 1)
    for (const record of readdirSync(place.at('cache/artifacts'), { recursive: true, withFileTypes: true }))
      if (record.isDirectory()) utimesSync(join(record.parentPath, record.name), old, old)
    execFileSync('chmod', ['-R', 'a+rwX', join(place.dir, '..', '..', '..')])
    const as = otherUser === undefined ? {} : { uid: otherUser }
    const ran = await place.pipe(['run', 'p.yaml', '--json', '--jobs', '1', ...pathsIn(place)], { env, ...as })
    const how = ran.out.split('\n').flatMap(line => /"type":"node-done".*"how":"(\w+)"/.exec(line)?.[1] ?? [])
    expect([ran.code, how], ran.out + ran.err).toEqual([0, Array.from({ length: 10 }, () => 'cached')])
    // It is used, whoever owns it.
    const lastUsed = statSync(realpathSync(place.at('runs/small/latest/own'))).mtimeMs
    expect(Date.now() - lastUsed).toBeLessThan(60_000)
    // From another folder, by whole paths.
    const other = await place.pipe(
      [
        'run',
        place.at('p.yaml'),
        '--json',
        '--cache',
        place.at('cache'),
        '--out',
        place.at('out'),
        '--set',
        `dataset.path=${place.at('data')}`,
        ...pathsIn(place),
      ],
      { env, ...as, cwd: tmpdir() },
    )
    expect([other.code, other.out.includes('"how":"ran"')], other.out + other.err).toEqual([0, false])
  } finally {
    rmSync(join(place.dir, '..', '..', '..'), { recursive: true, force: true })
  }
})
