import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { ImageRow } from '../../src/bids/row.ts'
import { describe, FailureError } from '../../src/failure.ts'
import { balance, balancedOrder, columnOf, foregroundOf, weightsOf } from '../../src/net/balance.ts'
import { batchesOfEpochs, type BatchPlan } from '../../src/net/batches.ts'
import type { Row, SampleRef } from '../../src/net/samples.ts'
import { goldenCases, sharedTest } from '../golden.ts'
import { near } from '../near.ts'

const sample = (id: string, row = 0): SampleRef => ({ id, slice: row, row, image: `${id}_image`, label: `${id}_label` })

test('every group weighs as much as any other', () => {
  assert.deepEqual(weightsOf([false, true, false, false]), [1 / 3, 1, 1 / 3, 1 / 3])
  assert.deepEqual(weightsOf(['T1w', 'T2w', 'T1w', null]), [1 / 2, 1, 1 / 2, 1])
})

const folder = 'training/balanced_sampler'
sharedTest(`golden/${folder}`, 'the weights are those of ivadomed, by foreground and by a column', () => {
  const { cases } = goldenCases(folder) as {
    cases: readonly { metadata: string; gt_any_first_class: boolean[]; contrast: string[]; weights: number[] }[]
  }
  assert.equal(cases.length, 2)
  for (const { metadata, gt_any_first_class, contrast, weights } of cases)
    assert.deepEqual(weightsOf(metadata === 'gt' ? gt_any_first_class : contrast), weights)
})

test('of slices of which a tenth has foreground, half of those drawn have, and there are as many as before', () => {
  const groups = Array.from({ length: 1000 }, (_, i) => i % 10 === 0)
  const drawn = Array.from({ length: 10 }, (_, epoch) => balancedOrder(weightsOf(groups), 6, epoch + 1))
  assert.ok(drawn.every(order => order.length === 1000 && order.every(i => Number.isInteger(i) && i >= 0 && i < 1000)))
  const positive = drawn.flat().filter(i => groups[i]).length / 10_000
  near([positive], [0.5], 0.02)
  // Within a group all come equally often: 50 times each of the 100, and never too far from it.
  const times = new Map<number, number>()
  for (const i of drawn.flat().filter(i => groups[i])) times.set(i, (times.get(i) ?? 0) + 1)
  assert.equal(times.size, 100)
  assert.ok(Math.max(...times.values()) < 50 + 5 * Math.sqrt(50))
})

test('an epoch is drawn by seed and epoch alone', () => {
  const weights = weightsOf([true, false, false, false])
  assert.deepEqual(balancedOrder(weights, 6, 2), balancedOrder(weights, 6, 2))
  const draws = new Set([1, 2, 3, 4, 5, 6].map(epoch => balancedOrder(weights, 6, epoch).join()))
  assert.ok(draws.size > 3)
})

test('every label is read once, and any class counts as foreground', async () => {
  const labels: Readonly<Record<string, readonly number[]>> = { a: [0, 0, 0, 0], b: [0, 0, 0, 1], c: [0.4, 0, 0, 0] }
  const read: string[] = []
  const reader = {
    read: (path: string): Promise<Row> => {
      read.push(path)
      return Promise.resolve({ shape: [2, 1, 2], data: Float32Array.from(labels[path[0]!]!) })
    },
  }
  const samples = ['a', 'b', 'c'].map(id => sample(id))
  assert.deepEqual(await foregroundOf(samples, false, reader), [false, true, false])
  assert.deepEqual(read, ['a_label', 'b_label', 'c_label'])
  assert.deepEqual(await foregroundOf(samples, true, reader), [false, true, true])
})

const rowOf = (id: string, contrast: string, metadata: ImageRow['metadata'] = {}): ImageRow => ({
  ...{ id, dataset: 0, subject: 'sub-01', contrast, entities: {}, image: '', labels: [], metadata },
})

test('a column may be of the name of the image, or of the tables; one that nobody has is a failure', () => {
  const rows = [rowOf('a', 'T1w', { center: 'x' }), rowOf('b', 'T2w')]
  const samples = [sample('a', 0), sample('a', 1), sample('b')]
  assert.deepEqual(columnOf(samples, rows, 'contrast'), ['T1w', 'T1w', 'T2w'])
  assert.deepEqual(columnOf(samples, rows, 'center'), ['x', 'x', null])
  assert.throws(
    () => columnOf(samples, rows, 'centre'),
    (e: unknown) => e instanceof FailureError && /no image of the index has a value for "centre"\n.*center/.test(describe(e.failure)),
  )
})

test('the validation set is drawn once, in its own order; what is drawn is told', async () => {
  const [training, validation] = [3, 40].map(n => Array.from({ length: n }, (_, row) => sample('a', row)))
  const lines: string[] = []
  const drawn = await balance({
    ...{ training: training!, validation: validation!, seed: 6 },
    groupsOf: samples => Promise.resolve(samples.map(s => s.row === 0)),
    say: line => lines.push(line),
  })
  assert.deepEqual(lines, ['Balanced training slices: true 1, false 2; each group is drawn equally often.'])
  const rows = drawn.validation.map(s => s.row)
  assert.equal(rows.length, 40)
  assert.deepEqual(
    rows,
    rows.toSorted((a, b) => a - b),
  )
  assert.ok(rows.filter(row => row === 0).length > 10)
})

test('a slice that comes again in an epoch says so, as it is to be transformed in another way', () => {
  const train = [sample('a', 0), sample('a', 1)]
  const plan: BatchPlan = { train, validation: [], chain: [], batchSize: 2, epochs: 2, seed: 1, order: e => (e === 1 ? [1, 1, 1] : [0, 1]) }
  const repeats = [...batchesOfEpochs(plan, 1)].map(request => request.samples.map(s => s.repeat))
  assert.deepEqual(repeats, [[undefined, 1], [2], [undefined, undefined]])
})
