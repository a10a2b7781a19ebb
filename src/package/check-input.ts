import type { Predictor } from '../net/engine.ts'
import type { Tensor } from '../net/net.ts'
import { Random } from '../random.ts'

/** The file with a model's answer to `checkInput`. */
export const checkFile = 'check.npy'

/** A made input, the same everywhere: standard normal numbers [1, channels, 64, 64], or a sub-volume of the size that the model is for. */
export function checkInput(channels: number, size: readonly number[] = [64, 64]): Tensor {
  const random = new Random(0, 'package-check')
  const length = size.reduce((product, n) => product * n, channels)
  return { shape: [1, channels, ...size], data: Float32Array.from({ length }, () => random.normal()) }
}

/** What a model says of it. */
export const answerOf = (predictor: Predictor, channels: number, size?: readonly number[]): Promise<Tensor> =>
  predictor.predict(checkInput(channels, size))
