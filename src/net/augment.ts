import { fail } from '../failure.ts'
import { Random } from '../random.ts'
import { draw } from '../transforms/chain.ts'
import type { Planes } from '../transforms/transform.ts'
import type { Batch } from './batch-stream.ts'
import type { BatchRequest } from './batches.ts'
import type { Tensor } from './net.ts'
import { RowReader, type SampleRef } from './samples.ts'

const reader = new RowReader()

/**
 * Reads the samples of a batch, transforms each by its own random numbers, drawn by (seed, epoch, image, slice), and stacks
 * them. The same in whichever thread, and in whichever order.
 */
export async function makeBatch(request: BatchRequest): Promise<Batch> {
  const { seed, epoch, set, chain, samples } = request
  const drawn: { readonly image: Planes; readonly label: Planes }[] = []
  for (const sample of samples) {
    if (!sample.label) throw new Error(`sample ${sample.id}, slice ${sample.slice} has no label to learn from`)
    const image = await reader.read(sample.image, sample.row)
    const given = await reader.read(sample.label, sample.row)
    const random = new Random(seed, 'augment', epoch, sample.id, sample.slice)
    // Spacing matters only to what was done once: draws work in pixels.
    const { label, ...rest } = draw(chain, { image, label: given, spacing: [1, 1] }, set, random)
    drawn.push({ image: rest.image, label: label! })
  }
  return {
    x: stack(
      drawn.map(d => d.image),
      samples,
    ),
    y: stack(
      drawn.map(d => d.label),
      samples,
    ),
  }
}

/** Planes of one size, one after the other, as [N, planes, height, width]. */
export function stack(planes: readonly Planes[], of: readonly SampleRef[]): Tensor {
  const [first] = planes
  if (!first) throw new Error('a batch of no samples')
  const data = new Float32Array(planes.length * first.data.length)
  planes.forEach(({ shape, data: plane }, i) => {
    if (shape.some((size, axis) => size !== first.shape[axis]))
      fail({ kind: 'sample-sizes-differ', ...sizes(of[0]!, first, of[i]!, planes[i]!) })
    data.set(plane, i * first.data.length)
  })
  return { shape: [planes.length, ...first.shape], data }
}

const sizes = (a: SampleRef, first: Planes, b: SampleRef, second: Planes) => ({
  first: a.id,
  firstSize: first.shape.slice(1).join(' x '),
  second: b.id,
  secondSize: second.shape.slice(1).join(' x '),
})
