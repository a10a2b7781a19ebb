import { expect, test } from 'vitest'
import type { Net } from '../../src/net/net.ts'
import { onnxEngine } from '../../src/net/onnx/engine.ts'
import { exportModel } from '../../src/net/onnx/export.ts'
import { near } from '../near.ts'

/** What a network gives that is its last layer alone: of two images of 1 x 2 pixels, so many channels each. */
async function predicted(op: string, background: boolean, channels: number, data: readonly number[]): Promise<readonly number[]> {
  const net: Net = {
    inputs: { input: [channels, 'h', 'w'] },
    layers: [{ id: 'prediction', op, inputs: ['input'], attrs: { background } }],
    output: 'prediction',
  }
  const predictor = await onnxEngine.predictor(exportModel(net, {}), { threads: 1, device: 'cpu' })
  const y = await predictor.predict({ shape: [2, channels, 1, 2], data: Float32Array.from(data) })
  await predictor.close()
  expect([...y.shape]).toEqual([2, channels - Number(background), 1, 2])
  return [...y.data]
}

/** Of image n, channel c, pixel i: a score. */
const scores = [1, -2, 0.5, 3, -1, 2, 0, 0, 4, -1, 1, 1]

test('sigmoid takes every class by itself; for several, the background is left out', async () => {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
  near(await predicted('sigmoid', false, 3, scores), scores.map(sigmoid), 1e-6)
  near(await predicted('sigmoid', true, 3, scores), [...scores.slice(2, 6), ...scores.slice(8)].map(sigmoid), 1e-6)
})

test('softmax makes background and classes sum to 1, and leaves the background out', async () => {
  const y = await predicted('softmax', true, 3, scores)
  for (const [n, i] of [0, 1].flatMap(n => [0, 1].map(i => [n, i] as const))) {
    const [zero, one, two] = [0, 1, 2].map(c => Math.exp(scores[6 * n + 2 * c + i]!)) as [number, number, number]
    const sum = zero + one + two
    near([y[4 * n + i]!, y[4 * n + 2 + i]!], [one / sum, two / sum], 1e-6)
    expect(y[4 * n + i]! + y[4 * n + 2 + i]!).toBeLessThan(1)
  }
})

test('relu is divided by its largest value in the batch; where all are negative it is 0, and no NaN', async () => {
  const y = await predicted('relu-normalised', false, 3, scores)
  near(
    y,
    scores.map(x => Math.max(x, 0) / 4),
    1e-6,
  )
  expect(Math.max(...y)).toBe(1)
  expect(await predicted('relu-normalised', false, 1, [-1, -2, -3, 0])).toEqual([0, 0, 0, 0])
})

test('relu of several classes is divided by its sum over them and the background too, and by 1 where that is 0', async () => {
  const y = await predicted('relu-normalised', true, 3, [1, -2, 1, -3, 2, -1, 0, 4, 0, 4, 0, 0])
  near(y, [0.25, 0, 0.5, 0, 0, 0.5, 0, 0], 1e-6)
})
