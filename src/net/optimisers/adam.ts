import type { Builder, Tf, TfTensor, Value } from '../op.ts'

export interface AdamParams {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
}
export const adamDefaults: AdamParams = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }

/** What its two averages of a weight are called, and what they are called in a trainer's state, as the number of steps is. */
export const moments = {
  m: (weight: string) => `m:${weight}`,
  v: (weight: string) => `v:${weight}`,
  inState: (name: string) => `adam.${name}`,
}

/** The two numbers of a step that depend on the learning rate and on how many steps came before; in double precision. */
export const adamScalars = (learningRate: number, step: number, { beta1, beta2 }: AdamParams) => ({
  stepSize: learningRate / (1 - beta1 ** step),
  root: Math.sqrt(1 - beta2 ** step),
})

/**
 * Adam (Kingma & Ba 2015) in the order of operations of PyTorch's:
 * m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; w = w - stepSize * m / (sqrt(v) / root + epsilon).
 */
export function adamUpdate(
  g: Builder,
  { beta1, beta2, epsilon }: AdamParams,
  x: {
    readonly weight: Value
    readonly gradient: Value
    readonly m: Value
    readonly v: Value
    readonly stepSize: Value
    readonly root: Value
  },
): { readonly weight: Value; readonly m: Value; readonly v: Value } {
  const times = (a: Value, b: number): Value => g.emit('Mul', [a, g.scalar(b)])
  const m = g.emit('Add', [times(x.m, beta1), times(x.gradient, 1 - beta1)])
  const v = g.emit('Add', [times(x.v, beta2), times(g.emit('Mul', [x.gradient, x.gradient]), 1 - beta2)])
  const below = g.emit('Add', [g.emit('Div', [g.emit('Sqrt', [v]), x.root]), g.scalar(epsilon)])
  const move = g.emit('Mul', [g.emit('Div', [m, below]), x.stepSize])
  return { weight: g.emit('Sub', [x.weight, move]), m, v }
}

/** The same in TensorFlow.js. */
export function adamTf(
  tf: Tf,
  { beta1, beta2, epsilon }: AdamParams,
  x: {
    readonly weight: TfTensor
    readonly gradient: TfTensor
    readonly m: TfTensor
    readonly v: TfTensor
    readonly stepSize: number
    readonly root: number
  },
): { readonly weight: TfTensor; readonly m: TfTensor; readonly v: TfTensor } {
  const m = tf.add(tf.mul(x.m, beta1), tf.mul(x.gradient, 1 - beta1))
  const v = tf.add(tf.mul(x.v, beta2), tf.mul(tf.square(x.gradient), 1 - beta2))
  const move = tf.mul(tf.div(m, tf.add(tf.div(tf.sqrt(v), x.root), epsilon)), x.stepSize)
  return { weight: tf.sub(x.weight, move), m, v }
}
