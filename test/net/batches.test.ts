import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { test } from 'vitest'
import { FailureError, describe } from '../../src/failure.ts'
import { makeBatch } from '../../src/net/augment.ts'
import { inThisThread, inWorkers } from '../../src/net/batch-makers.ts'
import { inAdvance, type Batch, type BatchMaker } from '../../src/net/batch-stream.ts'
import { batchesOfEpochs, dropoutMasks, epochOrder, inBatches, type BatchPlan, type BatchRequest } from '../../src/net/batches.ts'
import { RowReader } from '../../src/net/samples.ts'
import { writeNpy } from '../../src/npy.ts'
import { chainSchema } from '../../src/transforms/chain.ts'
import { inFolder, packedImage } from './samples-on-disk.ts'

const chain = chainSchema.parse({
  RandomAffine: { degrees: 20, scale: [0.1, 0.1], translate: [0.1, 0.1], applied_to: ['im', 'gt'], dataset_type: ['training'] },
  ElasticTransform: { alpha_range: [5, 6], sigma_range: [2, 3], p: 0.5, applied_to: ['im', 'gt'], dataset_type: ['training'] },
  NormalizeInstance: { applied_to: ['im'] },
})
const same = (a: Batch, b: Batch) => {
  assert.deepEqual(a.x, b.x)
  assert.deepEqual(a.y, b.y)
}

test('every epoch is an order of its own, decided by the seed and the epoch', () => {
  assert.deepEqual(epochOrder(6, 1, 50), epochOrder(6, 1, 50))
  assert.notDeepEqual(epochOrder(6, 1, 50), epochOrder(6, 2, 50))
  assert.notDeepEqual(epochOrder(6, 1, 50), epochOrder(7, 1, 50))
  assert.deepEqual(
    [...epochOrder(6, 3, 50)].sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, i) => i),
  )
})

test('the last batch may be smaller, and is kept', () => {
  assert.deepEqual(inBatches([0, 1, 2, 3, 4, 5, 6], 3), [[0, 1, 2], [3, 4, 5], [6]])
  assert.deepEqual(inBatches([0, 1], 3), [[0, 1]])
})

test('a dropout mask is 0 at the rate of its layer and else keeps the mean; another step draws another', () => {
  const layers = [
    { rate: 0.3, channels: 500 },
    { rate: 0, channels: 4 },
  ]
  const [first, none] = dropoutMasks(layers, 40, 6, 1, 1)
  assert.equal(first!.length, 40 * 500)
  const kept = first!.filter(v => v !== 0)
  assert.ok(kept.every(v => v === Math.fround(1 / 0.7)))
  assert.ok(Math.abs(1 - kept.length / first!.length - 0.3) < 0.01)
  assert.ok(none!.every(v => v === 1))
  assert.deepEqual(dropoutMasks(layers, 40, 6, 1, 1)[0], first)
  assert.notDeepEqual(dropoutMasks(layers, 40, 6, 1, 2)[0], first)
})

test('a training asks for its batches in the order given, then for the validation set in its own', () => {
  const refs = (id: string, count: number) => Array.from({ length: count }, (_, row) => ({ id, slice: row, row, image: '', label: '' }))
  const plan: BatchPlan = {
    ...{ train: refs('t', 3), validation: refs('v', 2), chain, batchSize: 2, epochs: 3, seed: 1 },
    order: () => [2, 0, 1],
  }
  const asked = [...batchesOfEpochs(plan, 2)].map(r => `${r.set} ${r.epoch}: ${r.samples.map(s => s.id + String(s.row)).join(' ')}`)
  assert.deepEqual(asked, [
    ...['training 2: t2 t0', 'training 2: t1', 'validation 0: v0 v1'],
    ...['training 3: t2 t0', 'training 3: t1', 'validation 0: v0 v1'],
  ])
})

test(
  'rows are read by their place in the file',
  inFolder(async dir => {
    const path = join(dir, 'a.npy')
    await writeNpy(
      path,
      'float32',
      [3, 2, 1, 2],
      Float32Array.from({ length: 12 }, (_, i) => i),
    )
    const reader = new RowReader()
    assert.deepEqual(await reader.read(path, 2), { shape: [2, 1, 2], data: Float32Array.of(8, 9, 10, 11) })
    assert.deepEqual((await reader.read(path, 0)).data, Float32Array.of(0, 1, 2, 3))
    await assert.rejects(reader.read(path, 3), /has 3 rows/)
  }),
)

