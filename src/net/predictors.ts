import { readFile } from 'node:fs/promises'
import type { FileRef } from '../artifact.ts'
import { fail } from '../failure.ts'
import type { Compute } from '../node.ts'
import type { DropoutSampler, Predictor } from './engine.ts'
import { loadEngine } from './engines.ts'
import { netOfCard } from './model-card.ts'
import { dropoutsOf } from './shapes.ts'

interface Options {
  readonly compute: Compute
  readonly threads: number
}

const loaded = new Map<string, Promise<Predictor>>()

/**
 * The predictor of a model file. The elements of a step are done in turn by one process, and share it: a model is loaded once,
 * and lives as long as that process. `card`: its `model.json`, which TensorFlow.js needs: it says the layers.
 */
export function predictorOf(model: FileRef, options: Options, card?: FileRef): Promise<Predictor> {
  const { compute, threads } = options
  const key = JSON.stringify([model.digest, card?.digest, compute, threads])
  const predictor = loaded.get(key) ?? openPredictor(model, card, options)
  loaded.set(key, predictor)
  return predictor
}

async function openPredictor(model: FileRef, card: FileRef | undefined, { compute, threads }: Options): Promise<Predictor> {
  const engine = await loadEngine(compute.engine)
  const source = engine.name === 'onnx' ? model.path : ((await described(model, card)) ?? model.path)
  return engine.predictor(source, { threads, device: compute.device })
}

/** A model in our words: the network as its card has it, with the weights of the file. */
async function described(model: FileRef, card: FileRef | undefined) {
  const net = card && netOfCard(await readFile(card.path, 'utf8'))
  if (!net) return undefined
  const { readWeights } = await import('./onnx/read-weights.ts')
  return { net, weights: readWeights(await readFile(model.path), model.path) }
}

const sampling = new Map<string, Promise<DropoutSampler>>()

/** The same model with its dropout layers on. `card`: its `model.json`, which says where they are; the weights are in the model. */
export function samplerOf(model: FileRef, card: FileRef | undefined, options: Options): Promise<DropoutSampler> {
  const { compute, threads } = options
  const key = JSON.stringify([model.digest, card?.digest, compute, threads])
  const sampler = sampling.get(key) ?? openSampler(model, card, options)
  sampling.set(key, sampler)
  return sampler
}

async function openSampler(model: FileRef, card: FileRef | undefined, { compute, threads }: Options): Promise<DropoutSampler> {
  const found = await described(model, card)
  if (!found) return fail({ kind: 'no-dropout', reason: 'beside this model there is no model.json that describes its layers' })
  const { net, weights } = found
  if (dropoutsOf(net).length === 0) return fail({ kind: 'no-dropout', reason: 'the network of this model has none (dropout_rate 0)' })
  const engine = await loadEngine(compute.engine)
  return engine.sampler(net, weights, { threads, device: compute.device })
}
