import { describe, expect, test } from 'vitest'
import type { Trainer, TrainPlan } from '../../../src/net/engine.ts'
import { initialise } from '../../../src/net/initialise.ts'
import { models } from '../../../src/net/models/index.ts'
import type { Net, Tensor, Tensors } from '../../../src/net/net.ts'
import { onnxEngine } from '../../../src/net/onnx/engine.ts'
import { exportModel } from '../../../src/net/onnx/export.ts'
import { Random } from '../../../src/random.ts'
import { largestDifference } from '../golden-unet.ts'

const plan: TrainPlan = { loss: { name: 'DiceLoss', params: {} }, optimiser: { name: 'adam' }, threads: 2, device: 'cpu' }
const net = models.Unet.net(models.Unet.params.parse({ channels: 1, classes: 1, depth: 2, n_filters: 4 }))
const weights = initialise(net, new Random(1, 'weights'))

/** A bright disc on noise, and where it is. */
function batch(images: number, height: number, width: number, seed = 2): { readonly x: Tensor; readonly y: Tensor } {
  const random = new Random(seed, 'batch')
  const shape = [images, 1, height, width]
  const y = Float32Array.from({ length: images * height * width }, (_, i) => {
    const [row, column] = [Math.floor(i / width) % height, i % width]
    return Number((row - height / 2) ** 2 + (column - width / 2) ** 2 < (height * width) / 16)
  })
  return { x: { shape, data: y.map(v => v + random.normal(0, 0.3)) }, y: { shape, data: y } }
}

/** Channel masks as the training loop draws them. */
function masksFor(t: Trainer, images: number, seed: number): Float32Array[] {
  const random = new Random(seed, 'masks')
  const draw = (rate: number) => (random.uniform() < rate ? 0 : 1 / (1 - rate))
  return t.dropouts.map(d => Float32Array.from({ length: images * d.channels }, () => draw(d.rate)))
}

async function steps(t: Trainer, sizes: readonly (readonly [number, number, number])[], from = 0): Promise<number[]> {
  const losses: number[] = []
  for (const [i, [images, height, width]] of sizes.entries()) {
    const masks = masksFor(t, images, from + i)
    losses.push((await t.step({ ...batch(images, height, width, from + i), masks }, 1e-2)).loss)
  }
  return losses
}

const open = (start: Tensors = weights, threads = 2) => onnxEngine.trainer(net, start, { ...plan, threads })
const same = (a: Tensors, b: Tensors): void => {
  expect(Object.keys(a)).toEqual(Object.keys(b))
  for (const [name, t] of Object.entries(a)) expect(Buffer.from(t.data.buffer).equals(Buffer.from(b[name]!.data.buffer)), name).toBe(true)
}

