import { cpSync, rmSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { editImage, Place } from './place.ts'

// Trained once; every test works on a copy of the whole project, in a folder of another name.
const trained = new Place()
let place: Place
beforeAll(async () => {
  await trained.phantom()
  // So low a threshold that even this network draws something.
  trained.pipeline(text => text.replace('{ thr: 0.5 }', '{ thr: 0.1 }'))
  const { code, ran } = await trained.run()
  expect(code).toBe(0)
  expect(ran.length).toBe(8)
})
afterAll(() => trained.remove())
beforeEach(() => {
  place = new Place()
  cpSync(trained.dir, place.dir, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
})
afterEach(() => place.remove())

test('a project that was copied elsewhere with its cache executes nothing', async () => {
  const { code, ran, elements, events } = await place.run()
  expect([code, ran, elements]).toEqual([0, [], {}])
  expect(events.filter(e => e.type === 'node-done' && e['how'] === 'cached').length).toBe(9)
})

test('one image replaced: its slices and its tensors are made anew, then the network is trained onwards', async () => {
  const { train } = JSON.parse(place.read('runs/small/latest/split/split_datasets.json').toString()) as { train: readonly [string] }
  const [replaced] = train
  editImage(place.image(replaced.slice(4, 6)), bytes => bytes.writeInt16LE(123, 352 + 2 * 500))
  const { code, ran, elements } = await place.run()
  expect(code).toBe(0)
  // The split reads the same index; masks and metrics run as far as the prediction is another.
  expect(ran.slice(0, 5)).toEqual(['index', 'slices 1/5', 'tensors 1/5', 'model', 'predictions 1/1'])
  expect(elements).toMatchObject({ slices: [replaced], tensors: [replaced] })
  expect((await place.run()).ran).toEqual([])
})

test('a threshold edited runs the masks, and the metrics where the masks have changed', async () => {
  expect((await place.run('--set', 'masks.remove_small.thr=100000')).ran).toEqual(['masks 1/1', 'metrics 1/1'])
  // The one object is larger than 5 voxels: equal masks, equal metrics.
  expect((await place.run('--set', 'masks.remove_small.thr=5')).ran).toEqual(['masks 1/1'])
})

test('a new subject costs its own slices and tensors, and what follows from another split', async () => {
  rmSync(place.at('data'), { recursive: true })
  await place.phantom(6)
  const { code, ran, elements } = await place.run()
  expect(code).toBe(0)
  expect(ran.slice(0, 5).sort()).toEqual(['index', 'model', 'slices 1/6', 'split', 'tensors 1/6'])
  expect(elements).toMatchObject({ slices: ['sub-06_T2w'], tensors: ['sub-06_T2w'] })
})
