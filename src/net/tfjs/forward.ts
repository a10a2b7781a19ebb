import type { Tf, TfTensor } from '../op.ts'
import type { Resolved } from '../shapes.ts'

/** Evaluation; training; or evaluation with dropout on, for Monte-Carlo dropout. */
export type Mode = 'evaluation' | 'training' | 'dropout'

/** What a forward pass reads and tells. */
export interface Pass {
  readonly mode: Mode
  /** Work as in evaluation. */
  readonly frozen: readonly string[]
  weight(name: string): TfTensor
  /** Of a dropout layer: [N, channels]. */
  mask(layer: string): TfTensor
  /** Told of new running statistics, in training. */
  renew(name: string, value: TfTensor): void
}

/**
 * The value of the output layer. Images are [N, H, W, C]. Outside of training a value goes as soon as the last layer that
 * reads it is done, so that memory holds a few of them; in training the backward pass needs them all.
 */
export function forward(
  tf: Tf,
  layers: readonly Resolved[],
  output: string,
  inputs: Readonly<Record<string, TfTensor>>,
  pass: Pass,
): TfTensor {
  const values = new Map(Object.entries(inputs))
  const readers = new Map<string, number>()
  for (const name of layers.flatMap(l => l.inputs)) readers.set(name, (readers.get(name) ?? 0) + 1)
  for (const layer of layers) {
    values.set(layer.id, pass.mode === 'training' ? valueOf(tf, layer, values, pass) : tf.tidy(() => valueOf(tf, layer, values, pass)))
    for (const name of layer.inputs) {
      const left = readers.get(name)! - 1
      readers.set(name, left)
      if (left === 0 && name !== output && pass.mode !== 'training' && !(name in inputs)) values.get(name)!.dispose()
    }
  }
  return values.get(output)!
}

function valueOf(tf: Tf, layer: Resolved, values: ReadonlyMap<string, TfTensor>, pass: Pass): TfTensor {
  const { id, op, attrs } = layer
  const { mode, frozen } = pass
  const drops = op.dropRate !== undefined
  const training = (mode === 'training' && !frozen.includes(id)) || (mode === 'dropout' && drops)
  const x = layer.inputs.map(name => values.get(name)!)
  const weights = Object.fromEntries(Object.keys(layer.weights).map(name => [name, pass.weight(`${id}.${name}`)]))
  const y = op.tfjs(tf, x, weights, attrs, {
    training,
    mask: drops && training ? pass.mask(id) : undefined,
    renew: (name, value) => {
      pass.renew(`${id}.${name}`, value)
    },
  })
  // A layer that does nothing gives what it was given; each value has an owner of its own.
  return mode !== 'training' && x.includes(y) ? tf.clone(y) : y
}