describe('the trainer', () => {
  test('learns: the loss falls, and the prediction finds the disc', async () => {
    const t = await open()
    const losses = await steps(
      t,
      Array.from({ length: 25 }, () => [4, 16, 16] as const),
    )
    expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.3)
    const { loss } = await t.evaluate(batch(5, 16, 16, 99))
    expect(loss).toBeLessThan(-0.6)
    await t.close()
  })

  test('takes batches and images of any size, odd ones too, in one session', async () => {
    const t = await open()
    const losses = await steps(t, [
      [4, 16, 16],
      [2, 16, 16],
      [1, 15, 13],
      [3, 32, 18],
      [1, 37, 53],
    ])
    // The second batch, alone, from the state after the first one.
    const after = await open()
    await steps(after, [[4, 16, 16]])
    const fresh = await open()
    await fresh.restore(await after.state())
    const [second] = await steps(fresh, [[2, 16, 16]], 1)
    expect(second).toBe(losses[1])
    await Promise.all([t.close(), after.close(), fresh.close()])
  })

  test("makes the steps of Adam as its formula has them: PyTorch's, in double precision by hand", async () => {
    const pixel: Net = {
      inputs: { input: [1, 'h', 'w'] },
      layers: [{ id: 'conv', op: 'conv', inputs: ['input'], attrs: { filters: 1, kernel: 1 } }],
      output: 'conv',
    }
    const numbers = (name: string, x: number): Tensors => ({
      [name]: { shape: name.endsWith('bias') ? [1] : [1, 1, 1, 1], data: Float32Array.of(x) },
    })
    const start = { ...numbers('conv.weight', 0.5), ...numbers('conv.bias', -0.25) }
    const t = await onnxEngine.trainer(pixel, start, { ...plan, loss: { name: 'L2loss', params: {} } })
    const [x, y] = [
      [1, 2, -1, 0.5],
      [2, 3, 0, 1],
    ]
    const tensor = (data: readonly number[]): Tensor => ({ shape: [1, 1, 2, 2], data: Float32Array.from(data) })
    const rates = [0.1, 0.05, 0.02, 0.01, 0.2]
    for (const rate of rates) await t.step({ x: tensor(x), y: tensor(y), masks: [] }, rate)
    const state = await t.weights()
    await t.close()

    // The loss is the sum of (w x + b - y)^2 / 2.
    const p = [0.5, -0.25]
    const [m, v] = [
      [0, 0],
      [0, 0],
    ]
    rates.forEach((rate, i) => {
      const errors = x.map((value, k) => p[0]! * value + p[1]! - y[k]!)
      const gradients = [errors.reduce((sum, e, k) => sum + e * x[k]!, 0), errors.reduce((sum, e) => sum + e, 0)]
      gradients.forEach((g, k) => {
        m[k] = 0.9 * m[k]! + 0.1 * g
        v[k] = 0.999 * v[k]! + 0.001 * g * g
        p[k]! -= (rate * (m[k] / (1 - 0.9 ** (i + 1)))) / (Math.sqrt(v[k] / (1 - 0.999 ** (i + 1))) + 1e-8)
      })
    })
    expect(state['conv.weight']!.data[0]).toBeCloseTo(p[0]!, 5.7)
    expect(state['conv.bias']!.data[0]).toBeCloseTo(p[1]!, 5.7)
  })

  test('goes on from a saved state as if it had not stopped', async () => {
    const whole = await open()
    await steps(whole, [
      [4, 16, 16],
      [4, 16, 16],
      [2, 16, 16],
      [4, 16, 16],
    ])
    const first = await open()
    await steps(first, [
      [4, 16, 16],
      [4, 16, 16],
    ])
    const second = await open(initialise(net, new Random(5, 'other')))
    await second.restore(await first.state())
    await steps(
      second,
      [
        [2, 16, 16],
        [4, 16, 16],
      ],
      2,
    )
    same(await second.state(), await whole.state())
    await Promise.all([whole.close(), first.close(), second.close()])
  })

  test('gives the same bytes twice, with one thread or two', async () => {
    const states = await Promise.all(
      [2, 2, 1].map(async threads => {
        const t = await open(weights, threads)
        await steps(t, [
          [4, 32, 32],
          [3, 32, 32],
          [4, 32, 32],
        ])
        const state = await t.state()
        await t.close()
        return state
      }),
    )
    same(states[0]!, states[1]!)
    same(states[0]!, states[2]!)
  })

  test('evaluates with what it has learned so far, changes nothing by it, and equals the exported model', async () => {
    const t = await open()
    await steps(t, [
      [4, 16, 16],
      [4, 16, 16],
    ])
    const b = batch(6, 17, 14, 7)
    const before = await t.state()
    const { loss, prediction } = await t.evaluate(b)
    same(await t.state(), before)
    const p = prediction.data
    const sum = (a: Float32Array) => a.reduce((s, v) => s + v, 0)
    expect(loss).toBeCloseTo(-(2 * sum(p.map((v, i) => v * b.y.data[i]!)) + 1) / (sum(p) + sum(b.y.data) + 1), 6)

    const predictor = await onnxEngine.predictor(exportModel(net, await t.weights()), { threads: 2, device: 'cpu' })
    const exported = await predictor.predict(b.x)
    expect(exported.shape).toEqual(prediction.shape)
    expect(largestDifference(exported.data, p)).toBeLessThan(1e-6)
    await steps(t, [[4, 16, 16]], 5)
    expect(largestDifference((await t.evaluate(b)).prediction.data, p)).toBeGreaterThan(1e-4)
    await Promise.all([t.close(), predictor.close()])
  })

  test('does not touch the weights it was given', async () => {
    const copy = Object.fromEntries(Object.entries(weights).map(([k, t]) => [k, { shape: t.shape, data: t.data.slice() }]))
    const t = await open()
    await steps(t, [[2, 16, 16]])
    same(weights, copy)
    await t.close()
  })

  test('says which weight is missing or of another shape', async () => {
    const rest = Object.fromEntries(Object.entries(weights).filter(([name]) => name !== 'decoder.last_conv.bias'))
    await expect(open(rest)).rejects.toThrow('the weights have no "decoder.last_conv.bias"')
    const wrong = { ...weights, 'decoder.last_conv.bias': { shape: [2], data: new Float32Array(2) } }
    await expect(open(wrong)).rejects.toThrow('weight "decoder.last_conv.bias" is 2, and the network wants 1')
  })
})

describe('the engine', () => {
  test('says how to get CUDA where it is missing', async () => {
    const opened = onnxEngine.predictor(exportModel(net, weights), { threads: 1, device: 'cuda' })
    await expect(opened).rejects.toMatchObject({ failure: { kind: 'device-missing', device: 'cuda' } })
  })

  test('says which images a model does not take', async () => {
    const predictor = await onnxEngine.predictor(exportModel(net, weights), { threads: 1, device: 'cpu' })
    const wrong = predictor.predict({ shape: [1, 3, 16, 16], data: new Float32Array(3 * 256) })
    await expect(wrong).rejects.toMatchObject({ failure: { kind: 'model-refuses', size: '1 x 3 x 16 x 16' } })
    await predictor.close()
  })

  test('says that a file is not a model', async () => {
    const opened = onnxEngine.predictor(import.meta.filename, { threads: 1, device: 'cpu' })
    await expect(opened).rejects.toMatchObject({ failure: { kind: 'model-unreadable', path: import.meta.filename } })
  })

  test('states the version of the package that is installed', async () => {
    const { default: installed } = (await import('onnxruntime-node/package.json', { with: { type: 'json' } })) as {
      default: { version: string }
    }
    expect(onnxEngine.version).toBe(`onnxruntime-node ${installed.version}`)
  })
})
