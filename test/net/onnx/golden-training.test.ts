import { describe, expect } from 'vitest'
import { onnxEngine } from '../../../src/net/onnx/engine.ts'
import type { Tensor } from '../../../src/net/net.ts'
import { goldenCases, sharedTest, type Descriptor } from '../../golden.ts'
import { goldenNet, goldenTensor, goldenTensors, largestDifference, type Packed, type UnetParams } from '../golden-unet.ts'

const folder = 'training/full_run'
interface Run {
  readonly name: string
  readonly model_params: UnetParams
  readonly training_params: { readonly batch_size: number; readonly loss: { readonly name: string } }
  readonly initial_state: Packed
  readonly final_state: Packed
  readonly train_input: Descriptor
  readonly train_target: Descriptor
  readonly valid_input: Descriptor
  readonly valid_target: Descriptor
  readonly train_order: readonly (readonly number[])[]
  readonly valid_order: readonly (readonly number[])[]
  readonly lr_per_epoch: readonly number[]
  readonly loss_per_train_step: readonly number[]
  readonly loss_per_valid_step: readonly number[]
}
const runNamed = (name: string): Run => (goldenCases(folder) as { cases: readonly Run[] }).cases.find(c => c.name === name)!

function pick(all: Tensor, order: readonly number[]): Tensor {
  const size = all.data.length / all.shape[0]!
  const data = new Float32Array(size * order.length)
  order.forEach((from, to) => data.set(all.data.subarray(from * size, (from + 1) * size), to * size))
  return { shape: [order.length, ...all.shape.slice(1)], data }
}
const batches = (order: readonly number[], size: number): number[][] =>
  Array.from({ length: Math.ceil(order.length / size) }, (_, i) => order.slice(i * size, (i + 1) * size))

/** The learning rate of a step: per epoch, or triangular within each cycle of 8 steps (`triangular2`: half as high each cycle). */
function rate(run: Run, epoch: number, step: number): number {
  if (run.name !== 'focal_cyclic') return run.lr_per_epoch[epoch]!
  const [low, high, up] = [1e-4, 1e-2, 4]
  const cycle = Math.floor(1 + step / (2 * up))
  return low + (high - low) * Math.max(0, 1 - Math.abs(step / up - 2 * cycle + 1)) * 2 ** (1 - cycle)
}

describe.each(['dice_cosine', 'focal_cyclic', 'early_stop'])('%s of the golden training runs', name => {
  sharedTest('golden/training/full_run', 'every loss of training and validation, and the last weights, are those of ivadomed', async () => {
    const run = runNamed(name)
    const [x, y, vx, vy] = [run.train_input, run.train_target, run.valid_input, run.valid_target].map(d => goldenTensor(folder, d)) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ]
    const { batch_size, loss } = run.training_params
    const plan = { loss: { name: loss.name, params: {} }, optimiser: { name: 'adam' }, threads: 2, device: 'cpu' } as const
    const t = await onnxEngine.trainer(goldenNet(run.model_params), goldenTensors(folder, run.initial_state), plan)
    const [train, valid]: [number[], number[]] = [[], []]
    for (const [epoch, order] of run.train_order.entries()) {
      for (const which of batches(order, batch_size))
        train.push((await t.step({ x: pick(x, which), y: pick(y, which), masks: [] }, rate(run, epoch, train.length))).loss)
      for (const which of batches(run.valid_order[epoch]!, batch_size))
        valid.push((await t.evaluate({ x: pick(vx, which), y: pick(vy, which) })).loss)
    }
    const furthest = (ours: readonly number[], theirs: readonly number[]) =>
      Math.max(...ours.map((v, i) => Math.abs(v - theirs[i]!) / Math.max(1, Math.abs(theirs[i]!))))
    expect([train.length, valid.length]).toEqual([run.loss_per_train_step.length, run.loss_per_valid_step.length])
    const state = await t.weights()
    await t.close()
    const weights = Math.max(
      ...Object.entries(goldenTensors(folder, run.final_state)).map(([n, w]) => largestDifference(state[n]!.data, w.data)),
    )
    expect.soft(furthest(train, run.loss_per_train_step)).toBeLessThan(1e-5)
    expect.soft(furthest(valid, run.loss_per_valid_step)).toBeLessThan(1e-5)
    expect.soft(weights).toBeLessThan(2e-5)
  })
})
