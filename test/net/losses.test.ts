import * as tf from '@tensorflow/tfjs'
import { describe, expect, test } from 'vitest'
import { losses, lossNamed } from '../../src/net/losses/index.ts'
import type { Tensor } from '../../src/net/net.ts'
import { lossGraph } from '../../src/net/onnx/loss-graph.ts'
import { modelFile } from '../../src/net/onnx/proto.ts'
import { loadRuntime, openSession } from '../../src/net/onnx/runtime.ts'
import { goldenCases, sharedTest, type Descriptor } from '../golden.ts'
import { goldenTensor, largestDifference } from './golden-unet.ts'

type Params = Readonly<Record<string, unknown>>
interface Golden {
  readonly inputs: Readonly<Record<string, { readonly prediction: Descriptor; readonly target: Descriptor }>>
  readonly cases: readonly {
    readonly loss: string
    readonly params: Params
    readonly input: string
    readonly error: string | null
    readonly value: number | string
    readonly gradient: Descriptor
  }[]
}

async function onnxLoss(
  name: string,
  params: Params,
  prediction: Tensor,
  target: Tensor,
): Promise<{ loss: number; gradient: Float32Array }> {
  const ort = await loadRuntime()
  const session = await openSession(modelFile(lossGraph({ name, params }, prediction.shape[1]!, true)), { threads: 1, device: 'cpu' })
  const feed = (t: Tensor) => new ort.Tensor('float32', t.data, [...t.shape])
  const out = await session.run({ prediction: feed(prediction), target: feed(target) })
  await session.release()
  return { loss: (out.loss!.data as Float32Array)[0]!, gradient: out.gradient!.data as Float32Array }
}

/** The loss of each of several predictions. */
async function onnxValues(
  name: string,
  params: Params,
  predictions: readonly (readonly number[])[],
  target: Tensor,
): Promise<readonly number[]> {
  const ort = await loadRuntime()
  const session = await openSession(modelFile(lossGraph({ name, params }, target.shape[1]!)), { threads: 1, device: 'cpu' })
  const values: number[] = []
  for (const data of predictions) {
    const feed = (of: Float32Array) => new ort.Tensor('float32', of, [...target.shape])
    const out = await session.run({ prediction: feed(Float32Array.from(data)), target: feed(target.data) })
    values.push((out.loss!.data as Float32Array)[0]!)
  }
  await session.release()
  return values
}

async function tfLoss(name: string, params: Params, prediction: Tensor, target: Tensor): Promise<{ loss: number; gradient: Float32Array }> {
  await tf.setBackend('cpu')
  const loss = lossNamed(name)
  const [p, t] = [prediction, target].map(x => tf.tensor(x.data, [...x.shape])) as [tf.Tensor, tf.Tensor]
  const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => loss.tfjs(tf, x, t, loss.params.parse(params)) as tf.Scalar)(p)
  return { loss: value.dataSync<'float32'>()[0]!, gradient: grad.dataSync<'float32'>() }
}

const largest = (a: Float32Array): number => a.reduce((m, v) => Math.max(m, Math.abs(v)), 0)
/** Volumes as images: the last axes joined. */
const flat = (t: Tensor): Tensor => ({ ...t, shape: t.shape.length === 5 ? [...t.shape.slice(0, 3), t.shape[3]! * t.shape[4]!] : t.shape })

