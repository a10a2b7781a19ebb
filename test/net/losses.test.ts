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
  // One class and two: the table of ivadomed's own documentation tests.
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
