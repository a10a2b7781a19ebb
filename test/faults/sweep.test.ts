import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Place, readEvents, type Ran, type Said } from './place.ts'

const place = new Place()
beforeAll(async () => {
  await place.phantom()
  sweepOver('[0.3, 0.5, 0.7]')
})
afterAll(() => place.remove())

/** Trained until thresholds give different masks: where two are equal, they are evaluated once. */
const sweepOver = (thresholds: string): void =>
  place.pipeline(text => {
    const trained = text.replace('{ num_epochs: 2 }', '{ num_epochs: 15 }\n      scheduler: { initial_lr: 0.03 }')
    return `${trained}sweep:\n  grid: { model.network.n_filters: [2, 3], masks.binarize_prediction.thr: ${thresholds} }\n`
  })

/** Sweeps, and ends everything at once when something happens. */
async function sweep(options: { readonly cache?: string; readonly killAt?: (event: Said) => boolean } = {}): Promise<Ran> {
  const args = ['sweep', 'p.yaml', '--json', '--cache', options.cache ?? 'cache', '--out', `runs-of-${options.cache ?? 'cache'}`]
  const finished = await place.pipe(args, {
    onEvent: (event, kill) => {
      if (options.killAt?.(event)) kill('SIGKILL')
    },
  })
  return { ...finished, ...readEvents(finished.out) }
}

/** The first of a step, or of any step of a node. */
const first =
  (type: string, of: { readonly step?: string; readonly node?: string }) =>
  (event: Said): boolean =>
    event.type === type && (of.step ?? event.step) === event.step && (of.node ?? event['node']) === event['node']

/** After so many epochs, in the middle of the next. */
function epochs(count: number): (event: Said) => boolean {
  let seen = 0
  return event => event.type === 'node-progress' && (event['progress'] as { unit: string }).unit === 'epoch' && ++seen === count
}

/** How often each step ran to its end, as the event logs of all sweeps of a cache tell it. */
function stepsRun(cache: string): Readonly<Record<string, number>> {
  const sweeps = place.at(`runs-of-${cache}`, 'small', 'sweeps')
  const counts: Record<string, number> = {}
  for (const entry of readdirSync(sweeps, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    const log = readFileSync(join(sweeps, entry.name, 'events.jsonl'), 'utf8')
    // The last line of one that was killed may be cut short.
    const events = log.slice(0, log.lastIndexOf('\n') + 1)
    for (const { type, step, how } of readEvents(events).events)
      if (type === 'node-done' && how === 'ran') counts[step!] = (counts[step!] ?? 0) + 1
  }
  return counts
}

/** The table of the last sweep, without the names of runs: they are those of the time. */
const tableOf = (cache: string): readonly string[] =>
  readFileSync(place.at(`runs-of-${cache}`, 'small', 'sweeps', 'latest', 'trials.csv'), 'utf8')
    .trim()
    .split('\n')
    .map(line => line.replace(/,[^,]*$/, ''))

const nodesRun = (events: Ran['events']): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const e of events) if (e.type === 'node-done' && e['how'] === 'ran') counts[String(e['node'])] = (counts[String(e['node'])] ?? 0) + 1
  return counts
}

/** A trial is a run like any other: it can be listed and compared. */
async function expectRuns({ events }: Ran): Promise<void> {
  const { trials } = events.find(e => e.type === 'sweep-done') as unknown as { trials: { run: string }[] }
  const [a, b] = trials.map(trial => trial.run) as [string, string]
  const listed = await place.pipe(['runs', 'small', '--out', 'runs-of-alone', '--json'])
  expect((JSON.parse(listed.out) as { runs: unknown[]; others: unknown[] }).runs).toHaveLength(6)
  expect((JSON.parse(listed.out) as { others: unknown[] }).others).toEqual([])
  const compared = await place.pipe(['compare', a, b, '--out', 'runs-of-alone', '--json'])
  expect(compared.err).toBe('')
  expect((JSON.parse(compared.out) as { runs: unknown[] }).runs).toHaveLength(2)
}

const before = { 'bids-index': 1, split: 1, slice: 1, transform: 1 }
const trained = { train: 2, infer: 2 }

/** Of the sweep that is left alone: its table, and how often each of its steps ran. */
let alone: { readonly table: readonly string[]; readonly steps: Readonly<Record<string, number>> }

test('a sweep over 2 x 3 values runs each shared step once', async () => {
  const first = await sweep({ cache: 'alone' })
  expect(first.err).toBe('')
  expect(first.code).toBe(0)
  expect(nodesRun(first.events)).toEqual({ ...before, ...trained, postprocess: 6, evaluate: 6 })
  const planned = first.events.find(e => e.type === 'sweep-planned')
  expect(planned).toMatchObject({ trials: 6, of: 6, steps: 21, toRun: 20, cached: 1, untimed: 20 })
  expect(tableOf('alone')).toHaveLength(7)
  await expectRuns(first)
  alone = { table: tableOf('alone'), steps: stepsRun('alone') }
}, 120_000)

test('a sweep killed ten times on the way makes nothing twice, and ends with the table of one that was left alone', async () => {
  // Which of the two trainings comes first is not said.
  const moments = [
    first('node-started', { step: 'index' }),
    first('element-done', { step: 'slices' }),
    first('node-started', { step: 'tensors' }),
    epochs(4),
    epochs(7),
    first('node-done', { node: 'train' }),
    epochs(8),
    first('node-done', { node: 'train' }),
    first('node-started', { node: 'postprocess' }),
    first('node-started', { node: 'evaluate' }),
  ]
  const killed: Ran[] = []
  for (const killAt of moments) killed.push(await sweep({ killAt }))
  expect(killed.map(run => run.code)).toEqual(Array(10).fill(null))
  const last = await sweep()
  expect(last.code).toBe(0)
  expect(tableOf('cache')).toEqual(alone.table)

  const hurt = stepsRun('cache')
  expect(Object.keys(alone.steps)).toHaveLength(20)
  expect(new Set(Object.values(alone.steps))).toEqual(new Set([1]))
  expect(Object.entries(hurt).filter(([, times]) => times > 1)).toEqual([])
  // What was killed between its end and the word of it is taken from the cache, and no log says that it ran.
  const unsaid = Object.keys(alone.steps).filter(step => !(step in hurt))
  const cached = last.events.filter(e => e.type === 'node-done' && e['how'] === 'cached').map(e => e.step)
  expect(cached).toEqual(expect.arrayContaining(unsaid))
}, 240_000)

test('run again it does nothing, and of a new value only what it needs', async () => {
  expect(nodesRun((await sweep({ cache: 'alone' })).events)).toEqual({})
  sweepOver('[0.3, 0.5, 0.7, 0.9]')
  expect(nodesRun((await sweep({ cache: 'alone' })).events)).toEqual({ postprocess: 2, evaluate: 2 })
  expect(tableOf('alone')).toHaveLength(9)
}, 120_000)
