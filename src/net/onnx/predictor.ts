import { fail } from '../../failure.ts'
import type { Predictor } from '../engine.ts'
import type { Tensor } from '../net.ts'
import { loadRuntime, openSession, type Device } from './runtime.ts'

/** Runs a model file: one input, one output. */
export async function openPredictor(
  model: string | Uint8Array,
  options: { readonly threads: number; readonly device: Device },
): Promise<Predictor> {
  const ort = await loadRuntime()
  const session = await openSession(model, options)
  const [input, output] = [session.inputNames[0]!, session.outputNames[0]!]
  if (session.inputNames.length > 1)
    fail({
      kind: 'model-unreadable',
      path: typeof model === 'string' ? model : 'the model',
      detail: `it has ${session.inputNames.length} inputs: ${session.inputNames.join(', ')}`,
    })
  return {
    async predict({ shape, data }) {
      const y = (await session.run({ [input]: new ort.Tensor('float32', data, [...shape]) }))[output]!
      return { shape: y.dims, data: y.data as Float32Array } satisfies Tensor
    },
    close: () => session.release(),
  }
}
