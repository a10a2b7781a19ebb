import type { DropoutLayer } from './engine.ts'
import type { Net, Shape, Tensors } from './net.ts'
import type { AnyOp, WeightSpec } from './op.ts'
import { opNamed } from './ops/index.ts'

/** A layer with what its op says about it. */
export interface Resolved {
  readonly id: string
  readonly op: AnyOp
  /** Parsed by the op's schema. */
  readonly attrs: unknown
  readonly inputs: readonly string[]
  readonly inputShapes: readonly Shape[]
  readonly shape: Shape
  readonly weights: Readonly<Record<string, WeightSpec>>
}

/** Every layer of a network, checked, in order. Throws a sentence where layers do not fit: our models make the networks. */
export function resolve(net: Net): readonly Resolved[] {
  const shapes = new Map(Object.entries(net.inputs))
  const layers = net.layers.map((layer): Resolved => {
    const op = opNamed(layer.op)
    const attrs: unknown = op.attrs.parse(layer.attrs ?? {})
    const inputShapes = layer.inputs.map(name => {
      const shape = shapes.get(name)
      if (!shape) throw new Error(`layer "${layer.id}" reads "${name}", which is not an input or an earlier layer`)
      return shape
    })
    const shape = op.shape(inputShapes, attrs)
    if (typeof shape === 'string') throw new Error(`layer "${layer.id}": ${shape}`)
    if (shapes.has(layer.id)) throw new Error(`two layers are called "${layer.id}"`)
    shapes.set(layer.id, shape)
    return { id: layer.id, op, attrs, inputs: layer.inputs, inputShapes, shape, weights: op.weights?.(inputShapes, attrs) ?? {} }
  })
  if (!shapes.has(net.output)) throw new Error(`the output "${net.output}" is not a layer`)
  return layers
}

/** The weights and running statistics of a network, named `<layer>.<weight>`, in order. */
export function weightSpecs(net: Net): ReadonlyMap<string, WeightSpec> {
  return new Map(resolve(net).flatMap(l => Object.entries(l.weights).map(([name, spec]) => [`${l.id}.${name}`, spec] as const)))
}

/** How many numbers are trained. */
export function parameterCount(net: Net): number {
  return [...weightSpecs(net).values()].filter(s => s.trained).reduce((sum, s) => sum + sizeOf(s.shape), 0)
}

/** Dropout layers in order: the shape of what `Trainer.step` takes as masks. */
export function dropoutsOf(net: Net): readonly DropoutLayer[] {
  return resolve(net).flatMap(l => (l.op.dropRate ? [{ id: l.id, rate: l.op.dropRate(l.attrs), channels: Number(l.shape[0]) }] : []))
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** The weight of that name, checked: weights come from files. */
export function weightNamed(weights: Tensors, name: string, shape: readonly number[]): Float32Array {
  const w = weights[name]
  if (!w) throw new Error(`the weights have no "${name}"`)
  if (w.shape.join() !== shape.join()) throw new Error(`weight "${name}" is ${w.shape.join('x')}, and the network wants ${shape.join('x')}`)
  return w.data
}
