import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { FailureError } from '../../../src/failure.ts'
import { dropoutMask } from '../../../src/net/batches.ts'
import { initialise } from '../../../src/net/initialise.ts'
import { models } from '../../../src/net/models/index.ts'
import type { Net, Tensors } from '../../../src/net/net.ts'
import { onnxEngine } from '../../../src/net/onnx/engine.ts'
import { exportModel } from '../../../src/net/onnx/export.ts'
import { readWeights } from '../../../src/net/onnx/read-weights.ts'
import { dropoutsOf } from '../../../src/net/shapes.ts'
import { Random } from '../../../src/random.ts'
import { near } from '../../near.ts'

const options = { threads: 1, device: 'cpu' } as const
const random = new Random(1, 'sampler')
const normals = (n: number) => Float32Array.from({ length: n }, () => random.normal())

const net: Net = models.Unet.net(models.Unet.params.parse({ channels: 1, classes: 2, depth: 2, n_filters: 4, dropout_rate: 0.4 }))
/** Weights as after a training: statistics and offsets that are not 0 and 1. */
const weights: Tensors = Object.fromEntries(
  Object.entries(initialise(net, new Random(2, 'weights'))).map(([name, { shape, data }]) => [
    name,
    { shape, data: data.map(v => (name.endsWith('running_var') ? 0.5 + random.uniform() : v + 0.05 * random.normal())) },
  ]),
)
const x = { shape: [2, 1, 16, 12], data: normals(2 * 16 * 12) }
const plainly = async (of: Tensors) => (await onnxEngine.predictor(exportModel(net, of), options)).predict(x)

test('the weights in a model file are those that it was made of, bit by bit', () => {
  const bytes = exportModel(net, weights, { voxelpipe: '{}' })
  assert.deepEqual(readWeights(bytes), weights)
  // As files are read, wherever in memory.
  for (const before of [0, 1, 2, 3]) assert.deepEqual(readWeights(Buffer.concat([Buffer.alloc(before), bytes]).subarray(before)), weights)
})

test('what is no model file, or was cut short, is a failure that names it', () => {
  const whole = exportModel(net, weights)
  for (const bytes of [whole.subarray(0, whole.length - 9), new Uint8Array(20).fill(255), new TextEncoder().encode('<html>')])
    assert.throws(
      () => readWeights(bytes, 'm.onnx'),
      (e: unknown) => e instanceof FailureError && e.failure.kind === 'model-unreadable' && e.failure.path === 'm.onnx',
    )
})

test('masks of ones give the plain prediction', async () => {
  const sampler = await onnxEngine.sampler(net, weights, options)
  assert.deepEqual(sampler.dropouts, dropoutsOf(net))
  expect(sampler.dropouts).toHaveLength(10)
  const ones = sampler.dropouts.map(({ channels }) => new Float32Array(2 * channels).fill(1))
  const [sampled, plain] = [await sampler.sample(x, ones), await plainly(weights)]
  assert.deepEqual(sampled.shape, [2, 2, 16, 12])
  near(sampled.data, plain.data, 1e-6)
  await sampler.close()
})

test('a mask does to a channel what it would do to the batch norm before it: the statistics stay those of training', async () => {
  const sampler = await onnxEngine.sampler(net, weights, options)
  const perLayer = sampler.dropouts.map(({ rate, channels }) => dropoutMask(rate, channels, random))
  // Both images of the batch get one mask, which then is as good as other weights.
  const sampled = await sampler.sample(
    x,
    perLayer.map(mask => Float32Array.of(...mask, ...mask)),
  )
  const masked: Record<string, Tensors[string]> = { ...weights }
  sampler.dropouts.forEach(({ id }, layer) => {
    for (const name of ['weight', 'bias']) {
      const key = `${id.replace(/dropout(\d)$/, 'conv$1_bn')}.${name}`
      masked[key] = { ...weights[key]!, data: weights[key]!.data.map((v, c) => v * perLayer[layer]![c]!) }
    }
  })
  near(sampled.data, (await plainly(masked)).data, 1e-5)
  const plain = await plainly(weights)
  assert.ok(sampled.data.some((v, i) => Math.abs(v - plain.data[i]!) > 0.001))
  await sampler.close()
})

test('each image of a batch has its own mask', async () => {
  const small: Net = {
    inputs: { input: [2, 'h', 'w'] },
    layers: [
      { id: 'drop', op: 'dropout', inputs: ['input'], attrs: { rate: 0.5 } },
      { id: 'prediction', op: 'sigmoid', inputs: ['drop'], attrs: { background: false } },
    ],
    output: 'prediction',
  }
  const sampler = await onnxEngine.sampler(small, {}, options)
  const { data } = await sampler.sample({ shape: [2, 2, 1, 1], data: Float32Array.of(1, 2, 3, 4) }, [Float32Array.of(2, 0, 0, 2)])
  near(
    data,
    [2, 0, 0, 8].map(v => 1 / (1 + Math.exp(-v))),
    1e-6,
  )
  await sampler.close()
})