sharedTest('golden/losses', 'every loss has the value and the gradient that ivadomed has, in all 70 cases', async () => {
  const { inputs, cases } = goldenCases('losses') as Golden
  expect(cases.filter(c => !c.error).length).toBeGreaterThan(60)
  for (const [i, c] of cases.entries()) {
    const what = `${i} ${c.loss} ${JSON.stringify(c.params)} ${c.input}`
    expect(c.error, what).toBeNull()
    const [prediction, target] = [inputs[c.input]!.prediction, inputs[c.input]!.target].map(d => flat(goldenTensor('losses', d))) as [
      Tensor,
      Tensor,
    ]
    const ours = await onnxLoss(c.loss, c.params, prediction, target)
    // Predictions of exactly 0 and 1 lie on the limits of the clamp, where float32 rounds: README of the golden numbers.
    const share = c.loss.startsWith('Focal') && c.input === 'saturated' ? 1e-2 : 1e-5
    expect.soft(Math.abs(ours.loss - Number(c.value)), what).toBeLessThanOrEqual(share * Math.abs(Number(c.value)) + 1e-7)
    const expected = goldenTensor('losses', c.gradient).data
    // FocalTversky of a perfect prediction: PyTorch has NaN, which would end a training; we have 0.
    if (expected.some(Number.isNaN)) expect.soft(largest(ours.gradient), what).toBe(0)
    else expect.soft(largestDifference(ours.gradient, expected), what).toBeLessThanOrEqual(Math.max(share, 1e-4) * largest(expected) + 1e-7)
  }
})

