import { Random } from '../random.ts'
import { unreachable } from '../failure.ts'
import type { Distribution, SweepValue } from './space.ts'

/** The value of a param in one sample: its own stream, so that more samples or more params leave the earlier values as they are. */
export function draw(from: Distribution, seed: number, key: string, sample: number): SweepValue {
  const random = new Random(seed, 'sweep', key, sample)
  switch (from.kind) {
    case 'choice':
      return from.of[random.integer(from.of.length)]!
    case 'uniform':
      return random.uniform(from.low, from.high)
    case 'log_uniform':
      return Math.exp(random.uniform(Math.log(from.low), Math.log(from.high)))
    default:
      return unreachable(from)
  }
}
