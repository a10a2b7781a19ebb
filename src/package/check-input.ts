import type { Predictor } from '../net/engine.ts'
import type { Tensor } from '../net/net.ts'
import { Random } from '../random.ts'

/** The file with a model's answer to `checkInput`. */
export const checkFile = 'check.npy'

/** A made input, the same everywhere: standard normal numbers [1, channels, 64, 64]. */
export function checkInput(channels: number): Tensor {
  const random = new Random(0, 'package-check')
  return { shape: [1, channels, 64, 64], data: Float32Array.from({ length: channels * 64 * 64 }, () => random.normal()) }
}

/** What a model says of it. */
export const answerOf = (predictor: Predictor, channels: number): Promise<Tensor> => predictor.predict(checkInput(channels))
