import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SliceAxis } from '../image/hwd.ts'
import { turned } from '../image/picture.ts'
import type { PlaneShape } from '../image/warp.ts'
import { filmGif, readFilm, writeFilm, type Film } from '../qc/film.ts'
import { levelsOf } from '../qc/overlay.ts'
import { makeBatch } from './augment.ts'
import { validationBatch, type BatchPlan } from './batches.ts'
import type { SampleRef } from './samples.ts'
import { largestOf } from './slice-watch.ts'

/** A validation slice over the epochs, as files of a trained model. */
export interface Gif {
  /** The image's id, and which slice of it, counted from 0. */
  readonly image: string
  readonly slice: number
  readonly file: string
  /** What it is drawn from: a film (`writeFilm`). */
  readonly planes: string
  /** The epoch of its first frame. */
  readonly firstEpoch: number
}

/** What GIFs are made of. */
export interface GifPlan {
  readonly plan: BatchPlan
  readonly axis: SliceAxis
  readonly samples: readonly SampleRef[]
  /** By epoch the planes of all samples one after the other (`SliceWatch`). */
  readonly epochs: readonly Uint8Array[]
  readonly firstEpoch: number
  /** Those of the part of the training before, with the paths of their planes. */
  readonly before: readonly Gif[]
  /** The model's folder. */
  readonly dir: string
}

/**
 * Writes `gifs/<image>_slice<k>.gif` and the planes of each slice. Epochs of the part before come first where it watched the same slice,
 * so that the last part of a training has all of them. Without any epoch there is nothing to show.
 */
export async function writeGifs({ plan, axis, samples, epochs, firstEpoch, before, dir }: GifPlan): Promise<readonly Gif[]> {
  await mkdir(join(dir, 'gifs'), { recursive: true })
  const written: Gif[] = []
  let from = 0
  for (const sample of samples) {
    const { shape, image, truth } = await given(plan, sample)
    const start = from
    from += image.length
    const own = filmOf(axis, shape, { image, truth, predictions: epochs.map(planes => planes.subarray(start, from)) })
    const name = nameOf(sample)
    const earlier = before.find(gif => gif.file === `${name}.gif`)
    const film = earlier ? joined(await readFilm(earlier.planes), own) : own
    if (film.predictions.length === 0) continue
    const gif = {
      ...{ image: sample.id, slice: sample.slice, file: `${name}.gif`, planes: `${name}.npy` },
      firstEpoch: film === own ? firstEpoch : earlier!.firstEpoch,
    }
    await writeFilm(join(dir, gif.planes), film)
    await writeFile(join(dir, gif.file), filmGif(film, gif.firstEpoch))
    written.push(gif)
  }
  return written
}

/** Patches of a slice are told apart by their places. */
const nameOf = ({ id, slice, patch }: SampleRef): string =>
  `gifs/${id}_slice${slice}${patch ? `_y${patch.place[0]}_x${patch.place[1]}` : ''}`

/** What the network was given of a sample: the first channel as grey levels, and the truth. */
async function given(plan: BatchPlan, sample: SampleRef) {
  const { x, y } = await makeBatch(validationBatch(plan, [sample]))
  const shape = [x.shape[2]!, x.shape[3]!] as const
  return { shape, image: levelsOf(x.data.subarray(0, shape[0] * shape[1])), truth: largestOf(y, 0) }
}

function filmOf(axis: SliceAxis, shape: PlaneShape, of: Pick<Film, 'image' | 'truth' | 'predictions'>): Film {
  const look = (plane: Uint8Array): Uint8Array => turned(plane, shape, axis).pixels
  const { height, width } = turned(of.image, shape, axis)
  return { height, width, image: look(of.image), truth: look(of.truth), predictions: of.predictions.map(look) }
}

/** Both one after the other; the later one alone where they do not show the same slice of the same data. */
function joined(early: Film, late: Film): Film {
  const isSame =
    Buffer.compare(early.image, late.image) === 0 && Buffer.compare(early.truth, late.truth) === 0 && early.width === late.width
  return isSame ? { ...late, predictions: [...early.predictions, ...late.predictions] } : late
}
