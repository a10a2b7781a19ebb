import { afterAll, beforeAll, expect, test } from 'vitest'
import { Place, readEvents, type Said } from './place.ts'

const place = new Place()
const names = ['model.onnx', 'final.onnx', 'curves.csv'] as const
const model = (): readonly Buffer[] => names.map(name => place.read('runs/small/latest/model', name))
/** Large enough that an epoch takes a moment. */
const training = ['--set', 'model.network.depth=2', '--set', 'model.network.n_filters=8', '--set', 'model.batch_size=1']
const run = ['run', 'p.yaml', '--json', '--until', 'model', '--set', 'model.training_time.num_epochs=6', ...training]

const isEpoch = (e: Said): boolean => e.type === 'node-progress' && (e['progress'] as { unit: string }).unit === 'epoch'
const epochs = (text: string): readonly number[] =>
  readEvents(text)
    .events.filter(isEpoch)
    .map(e => (e['progress'] as { done: number }).done)

let whole: readonly Buffer[]
beforeAll(async () => {
  await place.phantom()
  place.pipeline()
  expect((await place.run('--until', 'tensors')).code).toBe(0)
  place.copy('cache', 'unhurt')
  const finished = await place.pipe([...run, '--cache', 'unhurt'])
  expect(epochs(finished.out)).toEqual([1, 2, 3, 4, 5, 6])
  whole = model()
})
afterAll(() => place.remove())

for (const { signal, code, jobs } of [
  { signal: 'SIGKILL', code: null, jobs: [] },
  { signal: 'SIGINT', code: 130, jobs: ['--jobs', '1'] },
] as const)
  test(`training ended by ${signal} during epoch 3 goes on${jobs.length ? ' with other --jobs' : ''}, to the same bytes as one that was not`, async () => {
    const cache = `hurt-by-${signal}`
    place.copy('cache', cache)
    let done = 0
    const hurt = await place.pipe([...run, '--cache', cache], {
      onEvent: (event, kill) => {
        if (isEpoch(event)) done = (event['progress'] as { done: number }).done
        // A batch after it: the third epoch has begun.
        else if (done === 2 && event.type === 'node-progress') kill(signal)
      },
    })
    expect(hurt.code).toBe(code)
    const before = epochs(hurt.out)
    expect(before.at(-1)).toBeLessThan(6)

    const again = await place.pipe([...run, '--cache', cache, ...jobs])
    expect(again.code, again.out).toBe(0)
    const after = epochs(again.out)
    expect(after[0]).toBeGreaterThan(2)
    expect(after.at(-1)).toBe(6)
    expect(readEvents(again.out).ran).toEqual(['model'])
    for (const [at, bytes] of model().entries()) expect(bytes.equals(whole[at]!), names[at]).toBe(true)
  })
