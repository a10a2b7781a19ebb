import { describe, expect } from 'vitest'
import type { TrainPlan } from '../../../src/net/engine.ts'
import type { Tensors } from '../../../src/net/net.ts'
import { onnxEngine } from '../../../src/net/onnx/engine.ts'
import { exportModel } from '../../../src/net/onnx/export.ts'
import { parameterCount } from '../../../src/net/shapes.ts'
import { goldenCases, sharedTest, type Descriptor } from '../../golden.ts'
import { goldenNet, goldenTensor, goldenTensors, largestDifference, type Packed, type UnetParams } from '../golden-unet.ts'

const folder = 'models/unet'
interface Case {
  readonly name: string
  readonly params: UnetParams
  readonly n_parameters: number
  readonly state_dict: Packed
  readonly inputs: readonly Descriptor[]
  readonly eval_outputs: readonly Descriptor[]
  readonly train_input: Descriptor
  readonly target: Descriptor
  readonly dice_loss: number
  readonly gradients: Packed
  readonly buffers_after_train_forward: Packed
  readonly parameters_after_one_adam_step?: Packed
  readonly six_adam_steps?: { readonly losses: readonly number[]; readonly state_after: Packed }
}
const names = ['depth3_f8', 'depth2_f8', 'depth2_f4_multi_softmax', 'depth2_f4_multi_sigmoid', 'depth2_f4_relu', 'depth2_f4_multi_relu']
const caseOf = (name: string): Case => (goldenCases(folder) as { cases: readonly Case[] }).cases.find(c => c.name === name)!
const plan: TrainPlan = { loss: { name: 'DiceLoss', params: {} }, optimiser: { name: 'adam' }, threads: 2, device: 'cpu' }
const trainer = (c: Case) => onnxEngine.trainer(goldenNet(c.params), goldenTensors(folder, c.state_dict), plan)
const batch = (c: Case) => ({ x: goldenTensor(folder, c.train_input), y: goldenTensor(folder, c.target), masks: [] })
const largest = (a: Float32Array): number => a.reduce((m, v) => Math.max(m, Math.abs(v)), 0)

describe.each(names)('%s of the golden numbers', name => {
  sharedTest('golden/models/unet', 'predicts what ivadomed predicts, odd sizes too', async () => {
    const c = caseOf(name)
    const net = goldenNet(c.params)
    expect(parameterCount(net)).toBe(c.n_parameters)
    const predictor = await onnxEngine.predictor(exportModel(net, goldenTensors(folder, c.state_dict)), { threads: 2, device: 'cpu' })
    for (const [i, input] of c.inputs.entries()) {
      const expected = goldenTensor(folder, c.eval_outputs[i]!)
      const y = await predictor.predict(goldenTensor(folder, input))
      expect(y.shape).toEqual(expected.shape)
      expect(largestDifference(y.data, expected.data)).toBeLessThan(name.includes('relu') ? 1e-4 : 5e-5)
    }
    await predictor.close()
  })

  sharedTest('golden/models/unet', 'has the loss, gradients, running statistics and first Adam step of PyTorch', async () => {
    const c = caseOf(name)
    const t = await trainer(c)
    expect((await t.step(batch(c), 1e-3)).loss).toBeCloseTo(c.dice_loss, 5)
    const state = await t.state()
    const gradients = goldenTensors(folder, c.gradients)
    for (const [weight, { data }] of Object.entries(gradients)) {
      // After the first step, m = (1 - beta1) * gradient.
      const ours = state[`adam.m:${weight}`]!.data.map(m => m / (1 - 0.9))
      expect(largestDifference(ours, data), weight).toBeLessThan(1e-4 * largest(data) + 1e-7)
    }
    for (const [statistic, { data }] of Object.entries(goldenTensors(folder, c.buffers_after_train_forward)))
      expect(largestDifference(state[statistic]!.data, data), statistic).toBeLessThan(1e-5 * largest(data) + 1e-6)
    if (c.parameters_after_one_adam_step)
      for (const [weight, { data }] of Object.entries(goldenTensors(folder, c.parameters_after_one_adam_step))) {
        const ours = state[weight]!.data
        expect(largestDifference(ours, data), weight).toBeLessThan(3e-4)
        // Where the gradient is not tiny, the first step is lr * sign(gradient) and must agree closely.
        data.forEach((v, i) => {
          if (Math.abs(gradients[weight]!.data[i]!) > 1e-5) expect(Math.abs(ours[i]! - v), `${weight} ${i}`).toBeLessThan(1e-5)
        })
      }
    await t.close()
  })
})

sharedTest('golden/models/unet', 'six steps of Adam go where PyTorch goes', async () => {
  const c = caseOf('depth2_f8')
  const t = await trainer(c)
  // Adam's first steps turn rounding of tiny gradients into steps: PyTorch itself is 2.1e-5 away in float64, and 1.8e-5 without oneDNN.
  for (const expected of c.six_adam_steps!.losses) expect(Math.abs((await t.step(batch(c), 1e-3)).loss - expected)).toBeLessThan(2.5e-5)
  const state: Tensors = await t.state()
  for (const [name, { data }] of Object.entries(goldenTensors(folder, c.six_adam_steps!.state_after)))
    expect(largestDifference(state[name]!.data, data), name).toBeLessThan(5e-4 * Math.max(1, largest(data)))
  expect(state['adam.step']!.data[0]).toBe(6)
  await t.close()
})
