import assert from 'node:assert/strict'
import { test } from 'vitest'
import type { TrainPlan } from '../../src/net/engine.ts'
import { initialise } from '../../src/net/initialise.ts'
import { unet } from '../../src/net/models/unet.ts'
import type { Net, Tensor, Tensors } from '../../src/net/net.ts'
import { onnxEngine } from '../../src/net/onnx/engine.ts'
import { exportModel } from '../../src/net/onnx/export.ts'
import { weightSpecs } from '../../src/net/shapes.ts'
import { transfer } from '../../src/net/transfer.ts'
import { Random } from '../../src/random.ts'
import { goldenCases, sharedTest } from '../golden.ts'
import { near } from '../near.ts'
import { messageOf } from '../message-of.ts'

const netOf = (change: Partial<Parameters<typeof unet.net>[0]> = {}) =>
  unet.net({ channels: 1, classes: 1, depth: 2, n_filters: 4, dropout_rate: 0.3, bn_momentum: 0.1, final_activation: 'sigmoid', ...change })
const net = netOf()
const given = { name: 'old.onnx', weights: initialise(net, new Random(1)) }
const fresh = initialise(net, new Random(2))
const layerOf = (name: string): string => name.slice(0, name.lastIndexOf('.'))

const folder = 'models/retrain'
sharedTest(`golden/${folder}`, 'the layers that are frozen and those that are reset are those of ivadomed', () => {
  const { cases } = goldenCases(folder) as {
    cases: readonly { retrain_fraction: number; layer_names: string[]; frozen: string[]; changed: string[] }[]
  }
  assert.equal(cases.length, 4)
  for (const { retrain_fraction: fraction, layer_names, frozen: parameters, changed } of cases) {
    const { frozen, layers, weights } = transfer(net, given, { fraction, reset: true }, fresh)
    assert.equal(layers, layer_names.length)
    assert.deepEqual(frozen, [...new Set(parameters.map(layerOf))])
    // Weights and biases of batch norm are 1 and 0 before and after, so ivadomed's list has convolutions only.
    const differ = Object.keys(weights).filter(name => weights[name] !== given.weights[name] && !layerOf(name).endsWith('_bn'))
    assert.deepEqual(differ, changed)
  }
})

test('half of the layers, from the last one back, start afresh or go on; the others are those of the model', () => {
  const reset = transfer(net, given, { fraction: 0.5, reset: true }, fresh)
  assert.equal(reset.frozen.length, 10)
  for (const [name, tensor] of Object.entries(reset.weights))
    assert.equal(tensor, (reset.frozen.includes(layerOf(name)) ? given.weights : fresh)[name], name)
  const kept = transfer(net, given, { fraction: 0.5, reset: false }, fresh)
  assert.deepEqual(kept.frozen, reset.frozen)
  assert.deepEqual(kept.weights, given.weights)
})

test('weights that do not fit are named, with both shapes; a layer that starts afresh need not fit', () => {
  const two = netOf({ classes: 2 })
  const freshTwo = initialise(two, new Random(2))
  assert.equal(
    messageOf(() => transfer(two, given, { fraction: 0.5, reset: false }, freshTwo)),
    'the weights of old.onnx do not fit the network, in 2 places\n' +
      '    decoder.last_conv.weight: the model has 1 x 4 x 3 x 3, the network wants 3 x 4 x 3 x 3\n' +
      '    decoder.last_conv.bias: the model has 1, the network wants 3\n' +
      '  give network and data as that model had them (its model.json says which); layers that start afresh (transfer_learning.reset) need not fit',
  )
  assert.equal(transfer(two, given, { fraction: 0.5, reset: true }, freshTwo).weights['decoder.last_conv.bias']!.shape[0], 3)
  const deeper = netOf({ depth: 3 })
  const message = messageOf(() => transfer(deeper, given, { fraction: 0.5, reset: true }, initialise(deeper, new Random(2))))
  assert.match(message, /encoder\.down_path\.6\.conv1\.weight: the model has none, the network wants 16 x 8 x 3 x 3\n/)
})

