import { Random } from '../random.ts'
import { crop } from '../transforms/center-crop.ts'
import { draw } from '../transforms/chain.ts'
import type { Planes } from '../transforms/transform.ts'
import type { Predictor } from './engine.ts'
import { imageOf, Mosaic, patchPlaces, type Pair, type PatchGrid, type Weighting } from './patches.ts'
import type { Answer, ImageToPredict, Way } from './predict.ts'
import { stack } from './stack.ts'

/** How slices are cut into patches and put together again. */
export interface Patching extends PatchGrid {
  readonly weighting: Weighting
  /** At most so many patches are given to the network at a time. */
  readonly batchSize: number
}

/** How many patches a network is given at a time, at most, by default: ivadomed's batch size. */
export const patchesAtOnce = 18

/** Patches that overlap by so many pixels, whatever the stride that the network was trained with. */
export const overlapping = ({ length }: PatchGrid, [down, along]: Pair): PatchGrid => ({
  length,
  stride: [Math.max(1, length[0] - down), Math.max(1, length[1] - along)],
})

/** Slices predicted patch by patch. As in ivadomed every patch goes through the testing transforms by itself. */
export function patchWay({ id, chain, seed }: ImageToPredict, predictor: Predictor, patching: Patching): Way {
  const { length, batchSize, weighting } = patching
  const atOnce = Math.max(1, Math.min(batchSize, Math.floor(predictor.pixelsAtOnce / (length[0] * length[1]))))
  const drawn = (image: Planes, slice: number, place: Pair): Planes => {
    const patch = crop(image, place, length)
    return draw(chain, { image: patch, spacing: [1, 1] }, 'testing', new Random(seed, 'infer', id, slice, ...place)).image
  }
  const ofSlice = async (image: Planes, slice: number, answer: Answer): Promise<Mosaic> => {
    const size: Pair = [image.shape[1], image.shape[2]]
    const places = patchPlaces(size, patching)
    let mosaic: Mosaic | undefined
    for (let first = 0; first < places.length; first += atOnce) {
      const some = places.slice(first, first + atOnce)
      const x = stack(
        some.map(place => drawn(image, slice, place)),
        some.map(() => id),
      )
      const y = await answer(
        x,
        some.map(place => [slice, ...place]),
      )
      mosaic ??= new Mosaic([y.shape[1]!, ...size], length, weighting)
      for (const [i, place] of some.entries()) mosaic.add(place, imageOf(y, i).data)
    }
    return mosaic!
  }
  return {
    pixelsAtOnce: predictor.pixelsAtOnce,
    draw: image => ({ image }),
    async predict(x, slices, answer = given => predictor.predict(given)) {
      const parts: Float32Array[] = []
      for (const [n, slice] of slices.entries()) parts.push((await ofSlice(imageOf(x, n), slice, answer)).data)
      const size = parts[0]!.length
      const data = new Float32Array(parts.length * size)
      parts.forEach((part, n) => data.set(part, n * size))
      const [, , height, width] = x.shape as readonly [number, number, number, number]
      return { shape: [parts.length, size / (height * width), height, width], data }
    },
  }
}
