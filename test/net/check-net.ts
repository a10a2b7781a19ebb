import { expect } from 'vitest'
import { initialise } from '../../src/net/initialise.ts'
import type { Layer, Net, Shape, Tensor, Tensors } from '../../src/net/net.ts'
import { channelsOf, plain, type Value } from '../../src/net/op.ts'
import { writeForward } from '../../src/net/onnx/forward.ts'
import { GraphBuilder } from '../../src/net/onnx/graph.ts'
import { modelFile } from '../../src/net/onnx/proto.ts'
import { loadRuntime, openSession } from '../../src/net/onnx/runtime.ts'
import { writeBackward } from '../../src/net/onnx/train-graph.ts'
import type { OpName } from '../../src/net/ops/index.ts'
import { dropoutsOf, sizeOf } from '../../src/net/shapes.ts'
import { Random } from '../../src/random.ts'
import { tfGradients } from './tf.ts'

/** Forward and backward pass of a network on ONNX Runtime: its value, and gradients of sum(dy * value). */
export interface Checked {
  readonly y: Tensor
  readonly gradients: Tensors
}

const random = new Random(3, 'check')
/** Numbers from -2 to 2 that differ by more than a finite difference moves them, and are never near 0. */
function distinct(shape: readonly number[]): Tensor {
  const n = sizeOf(shape)
  return { shape, data: Float32Array.from(random.permutation(n), i => ((i - (n - 1) / 2 + (n % 2 ? 0.5 : 0)) / n) * 4) }
}

/**
 * Checks one op: its ONNX forward and backward pass against TensorFlow.js, which derives gradients by itself, and the
 * backward pass against finite differences. Inputs by their shapes, [N, C, H, W].
 */
export async function checkOp(op: OpName, { inputs, attrs = {}, fixed = [] }: OpCase): Promise<void> {
  const names = inputs.map((_, i) => `x${i}`)
  const net: Net = {
    inputs: Object.fromEntries(inputs.map((s, i) => [names[i]!, [s[1]!, `h${s[2]}`, `w${s[3]}`] satisfies Shape])),
    layers: [{ id: 'op', op, inputs: names, attrs }],
    output: 'op',
  }
  await checkNet(
    net,
    Object.fromEntries(inputs.map((s, i) => [names[i]!, distinct(s)])),
    fixed.map(i => names[i]!),
  )
}
export interface OpCase {
  readonly inputs: readonly (readonly number[])[]
  readonly attrs?: NonNullable<Layer['attrs']>
  /** Inputs through which no gradient flows. */
  readonly fixed?: readonly number[]
}

/** The same for a small network: every weight and every input. `differences` are for smooth ones: a kink between two points spoils them. */
export async function checkNet(net: Net, x: Tensors, fixed: readonly string[] = [], differences = true): Promise<void> {
  const weights = Object.fromEntries(
    Object.entries(initialise(net, random)).map(([name, t]) => [
      name,
      { shape: t.shape, data: t.data.map(v => v + random.uniform(-0.3, 0.3)) },
    ]),
  )
  const images = Object.values(x)[0]!.shape[0]!
  const masks = Object.fromEntries(
    dropoutsOf(net).map(({ id, channels, rate }) => {
      const data = Float32Array.from({ length: images * channels }, (_, i) => (i % 3 === 1 ? 0 : 1 / (1 - rate)))
      return [`mask:${id}`, { shape: [images, channels], data }]
    }),
  )
  const learned = Object.keys(x).filter(n => !fixed.includes(n))
  const run = await opened(net, learned, false)
  const runAll = await opened(net, learned, true)
  const first = await run({ ...x, ...weights, ...masks })
  const dy = { shape: first.y.shape, data: Float32Array.from({ length: first.y.data.length }, () => random.normal()) }
  const ours = await runAll({ ...x, ...weights, ...masks, dy })
  const tf = await tfGradients(net, x, weights, masks, dy, learned)
  close('value', ours.y, tf.y, 2e-5)
  for (const [name, gradient] of Object.entries(tf.gradients)) close(name, ours.gradients[name]!, gradient, 1e-4)
  if (differences)
    for (const name of Object.keys(ours.gradients)) await slopeAgrees(name, { ...x, ...weights, ...masks }, dy, ours.gradients[name]!, run)
}

type Run = (values: Tensors) => Promise<Checked>

/** The network as a graph, with or without its backward pass. */
async function opened(net: Net, learned: readonly string[], backward: boolean): Promise<Run> {
  const g = new GraphBuilder()
  const { output, passed } = writeForward(g, net, 'training', (name, shape) => g.input(name, shape))
  const y = g.dense(output)
  const gradients: string[] = []
  const give = (name: string, value: Value): void => {
    gradients.push(name)
    g.output(`d:${name}`, g.emit('Identity', [value]))
  }
  if (backward) {
    const dy = plain(g.input('dy', ['n', channelsOf(output), 'dy.h', 'dy.w']), channelsOf(output))
    const dx = writeBackward(g, net, passed, dy, (name, _, d) => give(name, d), { wanted: learned })
    for (const name of learned) if (dx.has(name)) give(name, g.dense(dx.get(name)!))
  }
  g.output('y', g.emit('Identity', [y]))
  const ort = await loadRuntime()
  const session = await openSession(modelFile(g.graph('check')), { threads: 2, device: 'cpu' })
  return async values => {
    const feeds = session.inputNames.map(n => [n, new ort.Tensor('float32', values[n]!.data, [...values[n]!.shape])] as const)
    const out = await session.run(Object.fromEntries(feeds))
    const tensor = (name: string): Tensor => ({ shape: out[name]!.dims, data: out[name]!.data as Float32Array })
    return { y: tensor('y'), gradients: Object.fromEntries(gradients.map(n => [n, tensor(`d:${n}`)])) }
  }
}

/** The loss sum(dy * y) along one random direction of one tensor, by central differences, against the gradient. */
async function slopeAgrees(name: string, values: Tensors, dy: Tensor, gradient: Tensor, run: Run): Promise<void> {
  const step = 2e-3
  const at = values[name]!
  const direction = Float32Array.from(at.data, () => (random.uniform() < 0.5 ? -1 : 1))
  const loss = async (sign: number): Promise<number> => {
    const moved = { shape: at.shape, data: at.data.map((v, i) => v + sign * step * direction[i]!) }
    return dot(dy.data, (await run({ ...values, [name]: moved })).y.data)
  }
  const slope = ((await loss(1)) - (await loss(-1))) / (2 * step)
  const norm = Math.sqrt(dot(gradient.data, gradient.data))
  expect(Math.abs(slope - dot(gradient.data, direction)), `slope along ${name}`).toBeLessThan(0.01 * norm + 2e-3)
}

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0)

/** Within a share of the largest expected value. */
function close(what: string, ours: Tensor, expected: Tensor, share: number): void {
  expect(ours.shape, what).toEqual(expected.shape)
  const largest = expected.data.reduce((m, v) => Math.max(m, Math.abs(v)), 0)
  let most = 0
  expected.data.forEach((v, i) => (most = Math.max(most, Math.abs(v - ours.data[i]!))))
  expect(most, what).toBeLessThanOrEqual(share * largest + 1e-6)
  expect(largest, `${what} is not all zero`).toBeGreaterThan(0)
}
