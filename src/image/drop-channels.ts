import type { Random } from '../random.ts'

/**
 * Zeros, in place, 0 ... n-1 of n channels of equal size, so that a network learns to do without some: how many is drawn first, each
 * number as probable, then which. At least one stays. ivadomed's `is_input_dropout`.
 */
export function dropChannels(data: Float32Array, channels: number, random: Random): void {
  const size = data.length / channels
  const dropped = random.permutation(channels).slice(0, random.integer(channels))
  for (const channel of dropped) data.fill(0, channel * size, (channel + 1) * size)
}
