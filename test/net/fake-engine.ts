import type { Engine, Trainer } from '../../src/net/engine.ts'
import type { Net, Tensor, Tensors } from '../../src/net/net.ts'

/** What the fake engine was asked to do. */
export interface Seen {
  readonly steps: {
    readonly x: Float32Array
    readonly y: Float32Array
    readonly masks: readonly Float32Array[]
    readonly learningRate: number
  }[]
  readonly evaluations: { readonly x: Float32Array }[]
  closed: number
}

export const net: Net = { inputs: { image: [1, 'h', 'w'] }, layers: [{ id: 'p', op: 'fake', inputs: ['image'] }], output: 'p' }
export const initial: Tensors = { w: { shape: [1], data: Float32Array.of(0.1) }, b: { shape: [1], data: Float32Array.of(-0.2) } }

/**
 * An engine small enough to check by hand: prediction = 1 / (1 + exp(-(w m x + b))), m the sample's dropout mask, mean squared
 * error, gradient descent with momentum. It keeps what it was given. `lossAt` replaces the loss of a step (counted from 1).
 */
export function fakeEngine(lossAt: (step: number) => number | undefined = () => undefined): Engine & { readonly seen: Seen } {
  const seen: Seen = { steps: [], evaluations: [], closed: 0 }
  const trainer = (weights: Tensors): Trainer => {
    let values = Float32Array.of(weights['w']!.data[0]!, weights['b']!.data[0]!, 0, 0)
    const forward = (x: Tensor, mask: Float32Array | undefined) => {
      const size = x.data.length / x.shape[0]!
      return x.data.map((v, i) => 1 / (1 + Math.exp(-(values[0]! * (mask?.[Math.floor(i / size)] ?? 1) * v + values[1]!))))
    }
    const mse = (p: Float32Array, y: Float32Array) => p.reduce((sum, v, i) => sum + (v - y[i]!) ** 2, 0) / p.length
    const named = (names: readonly string[]): Tensors =>
      Object.fromEntries(names.map((name, i) => [name, { shape: [1], data: values.slice(i, i + 1) }]))
    return {
      dropouts: [{ id: 'd', rate: 0.25, channels: 1 }],
      async step({ x, y, masks }, learningRate) {
        seen.steps.push({ x: x.data, y: y.data, masks, learningRate })
        const p = forward(x, masks[0])
        const size = x.data.length / x.shape[0]!
        const slope = p.map((v, i) => (2 * (v - y.data[i]!) * v * (1 - v)) / p.length)
        const dw = slope.reduce((sum, g, i) => sum + g * x.data[i]! * masks[0]![Math.floor(i / size)]!, 0)
        const db = slope.reduce((sum, g) => sum + g, 0)
        values[2] = 0.9 * values[2]! + dw
        values[3] = 0.9 * values[3]! + db
        values[0]! -= learningRate * values[2]
        values[1]! -= learningRate * values[3]
        return { loss: lossAt(seen.steps.length) ?? mse(p, y.data) }
      },
      async evaluate({ x, y }) {
        seen.evaluations.push({ x: x.data })
        const data = forward(x, undefined)
        return { loss: mse(data, y.data), prediction: { shape: y.shape, data } }
      },
      weights: async () => named(['w', 'b']),
      state: async () => named(['w', 'b', 'vw', 'vb']),
      async restore(state) {
        values = Float32Array.from(['w', 'b', 'vw', 'vb'], name => state[name]!.data[0]!)
      },
      async close() {
        seen.closed++
      },
    }
  }
  return {
    name: 'onnx',
    version: 'fake 1',
    seen,
    trainer: async (_net, weights) => trainer(weights),
    predictor: () => Promise.reject(new Error('the fake engine only trains')),
    sampler: () => Promise.reject(new Error('the fake engine only trains')),
  }
}
