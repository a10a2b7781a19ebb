import { readFileSync, realpathSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Place, readEvents, type Ran, type Said } from './place.ts'

const place = new Place()
beforeAll(async () => {
  await place.phantom()
})
afterAll(() => place.remove())

/** Four learning rates, the best of them neither first nor last. */
const sweepOver = (epochs: string): void =>
  place.pipeline(
    text =>
      `${text.replace('{ num_epochs: 2 }', '{ num_epochs: 9 }\n      scheduler: { lr_scheduler: { name: none } }')}sweep:
  grid: { model.scheduler.initial_lr: [0.0001, 0.01, 0.03, 0.001] }
  halving: { step: model, epochs: ${epochs}, reduction: 2 }
`,
  )

async function sweep(cache: string, jobs: string, killAt?: (event: Said) => boolean): Promise<Ran> {
  const args = ['sweep', 'p.yaml', '--json', '--jobs', jobs, '--cache', cache, '--out', `runs-of-${cache}`]
  const finished = await place.pipe(args, {
    onEvent: (event, kill) => {
      if (killAt?.(event)) kill('SIGKILL')
    },
  })
  return { ...finished, ...readEvents(finished.out) }
}

const trainings = ({ events }: Ran): readonly string[] =>
  events.filter(e => e.type === 'node-done' && e['node'] === 'train' && e['how'] === 'ran').map(e => e.step!)

const fileOf = (cache: string, name: string): string =>
  readFileSync(place.at(`runs-of-${cache}`, 'small', 'sweeps', 'latest', name), 'utf8')
/** Without the names of runs: they are those of the time. */
const tableOf = (cache: string): string => fileOf(cache, 'trials.csv').replace(/,[^,]*$/gm, '')

interface Record {
  readonly rungs: readonly {
    readonly epoch: number
    readonly trainings: readonly { readonly trials: readonly number[]; readonly score: number; readonly decision: string }[]
  }[]
}
const rungsOf = (cache: string): Record['rungs'] => (JSON.parse(fileOf(cache, 'rungs.json')) as Record).rungs

test('trainings are stopped at rungs, and those that go on give the bytes of one in one piece', async () => {
  sweepOver('[1, 2, 3]')
  const ran = await sweep('alone', '1')
  expect([ran.err, ran.code]).toEqual(['', 0])
  const rungs = rungsOf('alone')
  expect(rungs.map(rung => rung.epoch)).toEqual([1, 2, 3])
  expect(rungs[0]!.trainings.map(t => t.trials)).toEqual([[1], [2], [3], [4]])
  expect(rungs[1]!.trainings.length).toBeGreaterThanOrEqual(2)
  expect(rungs.map(rung => rung.trainings.filter(t => t.decision === 'up').length)).toEqual([
    rungs[1]!.trainings.length,
    rungs[2]!.trainings.length,
    0,
  ])
  // Each part of a training ran once, and none that was not to run.
  expect(trainings(ran)).toHaveLength(rungs.flatMap(rung => rung.trainings).length)
  expect(new Set(trainings(ran)).size).toBe(trainings(ran).length)

  const { trials } = ran.events.find(e => e.type === 'sweep-done') as unknown as {
    trials: { trial: number; state: string; dir?: string; values: { [key: string]: number }; reached: { epoch: number } }[]
  }
  const top = rungs[2]!.trainings.flatMap(t => t.trials)
  expect(
    trials
      .filter(t => t.state === 'done')
      .map(t => t.trial)
      .sort(),
  ).toEqual([...top].sort())
  expect(trials.filter(t => t.state === 'stopped').every(t => t.dir === undefined && t.reached.epoch < 3)).toBe(true)
  expect(trials.map(t => t.reached.epoch)).toEqual(trials.map(t => t.reached.epoch).sort((a, b) => b - a))

  const best = trials.find(t => t.state === 'done')!
  const rate = best.values['model.scheduler.initial_lr']
  const whole = await place.run(
    ...['--until', 'model', '--cache', 'whole', '--set', `model.scheduler.initial_lr=${rate}`],
    ...['--set', 'model.training_time.num_epochs=3'],
  )
  expect(whole.code).toBe(0)
  for (const file of ['model.onnx', 'final.onnx', 'curves.csv', 'model.json'])
    expect(readFileSync(`${best.dir}/model/${file}`).equals(place.read('runs/small/latest/model', file)), file).toBe(true)
}, 240_000)

test('killed on the way and with other --jobs, the decisions and the table are the same', async () => {
  let done = 0
  const killed = [
    await sweep('hurt', '4', e => e.type === 'node-done' && e['node'] === 'train' && ++done === 2),
    await sweep('hurt', '2', e => e.type === 'node-progress' && /^model-2/.test(e.step ?? '')),
  ]
  expect(killed.map(run => run.code)).toEqual([null, null])
  const last = await sweep('hurt', '4')
  expect(last.code).toBe(0)
  expect(fileOf('hurt', 'rungs.json')).toBe(fileOf('alone', 'rungs.json'))
  expect(tableOf('hurt')).toBe(tableOf('alone'))
  const ran = [...killed, last].flatMap(trainings)
  expect(ran.filter((step, i) => ran.indexOf(step) < i)).toEqual([])
}, 240_000)

test('one more rung trains from the last checkpoints, and nothing anew', async () => {
  sweepOver('[1, 2, 3, 4]')
  const before = realpathSync(place.at('runs-of-alone/small/sweeps/latest'))
  const more = await sweep('alone', '2')
  expect(more.code).toBe(0)
  expect(realpathSync(place.at('runs-of-alone/small/sweeps/latest'))).not.toBe(before)
  expect(trainings(more).length).toBeGreaterThan(0)
  expect(trainings(more).filter(step => !/^model(@\d+)?$/.test(step))).toEqual([])
  expect(rungsOf('alone').at(-1)!.trainings).toHaveLength(trainings(more).length)
  expect(tableOf('alone')).toMatch(/^\d,done,[\d.]+,4,/m)
}, 240_000)