test(
  'a sample is drawn by its own random numbers: the same in any batch, another in another epoch, and in validation never another',
  inFolder(async dir => {
    const samples = await packedImage(dir, 'sub-01', 6, 16)
    const request = (epoch: number, rows: readonly number[], set: 'training' | 'validation' = 'training'): BatchRequest => ({
      ...{ seed: 6, epoch, set, chain },
      samples: rows.map(row => samples[row]!),
    })
    const all = await makeBatch(request(1, [0, 1, 2, 3, 4, 5]))
    assert.deepEqual(
      [all.x.shape, all.y.shape],
      [
        [6, 1, 16, 16],
        [6, 1, 16, 16],
      ],
    )
    const one = await makeBatch(request(1, [4]))
    assert.deepEqual(one.x.data, all.x.data.slice(4 * 256, 5 * 256))
    assert.deepEqual(one.y.data, all.y.data.slice(4 * 256, 5 * 256))
    assert.notDeepEqual((await makeBatch(request(2, [4]))).x.data, one.x.data)
    assert.ok(all.y.data.every(v => v === 0 || v === 1))
    const validation = await makeBatch(request(0, [4], 'validation'))
    assert.deepEqual(validation.y.data, (await new RowReader().read(samples[4]!.label!, 4)).data)
  }),
)

test(
  'of several raters each draw has one, each as often as the others; in validation always the same one',
  inFolder(async dir => {
    const paths = { image: join(dir, 'image.npy'), label: join(dir, 'label.npy') }
    await writeNpy(paths.image, 'float32', [1, 1, 1, 2], Float32Array.of(1, 2))
    // Two raters of the first class, nobody of the second, three of the third: what they drew says who they are.
    const marks = [
      [1, 0],
      [0, 1],
      [0, 0],
      [0, 0],
      [1, 0],
      [1, 1],
    ]
    await writeNpy(paths.label, 'uint8', [1, 6, 1, 2], Uint8Array.from(marks.flat()))
    const sample = { id: 'sub-01', slice: 3, row: 0, ...paths, raters: [2, 0, 3] }
    const draws = async (epochs: readonly number[], set: 'training' | 'validation') => {
      const drawn: string[] = []
      for (const epoch of epochs) drawn.push((await makeBatch({ seed: 6, epoch, set, chain: [], samples: [sample] })).y.data.join(''))
      return drawn
    }
    const epochs = Array.from({ length: 1000 }, (_, i) => i + 1)
    const labels = await draws(epochs, 'training')
    assert.deepEqual(await draws(epochs.slice(0, 20), 'training'), labels.slice(0, 20))
    const share = (from: number, text: string) => labels.filter(label => label.slice(from, from + 2) === text).length / 1000
    for (const mark of ['10', '01']) assert.ok(Math.abs(share(0, mark) - 1 / 2) < 0.05, mark)
    assert.equal(share(2, '00'), 1)
    for (const mark of ['00', '10', '11']) assert.ok(Math.abs(share(4, mark) - 1 / 3) < 0.05, mark)
    assert.equal(new Set(await draws([0, 0, 0, 0, 0], 'validation')).size, 1)
  }),
)

test(
  'how many raters there are changes nothing in what is drawn for the image',
  inFolder(async dir => {
    const [sample] = await packedImage(dir, 'sub-01', 1, 16)
    const request: BatchRequest = { seed: 6, epoch: 1, set: 'training', chain, samples: [sample!] }
    const one = await makeBatch(request)
    const label = (await new RowReader().read(sample!.label!, 0)).data
    const twice = join(dir, 'two.npy')
    await writeNpy(twice, 'float32', [1, 2, 16, 16], Float32Array.of(...label, ...label))
    same(await makeBatch({ ...request, samples: [{ ...sample!, label: twice, raters: [2] }] }), one)
  }),
)

