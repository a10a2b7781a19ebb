import { fail, FailureError } from '../../failure.ts'
import type { ModelSource, Predictor, RunOptions } from '../engine.ts'
import { exportModel } from './export.ts'
import { pixelsAtOnce } from '../pixels-at-once.ts'
import { loadRuntime, openSession, runSession } from './runtime.ts'

/** Runs a model: one input, one output. */
export async function openPredictor(source: ModelSource, options: RunOptions): Promise<Predictor> {
  const ort = await loadRuntime()
  const model = typeof source === 'object' && 'net' in source ? exportModel(source.net, source.weights) : source
  const session = await openSession(model, options)
  const [input, output] = [session.inputNames[0]!, session.outputNames[0]!]
  if (session.inputNames.length > 1)
    fail({
      kind: 'model-unreadable',
      path: typeof model === 'string' ? model : 'the model',
      detail: `it has ${session.inputNames.length} inputs: ${session.inputNames.join(', ')}`,
    })
  return {
    pixelsAtOnce: options.device === 'cpu' ? pixelsAtOnce.few : pixelsAtOnce.many,
    async predict({ shape, data }) {
      const feeds = { [input]: new ort.Tensor('float32', data, [...shape]) }
      const result = await runSession(session, feeds, { [output]: null }, { work: 'a prediction of', shape }).catch(refused(shape))
      const y = result[output]!
      return { shape: y.dims, data: y.data as Float32Array }
    },
    close: () => session.release(),
  }
}

/** Anything that goes wrong in somebody's model is about what it was given. */
const refused =
  (shape: readonly number[]) =>
  (error: unknown): never => {
    if (error instanceof FailureError) throw error
    const detail = error instanceof Error ? error.message.split('\n', 1)[0]! : String(error)
    fail({ kind: 'model-refuses', size: shape.join(' x '), detail })
  }
