import type { Random } from '../random.ts'
import type { Batch } from './batch-stream.ts'
import type { Tensor } from './net.ts'

/** How one batch is mixed: sample i becomes lambda * i + (1 - lambda) * partners[i]. */
export interface Mix {
  /** From 1/2 to 1, so that a sample stays mostly itself. */
  readonly lambda: number
  readonly partners: readonly number[]
}

/** Draws the mix of a batch: lambda ~ Beta(alpha, alpha), the larger of it and 1 - lambda; partners by a permutation. */
export function drawMix(alpha: number, samples: number, random: Random): Mix {
  const drawn = random.beta(alpha, alpha)
  return { lambda: Math.max(drawn, 1 - drawn), partners: random.permutation(samples) }
}

/** Images and labels mixed alike (Zhang et al., "mixup: beyond empirical risk minimization", ICLR 2018). Labels become soft. */
export const mixed = ({ x, y }: Batch, mix: Mix): Batch => ({ x: blend(x, mix), y: blend(y, mix) })

function blend({ shape, data }: Tensor, { lambda, partners }: Mix): Tensor {
  const size = data.length / partners.length
  const out = new Float32Array(data.length)
  partners.forEach((partner, i) => {
    for (let k = 0; k < size; k++) out[i * size + k] = lambda * data[i * size + k]! + (1 - lambda) * data[partner * size + k]!
  })
  return { shape, data: out }
}