test('a fraction that trains nothing is a failure', () => {
  assert.match(
    messageOf(() => transfer(net, given, { fraction: 0.02, reset: true }, fresh)),
    /retrain_fraction 0.02, none of the 21 layers is trained/,
  )
})

const plan: TrainPlan = { loss: { name: 'DiceLoss', params: {} }, optimiser: { name: 'adam' }, threads: 1, device: 'cpu' }
function noise(shape: readonly number[], seed: number): Tensor {
  const random = new Random(seed, 'noise')
  return { shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform()) }
}

/** The weights after some steps on noise. */
async function trained(net: Net, weights: Tensors, plan: TrainPlan, x: Tensor): Promise<Tensors> {
  const trainer = await onnxEngine.trainer(net, weights, plan)
  try {
    const [n, , h, w] = x.shape
    const y = noise([n!, 1, h!, w!], 5)
    const masks = trainer.dropouts.map(d => new Float32Array(n! * d.channels).fill(1))
    for (let step = 0; step < 3; step++) await trainer.step({ x, y, masks }, 1e-2)
    const state = await trainer.state()
    await trainer.restore(state)
    return await trainer.weights()
  } finally {
    await trainer.close()
  }
}

test('after training, frozen layers are what they were to the bit, running statistics too, and all others have changed', async () => {
  const { frozen, weights } = transfer(net, given, { fraction: 0.5, reset: true }, fresh)
  const after = await trained(net, weights, { ...plan, frozen }, noise([2, 1, 8, 8], 4))
  assert.deepEqual(Object.keys(after).toSorted(), Object.keys(weights).toSorted())
  for (const name of weightSpecs(net).keys()) {
    const same = Buffer.from(after[name]!.data.buffer).equals(Buffer.from(weights[name]!.data.buffer))
    assert.equal(same, frozen.includes(layerOf(name)), name)
  }
})

test('behind frozen layers the others learn as a network of their own learns from what the frozen ones give', async () => {
  const layers = [
    { id: 'first', op: 'conv', inputs: ['input'], attrs: { filters: 3 } },
    { id: 'normal', op: 'batchnorm', inputs: ['first'] },
    { id: 'middle', op: 'conv', inputs: ['normal'], attrs: { filters: 2 } },
    { id: 'middle-relu', op: 'relu', inputs: ['middle'] },
    { id: 'last', op: 'conv', inputs: ['middle-relu'], attrs: { filters: 1 } },
    { id: 'prediction', op: 'sigmoid', inputs: ['last'], attrs: { background: false } },
  ]
  const whole: Net = { inputs: { input: [1, 'h', 'w'] }, layers, output: 'prediction' }
  const front: Net = { inputs: whole.inputs, layers: layers.slice(0, 2), output: 'normal' }
  const back: Net = { inputs: { normal: [3, 'h', 'w'] }, layers: layers.slice(2), output: 'prediction' }
  const behind: Net = {
    inputs: { input: back.inputs['normal']! },
    layers: back.layers.map(l => ({ ...l, inputs: l.inputs.map(i => (i === 'normal' ? 'input' : i)) })),
    output: 'prediction',
  }
  const random = new Random(3)
  const weights: Tensors = Object.fromEntries(
    Object.entries(initialise(whole, random)).map(([name, { shape, data }]) =>
      name.startsWith('normal.') ? [name, { shape, data: data.map(() => random.uniform(0.5, 1)) }] : [name, { shape, data }],
    ),
  )
  const x = noise([2, 1, 8, 8], 4)
  const predictor = await onnxEngine.predictor(exportModel(front, weights), plan)
  const features = await predictor.predict(x)
  await predictor.close()
  const together = await trained(whole, weights, { ...plan, frozen: ['first', 'normal'] }, x)
  const alone = await trained(behind, weights, plan, features)
  for (const name of weightSpecs(behind).keys()) near(together[name]!.data, alone[name]!.data, 1e-5)
})
