import { Random } from '../random.ts'
import { draw } from '../transforms/chain.ts'
import type { Planes } from '../transforms/transform.ts'
import type { Batch } from './batch-stream.ts'
import type { BatchRequest } from './batches.ts'
import { drawMix, mixed, type Mix } from './mixup.ts'
import { drawRaters } from './raters.ts'
import { RowReader } from './samples.ts'
import { stack } from './stack.ts'

const reader = new RowReader()

/**
 * Reads the samples of a batch, transforms each by its own random numbers, drawn by (seed, epoch, image, slice, place of the patch), stacks
 * them, and mixes them where that is asked for. The same in whichever thread, and in whichever order. Where several raters drew
 * a class, each draw has one of them; validation (epoch 0) always the same one.
 */
export async function makeBatch(request: BatchRequest): Promise<Batch> {
  const { seed, epoch, set, chain, samples, soft, inputDropout } = request
  const drawn: { readonly image: Planes; readonly label: Planes }[] = []
  for (const sample of samples) {
    if (!sample.label) throw new Error(`sample ${sample.id}, slice ${sample.slice} has no label to learn from`)
    const { patch } = sample
    const image = await reader.read(sample.image, sample.row, undefined, patch)
    const again = [...(patch?.place ?? []), ...(sample.repeat === undefined ? [] : [sample.repeat])]
    // A stream of its own: what is drawn for the image does not depend on how many raters there are.
    const planes = sample.raters && drawRaters(sample.raters, new Random(seed, 'rater', epoch, sample.id, sample.slice, ...again))
    const given = await reader.read(sample.label, sample.row, planes, patch)
    const random = new Random(seed, 'augment', epoch, sample.id, sample.slice, ...again)
    // Spacing matters only to what was done once: draws work in pixels.
    const { label, ...rest } = draw(chain, { image, label: given, spacing: [1, 1] }, set, random, { soft, inputDropout })
    drawn.push({ image: rest.image, label: label! })
  }
  const ids = samples.map(sample => sample.id)
  const parts = (of: 'image' | 'label') => drawn.map(sample => sample[of])
  const batch = { x: stack(parts('image'), ids), y: stack(parts('label'), ids) }
  const mix = mixOf(request)
  return mix ? mixed(batch, mix) : batch
}

/** How the samples of a batch are mixed, by (seed, epoch, step); undefined where they are not. */
export const mixOf = ({ seed, epoch, samples, mixup }: BatchRequest): Mix | undefined =>
  mixup && drawMix(mixup.alpha, samples.length, new Random(seed, 'mixup', epoch, mixup.step))
