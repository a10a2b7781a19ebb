import * as tf from '@tensorflow/tfjs'
import type { Net, Tensor, Tensors } from '../../src/net/net.ts'
import { resolve } from '../../src/net/shapes.ts'

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
  await tf.setBackend('cpu')
  const layers = resolve(net)
  const trained = layers.flatMap(l => Object.entries(l.weights).flatMap(([n, s]) => (s.trained ? [`${l.id}.${n}`] : [])))
  const names = [...learned, ...trained]
  const constants = mapped({ ...x, ...weights, ...masks }, toTf)
  const forward = (...variables: tf.Tensor[]): tf.Tensor => {
    const all = { ...constants, ...Object.fromEntries(names.map((n, i) => [n, variables[i]!])) }
    const values: Record<string, tf.Tensor> = { ...all }
    for (const l of layers) {
      const w = Object.fromEntries(Object.keys(l.weights).map(n => [n, all[`${l.id}.${n}`]!]))
      const mask = all[`mask:${l.id}`]
      const context = { training: true, ...(mask && { mask }) }
      values[l.id] = l.op.tfjs(
        tf,
        l.inputs.map(i => values[i]!),
        w,
        l.attrs,
        context,
      )
    }
    return values[net.output]!
  }
  const variables = names.map(n => constants[n]!)
  const y = forward(...variables)
  const gradients = tf.grads(forward)(variables, toTf(dy))
  return { y: fromTf(y), gradients: Object.fromEntries(names.map((n, i) => [n, fromTf(gradients[i]!)])) }
}