test(
  'input dropout zeros channels in training, and never all of them',
  inFolder(async dir => {
    const paths = { image: join(dir, 'image.npy'), label: join(dir, 'label.npy') }
    await writeNpy(paths.image, 'float32', [1, 2, 1, 1], Float32Array.of(5, 7))
    await writeNpy(paths.label, 'uint8', [1, 1, 1, 1], Uint8Array.of(1))
    const plan: BatchPlan = {
      ...{ train: [{ id: 'a', slice: 0, row: 0, ...paths }], validation: [{ id: 'b', slice: 0, row: 0, ...paths }] },
      ...{ chain: [], batchSize: 1, epochs: 300, seed: 6, inputDropout: true },
    }
    const seen = { training: new Map<string, number>(), validation: new Map<string, number>() }
    for (const request of batchesOfEpochs(plan, 1)) {
      const x = (await makeBatch(request)).x.data.join(' ')
      seen[request.set].set(x, (seen[request.set].get(x) ?? 0) + 1)
    }
    // Half of the draws drop one of the two, either as often as the other.
    assert.deepEqual([...seen.training.keys()].sort(), ['0 7', '5 0', '5 7'])
    for (const [x, share] of [
      ['5 7', 1 / 2],
      ['0 7', 1 / 4],
      ['5 0', 1 / 4],
    ] as const)
      assert.ok(Math.abs(seen.training.get(x)! / 300 - share) < 0.08, x)
    assert.deepEqual([...seen.validation.keys()], ['5 7'])
  }),
)

test(
  'samples of different sizes in one batch are a failure that names both images, in this thread and in a worker',
  inFolder(async dir => {
    const samples = [(await packedImage(dir, 'sub-01', 1, 8))[0]!, (await packedImage(dir, 'sub-02', 1, 10))[0]!]
    const request: BatchRequest = { seed: 6, epoch: 1, set: 'training', chain: [], samples }
    const workers = await inWorkers(1)
    try {
      for (const maker of [inThisThread, workers]) {
        const error: unknown = await maker.make(request).catch((e: unknown) => e)
        assert.ok(error instanceof FailureError)
        assert.equal(
          describe(error.failure),
          'slices of one batch have different sizes: sub-01 is 8 x 8, sub-02 is 10 x 10\n' +
            '  add CenterCrop to the transforms (it pads where an image is smaller), or train with batch_size 1',
        )
      }
    } finally {
      await workers.close()
    }
  }),
)

test(
  'workers make the same batches as this thread, however many they are',
  inFolder(async dir => {
    const train = [...(await packedImage(dir, 'sub-01', 7, 16)), ...(await packedImage(dir, 'sub-02', 6, 16))]
    const plan: BatchPlan = { train, validation: train.slice(0, 3), chain, batchSize: 4, epochs: 3, seed: 6 }
    const made = async (maker: BatchMaker): Promise<Batch[]> => {
      const batches: Batch[] = []
      for await (const batch of inAdvance(batchesOfEpochs(plan, 1), maker)) batches.push(batch)
      await maker.close()
      return batches
    }
    const expected = await made(inThisThread)
    assert.equal(expected.length, 3 * (4 + 1))
    for (const workers of [1, 3]) (await made(await inWorkers(workers))).forEach((batch, i) => same(batch, expected[i]!))
  }),
)

test('batches are asked for ahead of their use, and come in order though the later are ready first', async () => {
  const asked: number[] = []
  const maker: BatchMaker = {
    ahead: 3,
    async make({ epoch }) {
      asked.push(epoch)
      await new Promise(resolve => setTimeout(resolve, 20 - 2 * epoch))
      const tensor = { shape: [1], data: Float32Array.of(epoch) }
      return { x: tensor, y: tensor }
    },
    close: async () => undefined,
  }
  const requests = Array.from({ length: 8 }, (_, i): BatchRequest => ({ seed: 0, epoch: i, set: 'training', chain, samples: [] }))
  const stream = inAdvance(requests, maker)
  const first = await stream.next()
  assert.deepEqual([first.value?.x.data[0], asked], [0, [0, 1, 2, 3]])
  const rest: number[] = []
  for await (const batch of stream) rest.push(batch.x.data[0]!)
  assert.deepEqual(rest, [1, 2, 3, 4, 5, 6, 7])
})

test(
  'a worker goes on making batches while this thread is blocked, as it is during a step',
  inFolder(async dir => {
    const train = await packedImage(dir, 'sub-01', 24, 32)
    const workers = await inWorkers(1)
    let ready = 0
    const counting: BatchMaker = {
      ...workers,
      async make(request) {
        const batch = await workers.make(request)
        ready++
        return batch
      },
    }
    const plan: BatchPlan = { train, validation: [], chain, batchSize: 4, epochs: 1, seed: 6 }
    const stream = inAdvance(batchesOfEpochs(plan, 1), counting)
    await stream.next()
    // Blocks the event loop, as ONNX Runtime does.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500)
    // Time to hear of what was made meanwhile, and not to have more made.
    for (let turn = 0; turn < 3; turn++) await setImmediate()
    await workers.close()
    assert.equal(ready, 1 + workers.ahead)
  }),
)
