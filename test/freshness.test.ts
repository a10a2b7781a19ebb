import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { Artifact } from '../src/artifact.ts'
import { isWell, type Outcome } from '../src/scheduler.ts'
import { describeWhy } from '../src/why.ts'
import { meeting, withRig, type Rig } from './rig.ts'

const artifactOf = (outcomes: ReadonlyMap<string, Outcome>, step: string): Artifact<unknown> =>
  (outcomes.get(step) as { artifact: Artifact<unknown> }).artifact
const how = (outcomes: ReadonlyMap<string, Outcome>): Record<string, string> =>
  Object.fromEntries([...outcomes].map(([id, o]) => [id, o.how]))

/** index -> train -> score, each counting its runs. */
function chain(rig: Rig) {
  const index = rig.node('index', ({ params }) => ({ subjects: ['01', '02'], odd: Number(params['k'] ?? 0) % 2 }))
  const train = rig.node('train', ({ inputs, params }) => ({ weights: JSON.stringify([inputs.from.map(a => a.value), params]) }))
  const score = rig.node('score', ({ inputs }) => ({ dice: inputs.from.length }))
  return { index, train, score, counts: () => [index.runs, train.runs, score.runs] }
}
const steps = (k: number, rate = 1) => ({
  index: { params: { k } },
  train: { from: ['index'], params: { rate } },
  score: { from: ['train'] },
})

test(
  'a second run executes nothing',
  withRig(async rig => {
    const { counts } = chain(rig)
    await rig.run(steps(1))
    const again = await rig.run(steps(1))
    expect(counts()).toEqual([1, 1, 1])
    expect(how(again)).toEqual({ index: 'cached', train: 'cached', score: 'cached' })
  }),
)

test(
  'an edited param runs its step and what uses it, nothing before it',
  withRig(async rig => {
    const { counts } = chain(rig)
    await rig.run(steps(1, 1))
    await rig.run(steps(1, 2))
    expect(counts()).toEqual([1, 2, 2])
  }),
)

test(
  'a step that runs again to the same bytes stops there: what uses it is cached',
  withRig(async rig => {
    const { counts } = chain(rig)
    await rig.run(steps(1))
    await rig.run(steps(3))
    expect(counts()).toEqual([2, 1, 1])
  }),
)

test(
  'going back to an earlier value runs nothing',
  withRig(async rig => {
    const { counts } = chain(rig)
    await rig.run(steps(1))
    await rig.run(steps(2))
    await rig.run(steps(1))
    expect(counts()).toEqual([2, 2, 2])
  }),
)

test(
  'a raised node version runs the step again, and the plan says that its code changed',
  withRig(async rig => {
    const { index } = chain(rig)
    await rig.run(steps(1))
    rig.node('index', () => ({ subjects: [] }), { version: 2 })
    const plan = await rig.plan(steps(1))
    expect(plan['index']).toMatchObject({ state: 'stale', why: { changes: [{ what: 'code of index', from: '"1"', to: '"2"' }] } })
    expect(plan['train']).toMatchObject({ state: 'waits', for: ['index'] })
    await rig.run(steps(1))
    expect(index.runs).toBe(2)
  }),
)

test(
  'the plan names the param that changed, from what and to what, and expects the time of the earlier run',
  withRig(async rig => {
    chain(rig)
    await rig.run(steps(1, 1))
    const plan = await rig.plan(steps(1, 2))
    const train = plan['train']!
    expect(train.state === 'stale' && describeWhy(train.why)).toBe('param rate: 1 -> 2')
    expect(train.state === 'stale' && train.expectedMs).toBeTypeOf('number')
    expect(plan['index']!.state).toBe('fresh')
  }),
)

test(
  'the seed belongs to the steps that draw random numbers, and to no other',
  withRig(async rig => {
    const fixed = rig.node('fixed', () => 1)
    const drawn = rig.node('drawn', ({ seed }) => seed, { seeded: true })
    await rig.run({ fixed: {}, drawn: {} })
    rig.seed = 7
    const outcomes = await rig.run({ fixed: {}, drawn: {} })
    expect([fixed.runs, drawn.runs]).toEqual([1, 2])
    expect(artifactOf(outcomes, 'drawn').value).toBe(7)
  }),
)

test(
  'a new element costs that element; the rest come from the cache',
  withRig(async rig => {
    const list = rig.node('list', ({ params }) => params['ids'])
    const slice = rig.each(
      'slice',
      ({ inputs }) => (inputs.from[0]!.value as string[]).map(id => ({ id, value: { id }, files: {} })),
      job => ({ seen: job.id }),
    )
    const run = (ids: string[]) => rig.run({ list: { params: { ids } }, slice: { from: ['list'] } })
    await run(['a', 'b'])
    const outcomes = await run(['a', 'b', 'c'])
    expect(list.runs).toBe(2)
    expect(slice.ran.sort()).toEqual(['a', 'b', 'c'])
    expect(artifactOf(outcomes, 'slice').value).toEqual({ a: { seen: 'a' }, b: { seen: 'b' }, c: { seen: 'c' } })
    const done = rig.events.filter(e => e.type === 'node-done' && e.step === 'slice')
    expect(done.map(e => (e.type === 'node-done' ? e.elements : undefined))).toEqual([
      { total: 2, ran: 2, cached: 0 },
      { total: 3, ran: 1, cached: 2 },
    ])
  }),
)

