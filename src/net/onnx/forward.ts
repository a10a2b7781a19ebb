import type { Net } from '../net.ts'
import { channelsOf, plain, type Context, type Signal, type Value, type Weights } from '../op.ts'
import { resolve, type Resolved } from '../shapes.ts'
import type { GraphBuilder } from './graph.ts'

/** One layer's forward pass in a graph, with what its backward pass needs. */
export interface Passed {
  readonly layer: Resolved
  readonly weights: Weights<Value>
  readonly context: Context
  readonly saved: unknown
  readonly renewed: Weights<Value>
}

/** Evaluation; training; or evaluation with dropout on, for Monte-Carlo dropout: its masks are inputs then, as in training. */
export type Mode = 'evaluation' | 'training' | 'dropout'

/** Writes the forward pass of every layer; frozen ones work as in evaluation. `weight` makes each weight an input or a constant. */
export function writeForward(
  g: GraphBuilder,
  net: Net,
  mode: Mode,
  weight: (name: string, shape: readonly number[]) => Value,
  frozen: readonly string[] = [],
): { readonly output: Signal; readonly passed: readonly Passed[] } {
  const signals = new Map<string, Signal>()
  for (const [name, shape] of Object.entries(net.inputs)) signals.set(name, plain(g.input(name, ['n', ...shape]), Number(shape[0])))
  const passed = resolve(net).map((layer): Passed => {
    const x = layer.inputs.map(i => signals.get(i)!)
    const weights = Object.fromEntries(Object.entries(layer.weights).map(([n, s]) => [n, weight(`${layer.id}.${n}`, s.shape)]))
    const training = (mode === 'training' && !frozen.includes(layer.id)) || (mode === 'dropout' && layer.op.dropRate !== undefined)
    const context = { layer: layer.id, training, channels: x.map(channelsOf) }
    const made = layer.op.forward(g, x, weights, layer.attrs, context)
    signals.set(layer.id, made.y)
    return { layer, weights, context, saved: made.saved, renewed: made.renewed ?? {} }
  })
  return { output: signals.get(net.output)!, passed }
}
