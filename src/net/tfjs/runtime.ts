import { createRequire } from 'node:module'
import { fail, FailureError } from '../../failure.ts'
import type { Device } from '../engine.ts'
import type { Tensor } from '../net.ts'
import type { Tf, TfTensor } from '../op.ts'
import { findNative, nativePackages, type Found } from './find.ts'

const loading = new Map<Device, Promise<Tf>>()
/** The native package, loaded on first use: plans must be fast. */
export function loadTf(device: Device): Promise<Tf> {
  const known = loading.get(device) ?? load(device)
  loading.set(device, known)
  return known
}

/** The native package that is installed; a failure where there is none. */
export const installed = (): Found => findNative() ?? fail({ kind: 'tfjs-missing', looked: nativePackages })

async function load(device: Device): Promise<Tf> {
  const found = installed()
  if (device !== 'cpu' && device !== 'gpu') throw new Error(`TensorFlow.js has no device "${device}"`)
  // Read by TensorFlow when it starts: without a card in sight it takes none of its memory.
  if (device === 'cpu') process.env['CUDA_VISIBLE_DEVICES'] = '-1'
  // And its log would fill the step's with what it finds, line by line.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'
  const tf = required(found)
  await tf.ready()
  const backend: object = tf.backend()
  const sees = 'isUsingGpuDevice' in backend && backend.isUsingGpuDevice === true
  if (device === 'gpu' && !sees)
    fail({ kind: 'device-missing', device, detail: `${found.name} ${found.version} was loaded, and sees no GPU that it can use` })
  return tf
}

function required({ name, manifest }: Found): Tf {
  try {
    return createRequire(manifest)(name) as Tf
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return fail({ kind: 'tfjs-broken', package: name, detail: firstLine(detail) })
  }
}

/** Does work on TensorFlow.js; what it says of memory becomes a failure. `work`: of which images, in a sentence. */
export function guarded<T>(work: string, { shape }: Pick<Tensor, 'shape'>, body: () => T): T {
  try {
    return body()
  } catch (error) {
    if (error instanceof FailureError) throw error
    const detail = firstLine(error instanceof Error ? error.message : String(error))
    if (/OOM|out of memory|bad_alloc|allocat|resource.?exhausted/i.test(detail))
      fail({ kind: 'out-of-memory', work, size: shape.join(' x '), detail })
    throw error
  }
}

/**
 * Does work that makes gradients. TensorFlow.js forgets, where that fails, what it kept for the backward pass: it is let go
 * here, since what fails is mostly short of memory, and a smaller batch is tried next.
 */
export function released<T>(tf: Tf, body: () => T): T {
  const engine = tf.engine()
  const kept: TfTensor[] = []
  const keep = engine.keep.bind(engine)
  engine.keep = t => {
    kept.push(t)
    return keep(t)
  }
  try {
    return body()
  } catch (error) {
    for (const t of kept) if (!t.isDisposed) t.dispose()
    throw error
  } finally {
    engine.keep = keep
  }
}

/** From [N, C, H, W], as all of the project has images, to channels last, and back. */
export const toLast = (tf: Tf, x: TfTensor): TfTensor => tf.transpose(x, [0, 2, 3, 1])
export const toFirst = (tf: Tf, x: TfTensor): TfTensor => tf.transpose(x, [0, 3, 1, 2])

export const upload = (tf: Tf, { shape, data }: Tensor): TfTensor => tf.tensor(data, [...shape], 'float32')

/** The numbers of a tensor, copied. */
export async function download(t: TfTensor): Promise<Tensor> {
  const data = await t.data<'float32'>()
  return { shape: [...t.shape], data: data.slice() }
}

const firstLine = (s: string): string => s.trim().split('\n', 1)[0]!
