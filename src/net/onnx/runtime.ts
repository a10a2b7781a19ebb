import type { InferenceSession } from 'onnxruntime-node'
import { fail } from '../../failure.ts'
import type { Device, RunOptions } from '../engine.ts'

type Ort = typeof import('onnxruntime-node')
/** Execution providers of each device, in order. */
const providers: Readonly<Partial<Record<Device, readonly string[]>>> = { cpu: ['cpu'], webgpu: ['webgpu', 'cpu'], cuda: ['cuda', 'cpu'] }

/** The version this package is built and tested with; the fingerprint names it. */
export const runtimeVersion = '1.30.0'

let loading: Promise<Ort> | undefined
/** The native package, loaded on first use: plans must be fast. */
export const loadRuntime = (): Promise<Ort> => (loading ??= load())

async function load(): Promise<Ort> {
  const module = await import('onnxruntime-node')
  const ort = 'default' in module ? module.default : module
  // What goes wrong is thrown as well; the library would print it in colours besides.
  ort.env.logLevel = 'fatal'
  return ort
}

/** Opens a graph or a model file. `onDevice`: outputs that stay in the memory of WebGPU's device. */
export async function openSession(
  model: string | Uint8Array,
  options: RunOptions,
  onDevice: readonly string[] = [],
): Promise<InferenceSession> {
  const ort = await loadRuntime()
  const executionProviders = providers[options.device]
  if (!executionProviders) throw new Error(`ONNX Runtime has no device "${options.device}"`)
  const settings: InferenceSession.SessionOptions = {
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Sizes differ between batches; with a pattern kept for each of them memory grows, and nothing is faster.
    enableMemPattern: false,
    executionProviders,
    ...(onDevice.length && { preferredOutputLocation: Object.fromEntries(onDevice.map(name => [name, 'gpu-buffer'])) }),
    logSeverityLevel: 4,
  }
  try {
    return await (typeof model === 'string' ? ort.InferenceSession.create(model, settings) : ort.InferenceSession.create(model, settings))
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    if (options.device !== 'cpu') fail({ kind: 'device-missing', device: options.device, detail: firstLine(detail) })
    if (typeof model === 'string') fail({ kind: 'model-unreadable', path: model, detail: firstLine(detail) })
    throw error
  }
}

/** Runs a session; what the runtime says of sizes and memory becomes a failure. `work`: of which images, in a sentence. */
export async function runSession(
  session: InferenceSession,
  feeds: InferenceSession.FeedsType,
  fetches: InferenceSession.FetchesType,
  { work, shape }: { readonly work: string; readonly shape: readonly number[] },
): Promise<InferenceSession.ReturnType> {
  try {
    return await session.run(feeds, fetches)
  } catch (error) {
    const [size, detail] = [shape.join(' x '), firstLine(error instanceof Error ? error.message : String(error))]
    if (/allocate|bad_alloc|out of memory/i.test(detail)) fail({ kind: 'out-of-memory', work, size, detail })
    throw error
  }
}

const firstLine = (s: string): string => s.split('\n', 1)[0]!