test(
  "the elements' files lie together in the step's folder, with the bytes and the digests of the parts",
  withRig(async rig => {
    rig.each(
      'parts',
      () => ['x', 'y'].map(id => ({ id, value: null, files: {} })),
      async job => {
        await writeFile(join(job.dir, `${job.id}.txt`), `I am ${job.id}`)
        return null
      },
    )

    const made = artifactOf(await rig.run({ parts: {} }), 'parts')
    expect(made.files.map(f => f.path)).toEqual(['x.txt', 'y.txt'])
    expect(readFileSync(join(made.dir, 'y.txt'), 'utf8')).toBe('I am y')
    expect(statSync(join(made.dir, 'y.txt')).mode & 0o222).toBe(0)
  }),
)

test(
  'two elements that make the same file fail with a message, not with one of the two',
  withRig(async rig => {
    rig.each(
      'parts',
      () => ['x', 'y'].map(id => ({ id, value: null, files: {} })),
      async job => {
        await writeFile(join(job.dir, 'same.txt'), job.id)
        return null
      },
    )
    expect((await rig.run({ parts: {} })).get('parts')).toMatchObject({
      how: 'failed',
      failure: { kind: 'same-file-twice', file: 'same.txt' },
    })
  }),
)

/** One artifact file of the only artifact with files. */
function artifactFile(outcomes: ReadonlyMap<string, Outcome>): string {
  return join(artifactOf(outcomes, 'make').dir, 'data.bin')
}

const damages: Record<string, (path: string) => void> = {
  'overwritten with other bytes of the same length': path => writeFileSync(path, 'XXXX'),
  'cut short': path => writeFileSync(path, 'da'),
  removed: path => rmSync(path),
}
for (const [damage, apply] of Object.entries(damages))
  test(
    `a cached file that was ${damage} is noticed, and the step runs again`,
    withRig(async rig => {
      const make = rig.node('make', async ({ dir }) => {
        await writeFile(join(dir, 'data.bin'), 'data')
        return 1
      })
      const file = artifactFile(await rig.run({ make: {} }))
      chmodSync(file, 0o644)
      apply(file)
      const plan = await rig.plan({ make: {} })
      expect(plan['make']).toMatchObject({ state: 'stale', why: { kind: 'lost' } })
      const again = await rig.run({ make: {} })
      expect(make.runs).toBe(2)
      expect(readFileSync(artifactFile(again), 'utf8')).toBe('data')
    }),
  )