describe('without reference data', () => {
  const one: readonly [Tensor, Tensor] = [tensor([1, 1, 1, 4], [0.9, 0.2, 0.6, 0.3]), tensor([1, 1, 1, 4], [1, 0, 1, 0])]
  const cases: readonly (readonly [string, Params])[] = [
    ['DiceLoss', {}],
    ['MultiClassDiceLoss', {}],
    ['MultiClassDiceLoss', { classes_of_interest: [0] }],
    ['BinaryCrossEntropyLoss', {}],
    ['FocalLoss', {}],
    ['FocalLoss', { gamma: 0, alpha: 0.5 }],
    ['FocalDiceLoss', { beta: 0.4 }],
    ['GeneralizedDiceLoss', {}],
    ['GeneralizedDiceLoss', { include_background: false }],
    ['TverskyLoss', {}],
    ['FocalTverskyLoss', {}],
    ['L2loss', {}],
    ['AdapWingLoss', {}],
    ['LossCombination', { losses_list: ['DiceLoss', 'L2loss'], params_list: [{ smooth: 2 }, null] }],
  ]
  test.each(cases)('%s %j agrees with TensorFlow.js, value and gradient', async (name, params) => {
    const data = Array.from({ length: 24 }, (_, i) => 0.05 + ((i * 7) % 24) * 0.038)
    const [p, t] = [
      tensor([2, 2, 2, 3], data),
      tensor(
        [2, 2, 2, 3],
        data.map((v, i) => Number(v + (i % 3) * 0.2 > 0.7)),
      ),
    ]
    const [ours, theirs] = [await onnxLoss(name, params, p, t), await tfLoss(name, params, p, t)]
    expect(Math.abs(ours.loss - theirs.loss)).toBeLessThan(2e-6 * Math.abs(theirs.loss) + 1e-6)
    expect(largestDifference(ours.gradient, theirs.gradient)).toBeLessThan(1e-5 * largest(theirs.gradient))
    expect(largest(theirs.gradient)).toBeGreaterThan(0)
  })
  test('every loss has a case', () => {
    expect(Object.keys(losses).filter(l => !cases.some(([name]) => name === l))).toEqual([])
  })
  test.each(cases)('%s %j has the slope of its own values: finite differences', async (name, params) => {
    const data = [0.15, 0.8, 0.35, 0.6, 0.9, 0.25, 0.7, 0.45]
    const target = tensor([1, 2, 2, 2], [0, 1, 0, 1, 1, 0, 1, 0])
    const { gradient } = await onnxLoss(name, params, tensor([1, 2, 2, 2], data), target)
    const h = 1 / 64
    // Of one prediction four values, at two steps both ways: the error is of the fourth order of the step.
    const moved = data.flatMap((_, i) => [2, 1, -1, -2].map(step => data.map((p, k) => (k === i ? p + step * h : p))))
    const values = await onnxValues(name, params, moved, target)
    const slopes = data.map((_, i) => {
      const [b, a, c, d] = values.slice(4 * i, 4 * i + 4) as [number, number, number, number]
      return (8 * (a - c) - (b - d)) / (12 * h)
    })
    expect(largestDifference(gradient, Float32Array.from(slopes))).toBeLessThan(1e-3 * largest(gradient))
    expect(largest(gradient)).toBeGreaterThan(0)
  })

  // Run with ivadomed 2.9.10: P = [[.9, .2], [.4, .7]], G = [[1, 0], [0, 1]]; with two classes also P = [[.1, .6], [.3, .2]], G = [[0, 1], [0, 0]].
  const [p1, g1] = [
    [0.9, 0.2, 0.4, 0.7],
    [1, 0, 0, 1],
  ]
  const [p2, g2] = [
    [...p1, 0.1, 0.6, 0.3, 0.2],
    [...g1, 0, 1, 0, 0],
  ]
  test.each([
    ['DiceLoss', {}, -0.807692, -0.72973],
    ['MultiClassDiceLoss', {}, -0.807692, -0.747596],
    ['BinaryCrossEntropyLoss', {}, 0.299001, 0.299001],
    ['FocalLoss', {}, 0.076282, 0.128275],
    ['FocalDiceLoss', {}, -2.359745, -1.738497],
    ['GeneralizedDiceLoss', {}, -0.516129, -0.470588],
    ['GeneralizedDiceLoss', { include_background: false }, -0.761905, -0.615385],
    ['TverskyLoss', {}, -0.828025, -0.787845],
    ['FocalTverskyLoss', {}, 0.266171, 0.31064],
    ['L2loss', {}, 0.15, 0.3],
    ['LossCombination', { losses_list: ['L2loss', 'DiceLoss'] }, -0.657692, 0.3 - 0.72973],
    // The settings of each are its own: with smooth 2, Dice is -(3.2 + 2) / (4.2 + 2).
    ['LossCombination', { losses_list: ['L2loss', 'DiceLoss'], params_list: [null, { smooth: 2 }] }, 0.15 - 5.2 / 6.2, 0.3 - 6.4 / 8.4],
  ] as const)('%s %j has the values of ivadomed for one class and for two', async (name, params, one, two) => {
    expect((await onnxLoss(name, params, tensor([1, 1, 2, 2], p1), tensor([1, 1, 2, 2], g1))).loss).toBeCloseTo(one, 5.7)
    expect((await onnxLoss(name, params, tensor([1, 2, 2, 2], p2), tensor([1, 2, 2, 2], g2))).loss).toBeCloseTo(two, 5.7)
  })

  test('AdapWingLoss is its formula, on both sides of theta', async () => {
    // Wang, Bo, Fuxin 2019, equation 3, with the settings by default; |t - p| is 0.3, 0.8 and 0.1.
    const [theta, alpha, omega] = [0.5, 2.1, 14]
    const wing = (p: number, t: number): number => {
      const [d, power] = [Math.abs(t - p), alpha - t]
      if (d < theta) return omega * Math.log(1 + d ** power)
      const slope = omega * (1 / (1 + theta ** power)) * power * theta ** (power - 1)
      return slope * d - (theta * slope - omega * Math.log(1 + theta ** power))
    }
    const [p, t] = [
      [0.3, 0.2, 0.6],
      [0, 1, 0.5],
    ]
    const { loss } = await onnxLoss('AdapWingLoss', {}, tensor([1, 1, 1, 3], p), tensor([1, 1, 1, 3], t))
    expect(loss).toBeCloseTo(
      p.reduce((sum, v, i) => sum + wing(v, t[i]!), 0),
      4,
    )
  })

  test('Dice of known numbers is -(2 * 1.5 + 1) / (2 + 2 + 1)', async () => {
    expect((await onnxLoss('DiceLoss', {}, ...one)).loss).toBeCloseTo(-4 / 5, 6)
  })
  test('L2 of known numbers is half the sum of squares', async () => {
    expect((await onnxLoss('L2loss', {}, ...one)).loss).toBeCloseTo((0.01 + 0.04 + 0.16 + 0.09) / 2, 6)
  })
})

function tensor(shape: readonly number[], data: readonly number[]): Tensor {
  return { shape, data: Float32Array.from(data) }
}
