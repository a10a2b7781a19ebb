import { chmodSync, readdirSync, readFileSync, realpathSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tinyNodes } from '../faults/nodes.ts'
import { checksum, expectMessage, Place } from '../faults/place.ts'

const place = new Place()
beforeAll(async () => {
  tinyNodes(place)
  expect((await place.run()).code).toBe(0)
})
afterAll(() => place.remove())
const verify = (...args: readonly string[]) => place.pipe(['verify', 'p.yaml', ...args])
/** What is written about a use changes; nothing that is a result. */
const results = (): string => checksum(place.at('cache/artifacts')) + checksum(place.at('cache/results'))

test('--rerun makes everything again in a process of its own, and the cache stays as it is', async () => {
  const before = results()
  const audited = await verify('--rerun')
  expectMessage(
    audited,
    0,
    /^✓ first {2}the same bytes/m,
    /^✓ parts a {2}the same bytes/m,
    /^9 of 9 cached results made again: 9 the same$/m,
  )
  expect(results()).toBe(before)
  expect([readdirSync(place.at('cache/tmp')), readdirSync(place.at('cache/leases'))]).toEqual([[], []])
})

test('--sample takes a share, and --step one step; what is not cached is named', async () => {
  expectMessage(
    await verify('--rerun', '--sample', '10%', '--set', 'last.word=other'),
    0,
    '1 of 8 cached results made again: 1 the same',
    'not in the cache, so not looked at: last',
  )
  expectMessage(await verify('--rerun', '--step', 'last'), 0, '1 of 1 cached result made again')
  expectMessage(await verify('--sample', '10'), 2, '--sample wants a share, such as 10%, and gets "10"')
  expectMessage(await verify('--seed', 'x'), 2, '--seed wants a whole number, and gets "x"')
  expectMessage(await verify('--step', 'lst'), 2, 'no step is called "lst"', 'the steps are: first, parts, last')
})

const drifting = `import { writeFileSync } from 'node:fs'
import { artifact, defineNode, z } from ${JSON.stringify(new URL('../../dist/src/index.js', import.meta.url).pathname)}
export default defineNode({
  summary: 'never the same', version: 1, params: z.object({ fails: z.string().optional() }), inputs: {}, output: artifact('any', z.unknown()),
  run({ dir, params }) {
    if (process.env.FAILS && params.fails) throw new Error('not again')
    writeFileSync(dir + '/m.csv', 'image,dice\\nsub-01,' + (process.env.DICE ?? '0.5') + '\\n')
    return { dice: Number(process.env.DICE ?? '0.5'), place: dir.length > 0 }
  },
})`

test('what depends on more than its inputs is found: which bytes, and which numbers drift by how much', async () => {
  writeFileSync(place.at('drifting.mjs'), drifting)
  writeFileSync(
    place.at('d.yaml'),
    'name: d\nsteps:\n  a: { node: ./drifting.mjs }\n  b: { node: ./drifting.mjs, params: { fails: "yes" } }\n',
  )
  expect((await place.pipe(['run', 'd.yaml'])).code).toBe(0)
  const audit = (...args: readonly string[]) => place.pipe(['verify', 'd.yaml', '--rerun', ...args], { env: { DICE: '0.4', FAILS: '1' } })
  const found = await audit()
  expect(found.out).toContain(`✗ a  differs`)
  expect(found.out).toContain(
    '    dice: 0.5 -> 0.4 (by -0.100)\n    m.csv: 1 of 22 bytes differ\n    m.csv sub-01 (line 2) dice: 0.5 -> 0.4 (by -0.100)\n',
  )
  expect(found.out).toMatch(/^✗ b {2}failed.*\n {4}step "b" stopped on an error of the program: not again$/m)
  expect(found.out).toContain(
    '2 of 2 cached results made again: 0 the same, 1 differ, 1 failed\n2 numbers drifted, the most by 20.0%: a dice\n',
  )
  expect(found.code).toBe(1)
  const { audited } = JSON.parse((await audit('--json', '--step', 'a')).out) as { audited: unknown[] }
  expect(audited).toMatchObject([{ step: 'a', verdict: 'differs', differences: [{ kind: 'number', was: 0.5, is: 0.4 }, {}, {}] }])
})

test('without --rerun the bytes of its results are read', async () => {
  expectMessage(await verify(), 0, '9 results (0.0 MB) and 9 records read: all is well')
  const spoil = (bytes: (good: Buffer) => Buffer, isTraceless: boolean): void => {
    const file = `${realpathSync(place.at('runs/small/latest/last'))}/last.txt`
    const { atime, mtime } = statSync(file)
    chmodSync(file, 0o644)
    writeFileSync(file, bytes(readFileSync(file)))
    if (isTraceless) utimesSync(file, atime, mtime)
  }
  spoil(good => good.fill('x', 0, 1), true)
  expectMessage(await verify(), 1, '9 results (0.0 MB) and 9 records read: 1 is wrong', 'makes them again: last')
  expect((await place.run()).ran).toEqual(['last'])
  // Seen already when it is looked up.
  spoil(good => good.subarray(1), false)
  expectMessage(await verify(), 1, 'last is made again by the next run: its file last.txt in the cache has 3999 bytes instead of 4000')
  expect((await place.run()).ran).toEqual(['last'])
})
