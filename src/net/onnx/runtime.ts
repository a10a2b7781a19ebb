import type { InferenceSession } from 'onnxruntime-node'
import { fail, FailureError } from '../../failure.ts'

type Ort = typeof import('onnxruntime-node')
export type Device = 'cpu' | 'webgpu' | 'cuda'

/** The version this package is built and tested with; the fingerprint names it. */
export const runtimeVersion = '1.30.0'

let loading: Promise<Ort> | undefined
/** The native package, loaded on first use: plans must be fast. */
export const loadRuntime = (): Promise<Ort> => (loading ??= import('onnxruntime-node').then(m => ('default' in m ? (m.default as Ort) : m)))

/** Opens a graph or a model file. */
export async function openSession(
  model: string | Uint8Array,
  options: { readonly threads: number; readonly device: Device },
): Promise<InferenceSession> {
  const ort = await loadRuntime()
  const settings: InferenceSession.SessionOptions = {
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Sizes differ between batches; with a pattern kept for each of them memory grows, and nothing is faster.
    enableMemPattern: false,
    executionProviders: options.device === 'cpu' ? ['cpu'] : [options.device, 'cpu'],
    logSeverityLevel: 3,
  }
  try {
    return await (typeof model === 'string' ? ort.InferenceSession.create(model, settings) : ort.InferenceSession.create(model, settings))
  } catch (error) {
    if (error instanceof FailureError) throw error
    const detail = error instanceof Error ? error.message : String(error)
    if (options.device !== 'cpu') fail({ kind: 'device-missing', device: options.device, detail: firstLine(detail) })
    if (typeof model === 'string') fail({ kind: 'model-unreadable', path: model, detail: firstLine(detail) })
    throw error
  }
}

const firstLine = (s: string): string => s.split('\n', 1)[0]!