test(
  'damaged result records are as good as none: the step runs again',
  withRig(async rig => {
    const make = rig.node('make', () => 1)
    await rig.run({ make: {} })
    for (const name of readdirSync(join(rig.cacheDir, 'results'), { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('.json')) writeFileSync(join(rig.cacheDir, 'results', name), '{"value": {"ke')
    expect(how(await rig.run({ make: {} }))).toEqual({ make: 'ran' })
    expect(make.runs).toBe(2)
  }),
)

test(
  'deleting the whole cache is safe: everything runs again, to the same digests',
  withRig(async rig => {
    chain(rig)
    const before = await rig.run(steps(1))
    rmSync(rig.cacheDir, { recursive: true })
    const after = await rig.run(steps(1))
    expect(how(after)).toEqual({ index: 'ran', train: 'ran', score: 'ran' })
    expect(artifactOf(after, 'score').digest).toBe(artifactOf(before, 'score').digest)
  }),
)

test(
  'forcing a step runs it although nothing changed',
  withRig(async rig => {
    const { counts } = chain(rig)
    await rig.run(steps(1))
    await rig.run(steps(1), { forced: ['train'] })
    expect(counts()).toEqual([1, 2, 1])
  }),
)

test(
  'one failure stops new steps, and names the steps that were not run',
  withRig(async rig => {
    rig.node('bad', () => {
      throw new Error('no luck')
    })
    const after = rig.node('after', () => 1)
    const outcomes = await rig.run({ bad: {}, after: { from: ['bad'] } })
    expect(outcomes.get('bad')).toMatchObject({ how: 'failed', failure: { kind: 'node-threw', detail: 'no luck' } })
    expect(outcomes.get('after')).toEqual({ how: 'skipped', because: 'it needs "bad"' })
    expect(after.runs).toBe(0)
  }),
)

test(
  'a step that is barred, and what needs it, is not run, and all is well; after a failure it is not run for that',
  withRig(async rig => {
    const runs = ['first', 'barred', 'after'].map(name => rig.node(name, () => 1))
    const steps = { first: {}, barred: { from: ['first'] }, after: { from: ['barred'] } }
    const gate = (step: string) => Promise.resolve(step === 'barred' ? 'not good enough' : undefined)
    const outcomes = await rig.run(steps, { gate })
    expect(outcomes.get('barred')).toEqual({ how: 'skipped', because: 'not good enough', isMeant: true })
    expect(outcomes.get('after')).toEqual({ how: 'skipped', because: 'it needs "barred"', isMeant: true })
    expect([...outcomes.values()].every(isWell)).toBe(true)
    expect(runs.map(node => node.runs)).toEqual([1, 0, 0])

    rig.node('bad', () => {
      throw new Error('no luck')
    })
    const late = async (step: string): Promise<string | undefined> => {
      if (step !== 'barred') return undefined
      await vi.waitFor(() => expect(rig.events.some(event => event.type === 'node-failed')).toBe(true))
      return 'not good enough'
    }
    const after = await rig.run({ bad: {}, ...steps }, { gate: late })
    expect(after.get('barred')).toEqual({ how: 'skipped', because: 'another step failed' })
    expect([...after.values()].every(isWell)).toBe(false)
  }),
)

test(
  'with keep-going, what does not depend on a failed step is finished',
  withRig(async rig => {
    rig.node('bad', () => {
      throw new Error('no luck')
    })
    rig.node('slow', () => new Promise(resolve => setTimeout(() => resolve(1), 20)))
    const other = rig.node('other', () => 2)
    const steps = { bad: {}, slow: {}, other: { from: ['slow'] } }
    expect(how(await rig.run(steps))['other']).toBe('skipped')
    expect(how(await rig.run(steps, { keepGoing: true }))).toEqual({ bad: 'failed', slow: 'cached', other: 'ran' })
    expect(other.runs).toBe(1)
  }),
)

test(
  'a step that is not asked for is taken from the cache, and named when it is stale',
  withRig(async rig => {
    const { counts } = chain(rig)
    const early = await rig.run(steps(1), { wanted: ['score'] })
    expect(early.get('index')).toMatchObject({ how: 'failed', failure: { kind: 'upstream-stale', needs: 'index' } })
    await rig.run(steps(1), { wanted: ['index', 'train'] })
    await rig.run(steps(1), { wanted: ['score'] })
    expect(counts()).toEqual([1, 1, 1])
  }),
)

test(
  'independent steps run side by side, no more at a time than jobs',
  withRig(async rig => {
    let running = 0
    let most = 0
    const two = meeting(2)
    const ids = ['a', 'b', 'c', 'd', 'e']
    for (const id of ids)
      rig.node(id, async () => {
        most = Math.max(most, ++running)
        await two()
        await new Promise(resolve => setTimeout(resolve, 20))
        running--
        return id
      })
    await rig.run(Object.fromEntries(ids.map(id => [id, {}])), { jobs: 2 })
    expect(most).toBe(2)
  }),
)

test(
  'a document that the output kind does not allow, or that JSON cannot hold, is a failure of the step',
  withRig(async rig => {
    rig.node('nan', () => ({ dice: Number.NaN }))
    expect((await rig.run({ nan: {} })).get('nan')).toMatchObject({ how: 'failed', failure: { kind: 'node-threw' } })
  }),
)

test(
  'scratch outlives a failed step and is gone after success',
  withRig(async rig => {
    let fails = true
    const seen: string[][] = []
    rig.node('train', async ({ scratch }) => {
      seen.push(readdirSync(scratch))
      await writeFile(join(scratch, 'checkpoint'), '1')
      if (fails) throw new Error('killed')
      return 1
    })
    await rig.run({ train: {} })
    fails = false
    await rig.run({ train: {} })
    expect(seen).toEqual([[], ['checkpoint']])
    expect(readdirSync(join(rig.cacheDir, 'scratch'))).toEqual([])
  }),
)

test(
  'an aborted run is cancelled, and the next one goes on',
  withRig(async rig => {
    const stop = new AbortController()
    rig.node('long', ({ signal }) => {
      setTimeout(() => stop.abort(), 20)
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
    })
    const outcomes = await rig.run({ long: {} }, { signal: stop.signal })
    expect(outcomes.get('long')).toMatchObject({ how: 'failed', failure: { kind: 'cancelled' } })
    rig.node('long', () => 1)
    expect(how(await rig.run({ long: {} }))).toEqual({ long: 'ran' })
  }),
)

test(
  'a file that a node names runs it again when it comes, changes or goes',
  withRig(async rig => {
    const file = join(rig.dir, 'named.txt')
    const node = rig.node('index', () => ({ subjects: [] }), { reads: () => [file] })
    const runs = async (): Promise<number> => {
      await rig.run({ index: { params: {} } })
      return node.runs
    }
    expect([await runs(), await runs()]).toEqual([1, 1])
    writeFileSync(file, 'one')
    expect([await runs(), await runs()]).toEqual([2, 2])
    writeFileSync(file, 'two!')
    expect([await runs(), await runs()]).toEqual([3, 3])
    rmSync(file)
    // As it was at first.
    expect(await runs()).toBe(3)
  }),
)
