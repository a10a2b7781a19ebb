import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SliceAxis } from '../image/hwd.ts'
import { beside, enlarge, pictureOf } from '../image/picture.ts'
import { encodePng } from '../image/png.ts'
import { makeBatch, mixOf } from './augment.ts'
import { batchesOfEpochs, type BatchPlan } from './batches.ts'
import type { Tensor } from './net.ts'

/** What a training mixes, and how its slices lie. */
export interface MixupPictures {
  readonly plan: BatchPlan
  readonly axis: SliceAxis
  /** Of how many batches, from the first of the training on. */
  readonly count: number
  readonly dir: string
}

/**
 * A picture of the first slice of each batch, as it is trained on: its first channel on the left, its first class on the right, from 0
 * (black) to 1. Batches are shuffled, so the slices are. The name says the share of the slice itself: `lambda-0.8342_batch-001.png`.
 */
export async function writeMixupPictures({ plan, axis, count, dir }: MixupPictures): Promise<void> {
  await mkdir(dir, { recursive: true })
  let batch = 0
  for (const request of batchesOfEpochs({ ...plan, epochs: 1 }, 1)) {
    const mix = mixOf(request)
    if (!mix || batch === count) return
    batch++
    const { x, y } = await makeBatch(request)
    const both = beside(pictureOf(...firstPlane(x), axis), pictureOf(...firstPlane(y), axis, [0, 1]))
    // Small slices are shown large enough to be seen.
    const picture = enlarge(both, Math.max(1, Math.floor(256 / both.height)))
    await writeFile(join(dir, `lambda-${mix.lambda.toFixed(4)}_batch-${String(batch).padStart(3, '0')}.png`), encodePng(picture))
  }
}

function firstPlane({ shape, data }: Tensor): [Float32Array, [number, number]] {
  const [height, width] = [shape[2]!, shape[3]!]
  return [data.subarray(0, height * width), [height, width]]
}
