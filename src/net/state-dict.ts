import type { Net, Tensors } from './net.ts'
import { writeSafetensors } from './safetensors.ts'
import { weightSpecs } from './shapes.ts'

/** Weights that are a network's own, and what is wrong with those that are not: missing, of another shape, or not of the network. */
export function fitted(net: Net, found: Tensors): { readonly weights: Tensors; readonly wrong: readonly string[] } {
  const specs = weightSpecs(net)
  const wrong = [...specs].flatMap(([name, { shape }]) => {
    const there = found[name]
    if (there?.shape.join() === shape.join()) return []
    return [`${name}: ${there ? `there ${sizes(there.shape)}` : 'missing'}, the network wants ${sizes(shape)}`]
  })
  const more = Object.keys(found).filter(name => !specs.has(name))
  const weights = Object.fromEntries([...specs.keys()].flatMap(name => (found[name] ? [[name, found[name]]] : [])))
  return { weights, wrong: [...wrong, ...more.map(name => `${name}: the network has none`)] }
}

const sizes = (shape: readonly number[]): string => shape.join(' x ') || 'one number'

/** A network's weights as a safetensors file that PyTorch loads into the same network: its `state_dict`, names and all. */
export function stateDictFile(net: Net, weights: Tensors, metadata: Readonly<Record<string, string>>): Uint8Array {
  // PyTorch counts the batches that a batch norm has seen; with a momentum nothing depends on it, but a strict load asks for it.
  const counters = net.layers.filter(({ op }) => op === 'batchnorm').map(({ id }) => `${id}.num_batches_tracked`)
  return writeSafetensors(weights, counters, { format: 'pt', ...metadata })
}
