import { fail } from '../failure.ts'
import { roundHalfEven } from '../image/round.ts'
import type { Net, Tensors } from './net.ts'
import { resolve, weightSpecs } from './shapes.ts'

/** How much of a model is trained again. */
export interface TransferRule {
  /** Share of the layers that is trained, counted from the last one back: 0 to 1. */
  readonly fraction: number
  /** Whether those layers start from new weights, or from the model's. */
  readonly reset: boolean
}

/** What a training starts from. */
export interface Transfer {
  readonly weights: Tensors
  /** Layers that stay as they are. */
  readonly frozen: readonly string[]
  readonly layers: number
}

/**
 * Weights of a trained model in a network, and the layers that are not trained again: round(layers * (1 - fraction)) from the first
 * one on, ties to even, counting layers with weights, as ivadomed's `set_model_for_retrain` does. Layers that are reset take
 * `fresh`, and need not be like the model's. `from` names the model in messages.
 */
export function transfer(
  net: Net,
  from: { readonly name: string; readonly weights: Tensors },
  rule: TransferRule,
  fresh: Tensors,
): Transfer {
  const layers = resolve(net).filter(l => Object.values(l.weights).some(w => w.trained))
  const frozen = layers.slice(0, roundHalfEven(layers.length * (1 - rule.fraction))).map(l => l.id)
  if (frozen.length === layers.length) fail({ kind: 'nothing-to-train', fraction: rule.fraction, layers: layers.length })
  const stays = new Set(rule.reset ? frozen : layers.map(l => l.id))
  const wrong: string[] = []
  const weights = Object.fromEntries(
    [...weightSpecs(net)].map(([name, { shape }]) => {
      if (!stays.has(name.slice(0, name.lastIndexOf('.')))) return [name, fresh[name]!]
      const found = from.weights[name]
      if (found?.shape.join() === shape.join()) return [name, found]
      wrong.push(`${name}: the model has ${found ? sizes(found.shape) : 'none'}, the network wants ${sizes(shape)}`)
      return [name, fresh[name]!]
    }),
  )
  if (wrong.length) fail({ kind: 'weights-do-not-fit', model: from.name, wrong })
  return { weights, frozen, layers: layers.length }
}

/** Fails where the weights are not those of the network, in name or size. */
export function assertFits(net: Net, from: { readonly name: string; readonly weights: Tensors }): void {
  transfer(net, from, { fraction: 1, reset: false }, from.weights)
}

const sizes = (shape: readonly number[]): string => shape.join(' x ')
