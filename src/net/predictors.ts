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
 * and lives as long as that process.
 */
export function predictorOf(model: FileRef, options: Options): Promise<Predictor> {
  const { compute, threads } = options
  const key = JSON.stringify([model.digest, compute, threads])
  const predictor =
    loaded.get(key) ?? loadEngine(compute.engine).then(engine => engine.predictor(model.path, { threads, device: compute.device }))
  loaded.set(key, predictor)
  return predictor
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
  const net = card && netOfCard(await readFile(card.path, 'utf8'))
  if (!net) return fail({ kind: 'no-dropout', reason: 'beside this model there is no model.json that describes its layers' })
  if (dropoutsOf(net).length === 0) return fail({ kind: 'no-dropout', reason: 'the network of this model has none (dropout_rate 0)' })
  const [engine, { readWeights }] = await Promise.all([loadEngine(compute.engine), import('./onnx/read-weights.ts')])
  const weights = readWeights(await readFile(model.path), model.path)
  return engine.sampler(net, weights, { threads, device: compute.device })
}
