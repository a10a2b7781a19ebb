import { fail } from '../failure.ts'
import type { Planes } from '../transforms/transform.ts'
import type { Tensor } from './net.ts'

/** Samples of one size, one after the other, as [N, planes, height, width]. `ids` name their images, for the message. */
export function stack(samples: readonly Planes[], ids: readonly string[]): Tensor {
  const [first] = samples
  if (!first) throw new Error('a batch of no samples')
  const data = new Float32Array(samples.length * first.data.length)
  samples.forEach((sample, i) => {
    if (sample.shape.some((size, axis) => size !== first.shape[axis]))
      fail({ kind: 'sample-sizes-differ', first: ids[0]!, firstSize: sizeOf(first), second: ids[i]!, secondSize: sizeOf(sample) })
    data.set(sample.data, i * first.data.length)
  })
  return { shape: [samples.length, ...first.shape], data }
}

const sizeOf = ({ shape }: Planes): string => shape.slice(1).join(' x ')
