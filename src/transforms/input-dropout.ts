import type { Random } from '../random.ts'
import type { Planes } from './transform.ts'

/**
 * Zeros 0 ... n-1 of n channels, so that a network learns to do without some: how many is drawn first, each number as probable,
 * then which. At least one stays. Writes to the planes given.
 */
export function dropChannels(planes: Planes, random: Random): Planes {
  const [channels, height, width] = planes.shape
  const dropped = random.permutation(channels).slice(0, random.integer(channels))
  for (const channel of dropped) planes.data.fill(0, channel * height * width, (channel + 1) * height * width)
  return planes
}
