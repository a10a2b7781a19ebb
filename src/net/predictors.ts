import type { FileRef } from '../artifact.ts'
import type { Compute } from '../node.ts'
import type { Predictor } from './engine.ts'
import { loadEngine } from './engines.ts'

const loaded = new Map<string, Promise<Predictor>>()

/**
 * The predictor of a model file. The elements of a step are done in turn by one process, and share it: a model is loaded once,
 * and lives as long as that process.
 */
export function predictorOf(model: FileRef, options: { readonly compute: Compute; readonly threads: number }): Promise<Predictor> {
  const { compute, threads } = options
  const key = JSON.stringify([model.digest, compute, threads])
  const predictor =
    loaded.get(key) ?? loadEngine(compute.engine).then(engine => engine.predictor(model.path, { threads, device: compute.device }))
  loaded.set(key, predictor)
  return predictor
}
