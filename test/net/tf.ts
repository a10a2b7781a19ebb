import * as tf from '@tensorflow/tfjs'
import type { Net, Tensor, Tensors } from '../../src/net/net.ts'
import { resolve } from '../../src/net/shapes.ts'
import { tfjsEngineOn } from '../../src/net/tfjs/engine.ts'
import { forward } from '../../src/net/tfjs/forward.ts'
import { toFirst, toLast } from '../../src/net/tfjs/runtime.ts'

/** The JavaScript backend: the kernels are slow and of no native package; all above them is what users run. */
export async function plainTf(): Promise<typeof tf> {
  await tf.setBackend('cpu')
  return tf
}

/** The engine on the JavaScript backend, for tests. */
export const plainTfjs = tfjsEngineOn(`@tensorflow/tfjs ${tf.version.tfjs}, JavaScript backend`, plainTf)

const toTf = (t: Tensor): tf.Tensor => tf.tensor(t.data, [...t.shape])
const fromTf = (t: tf.Tensor): Tensor => ({ shape: t.shape, data: t.dataSync<'float32'>() })
const mapped = <A, B>(record: Readonly<Record<string, A>>, f: (a: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([k, v]) => [k, f(v)]))

/** A network's value and gradients of sum(dy * value), as TensorFlow.js derives them from the forward pass alone. */
export async function tfGradients(
  net: Net,
  x: Tensors,
  weights: Tensors,
  masks: Tensors,
  dy: Tensor,
  learned: readonly string[],
): Promise<{ readonly y: Tensor; readonly gradients: Tensors }> {
  await plainTf()
  const layers = resolve(net)
  const trained = layers.flatMap(l => Object.entries(l.weights).flatMap(([n, s]) => (s.trained ? [`${l.id}.${n}`] : [])))
  const names = [...learned, ...trained]
  const constants = mapped({ ...x, ...weights, ...masks }, toTf)
  const value = (...variables: tf.Tensor[]): tf.Tensor => {
    const all: Record<string, tf.Tensor> = { ...constants, ...Object.fromEntries(names.map((n, i) => [n, variables[i]!])) }
    const inputs = Object.fromEntries(Object.keys(x).map(name => [name, toLast(tf, all[name]!)]))
    const pass = { mode: 'training', frozen: [], renew: () => undefined } as const
    const found = { weight: (name: string) => all[name]!, mask: (layer: string) => all[`mask:${layer}`]! }
    return toFirst(tf, forward(tf, layers, net.output, inputs, { ...pass, ...found }))
  }
  const variables = names.map(n => constants[n]!)
  const y = value(...variables)
  const gradients = tf.grads(value)(variables, toTf(dy))
  return { y: fromTf(y), gradients: Object.fromEntries(names.map((n, i) => [n, fromTf(gradients[i]!)])) }
}
