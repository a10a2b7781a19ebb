import type { TrainPlan } from '../engine.ts'
import { lossNamed } from '../losses/index.ts'
import type { Net } from '../net.ts'
import { channelsOf, plain, type Signal, type Value } from '../op.ts'
import { adamDefaults, adamUpdate, moments, type AdamParams } from '../optimisers/adam.ts'
import { writeForward, type Passed } from './forward.ts'
import { GraphBuilder } from './graph.ts'
import type { Graph } from './proto.ts'

/** Names of ports beside the weights, which keep theirs. */
export const port = {
  target: 'target',
  loss: 'loss',
  stepSize: 'step_size',
  root: 'root',
  mask: (layer: string) => `mask:${layer}`,
  next: (name: string) => `next:${name}`,
}

/** One step of training as a graph: forward pass, loss, backward pass, and the optimiser's update right after each gradient. */
export function trainGraph(net: Net, plan: Pick<TrainPlan, 'loss' | 'optimiser' | 'frozen' | 'device'>): Graph {
  const frozen = plan.frozen ?? []
  const g = new GraphBuilder(plan.device)
  const shapes = new Map<string, readonly number[]>()
  const weight = (name: string, shape: readonly number[]): Value => {
    shapes.set(name, shape)
    return g.input(name, shape)
  }
  const { output, passed } = writeForward(g, net, 'training', weight, frozen)
  const loss = lossNamed(plan.loss.name)
  const target = g.input(port.target, ['n', channelsOf(output), 'h', 'w'])
  const prediction = g.dense(output)
  const { loss: value, gradient } = loss.onnx(g, prediction, target, loss.params.parse(plan.loss.params))
  g.output(port.loss, value, [])

  const update = adam(g, { ...adamDefaults, ...plan.optimiser }, shapes)
  writeBackward(g, net, passed, plain(gradient(), channelsOf(output)), update, { frozen })
  for (const { layer, renewed } of passed)
    for (const [name, v] of Object.entries(renewed)) {
      const full = `${layer.id}.${name}`
      g.output(port.next(full), v, shapes.get(full))
    }
  return g.graph('train')
}

/** Writes an update of one weight from its gradient. */
function adam(g: GraphBuilder, params: AdamParams, shapes: ReadonlyMap<string, readonly number[]>) {
  const stepSize = g.input(port.stepSize, [])
  const root = g.input(port.root, [])
  return (name: string, weight: Value, gradient: Value): void => {
    const shape = shapes.get(name)!
    const [m, v] = [g.input(moments.m(name), shape), g.input(moments.v(name), shape)]
    const next = adamUpdate(g, params, { weight, gradient, m, v, stepSize, root })
    g.output(port.next(name), next.weight, shape)
    g.output(port.next(moments.m(name)), next.m, shape)
    g.output(port.next(moments.v(name)), next.v, shape)
  }
}

/**
 * Walks the layers backwards. What a layer gives to several others collects their gradients. `update` takes the gradient
 * of each weight that is not in a frozen layer; the gradients of those network inputs that are `wanted` come back.
 */
export function writeBackward(
  g: GraphBuilder,
  net: Net,
  passed: readonly Passed[],
  dy: Signal,
  update: (name: string, weight: Value, gradient: Value) => void,
  { wanted = [], frozen = [] }: { readonly wanted?: readonly string[]; readonly frozen?: readonly string[] } = {},
): ReadonlyMap<string, Signal> {
  const gradients = new Map<string, Signal>([[net.output, dy]])
  const learns = learning(passed, wanted, frozen)
  for (const { layer, weights, context, saved } of passed.toReversed()) {
    const dy = gradients.get(layer.id)
    gradients.delete(layer.id)
    if (!dy || !learns.has(layer.id)) continue
    const wanted = layer.inputs.map(i => learns.has(i))
    if (frozen.includes(layer.id)) throw new Error(`${layer.id} is frozen, and comes after a layer that is trained`)
    const { dx, dw } = layer.op.backward(g, dy, saved, weights, layer.attrs, { ...context, wanted })
    if (dw)
      g.aside(() => {
        for (const [name, gradient] of Object.entries(dw())) update(`${layer.id}.${name}`, weights[name]!, gradient)
      })
    layer.inputs.forEach((input, i) => {
      const d = dx[i]
      if (!d || !wanted[i]) return
      const before = gradients.get(input)
      gradients.set(input, before ? plain(g.emit('Add', [g.dense(before), g.dense(d)]), channelsOf(d)) : d)
    })
  }
  return gradients
}

/** Layers with weights that are trained, these inputs, and all layers after them. */
function learning(passed: readonly Passed[], inputs: readonly string[], frozen: readonly string[]): ReadonlySet<string> {
  const learns = new Set(inputs)
  for (const { layer } of passed)
    if ((!frozen.includes(layer.id) && Object.values(layer.weights).some(w => w.trained)) || layer.inputs.some(i => learns.has(i)))
      learns.add(layer.id)
  return learns
}
