import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { FileRef } from '../artifact.ts'
import { fail } from '../failure.ts'
import { codeOf, hashFileNow } from '../files.ts'
import { runtimeVersion } from './onnx/runtime.ts'

const role = 'the classifier of classifier_path'

/** What classifies slices, for fingerprints: always ONNX Runtime on the CPU, so that slices do not hang on the device of a run. */
export const classifierEngine = `onnxruntime-node ${runtimeVersion} on cpu`

/** The model file of a classifier. One that is not there, or cannot be read, is a failure. */
export function classifierFile(path: string): FileRef {
  try {
    if (!statSync(path).isFile()) return fail({ kind: 'file-unreadable', path, role, detail: 'it is a folder' })
    return { path: resolve(path), digest: hashFileNow(path) }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return fail({ kind: 'file-missing', path, role })
    if (code !== undefined) return fail({ kind: 'file-unreadable', path, role, detail: (error as Error).message })
    throw error
  }
}

/** Whether a slice is of use, by its channels, each [H, W]. */
export type Classifier = (channels: readonly Float32Array[], shape: readonly [number, number]) => Promise<boolean>

/**
 * A classifier of slices: a model that gives one number for an image [1, 1, H, W] as it is stored (no transform comes before). As
 * in ivadomed each channel is asked by itself, and all must be accepted; but a probability is cut at 0.5, where ivadomed truncates
 * it, so that 0.99 is a refusal.
 */
export async function sliceClassifier(model: FileRef, threads: number): Promise<Classifier> {
  const { predictorOf } = await import('./predictors.ts')
  const predictor = await predictorOf(model, { compute: { engine: 'onnx', device: 'cpu' }, threads })
  return async (channels, [height, width]) => {
    for (const channel of channels) {
      const shape = [1, 1, height, width]
      const answer = await predictor.predict({ shape, data: channel.slice() })
      if (answer.data.length !== 1)
        fail({
          kind: 'classifier-output',
          path: model.path,
          given: shape.join(' x '),
          gives: `${answer.data.length} numbers [${answer.shape.join(', ')}]`,
        })
      // A model may give its verdict as an integer of any size.
      if (!(Number(answer.data[0]) >= 0.5)) return false
    }
    return true
  }
}
