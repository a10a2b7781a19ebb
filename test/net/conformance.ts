import { expect } from 'vitest'
import { dropoutMasks } from '../../src/net/batches.ts'
import type { Engine, Trainer, TrainPlan } from '../../src/net/engine.ts'
import { initialise } from '../../src/net/initialise.ts'
import { models } from '../../src/net/models/index.ts'
import type { Net, Tensor, Tensors } from '../../src/net/net.ts'
import { onnxEngine } from '../../src/net/onnx/engine.ts'
import { tfjsEngine } from '../../src/net/tfjs/engine.ts'
import { findNative, nativePackages } from '../../src/net/tfjs/find.ts'
import { Random } from '../../src/random.ts'
import { plainTfjs } from './tf.ts'

/** An engine to hold to the suite; one that cannot run here says why. */
export interface Contender {
  readonly name: string
  readonly engine: Engine | { readonly absent: string }
}

/** All of them. The first is what the others are compared with; it is held to PyTorch's numbers in tests of its own. */
export const contenders: readonly Contender[] = [
  { name: 'ONNX Runtime', engine: onnxEngine },
  { name: 'TensorFlow.js on its JavaScript backend', engine: plainTfjs },
  {
    name: 'TensorFlow.js on TensorFlow',
    engine: findNative() ? tfjsEngine() : { absent: `neither ${nativePackages.join(' nor ')} is installed` },
  },
]

export interface Batch {
  readonly x: Tensor
  readonly y: Tensor
}

/** Bright discs on noise, one class or two, and where they are. */
export function discs(images: number, [height, width]: readonly [number, number], { channels = 1, classes = 1, seed = 2 } = {}): Batch {
  const random = new Random(seed, 'discs')
  const y = new Float32Array(images * classes * height * width)
  const x = Float32Array.from({ length: images * channels * height * width }, () => random.normal(0, 0.3))
  for (let n = 0; n < images; n++)
    for (let k = 0; k < classes; k++) {
      const [row, column] = [random.uniform(0.3, 0.7) * height, random.uniform(0.3, 0.7) * width]
      for (let i = 0; i < height * width; i++) {
        if ((Math.floor(i / width) - row) ** 2 + ((i % width) - column) ** 2 > (height * width) / 30) continue
        y[(n * classes + k) * height * width + i] = 1
        for (let c = 0; c < channels; c++) x[(n * channels + c) * height * width + i]! += k + 1
      }
    }
  return { x: { shape: [images, channels, height, width], data: x }, y: { shape: [images, classes, height, width], data: y } }
}

/** A small U-Net with every op of its family, and weights that are not those of a start: statistics and offsets too. */
export function smallUnet(params: Readonly<Record<string, unknown>> = {}): { readonly net: Net; readonly weights: Tensors } {
  const net = models.Unet.net(models.Unet.params.parse({ channels: 1, classes: 1, depth: 2, n_filters: 4, ...params }))
  const random = new Random(4, 'moved')
  const moved = Object.entries(initialise(net, new Random(1, 'weights'))).map(([name, { shape, data }]) => {
    const isVariance = name.endsWith('running_var')
    return [name, { shape, data: data.map(v => (isVariance ? random.uniform(0.5, 1.5) : v + random.normal(0, 0.05))) }] as const
  })
  return { net, weights: Object.fromEntries(moved) }
}

export const planOf = (loss: string, params: TrainPlan['loss']['params'] = {}): TrainPlan => ({
  loss: { name: loss, params },
  optimiser: { name: 'adam' },
  threads: 1,
  device: 'cpu',
})

/** Steps with batches and masks that follow from their number alone. */
export async function steps(t: Trainer, batch: (step: number) => Batch, from: number, to: number, rate = 5e-3): Promise<number[]> {
  const losses: number[] = []
  for (let step = from; step <= to; step++) {
    const { x, y } = batch(step)
    losses.push((await t.step({ x, y, masks: dropoutMasks(t.dropouts, x.shape[0]!, 6, 1, step) }, rate)).loss)
  }
  return losses
}

/** Within a share of the largest number expected; what is all zero proves nothing. */
export function close(what: string, got: Tensor, expected: Tensor, share: number): void {
  expect([...got.shape], what).toEqual([...expected.shape])
  let [largest, most] = [0, 0]
  expected.data.forEach((v, i) => {
    largest = Math.max(largest, Math.abs(v))
    most = Math.max(most, Math.abs(v - got.data[i]!))
  })
  expect(largest, `${what} is not all zero`).toBeGreaterThan(0)
  expect(most / largest, what).toBeLessThanOrEqual(share)
}

/** The gradients of the first step, as Adam's first average has them: a tenth of each. */
export const gradientsIn = (state: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(state).flatMap(([name, t]) =>
      name.startsWith('adam.m:') ? [[name.slice('adam.m:'.length), { shape: t.shape, data: t.data.map(v => v * 10) }]] : [],
    ),
  )
