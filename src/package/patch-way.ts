import type { Predictor } from '../net/engine.ts'
import type { ImageToPredict, Way } from '../net/predict.ts'
import { stack } from '../net/stack.ts'
import { Random } from '../random.ts'
import { draw } from '../transforms/chain.ts'
import { cutPatch, imageOf, Mosaic, patchPlaces, type Weighting } from './patches.ts'
import type { Pair } from './settings.ts'

/** How slices are cut into patches and put together again. */
export interface Patching {
  readonly length: Pair
  readonly stride: Pair
  readonly weighting: Weighting
  readonly batchSize: number
}

/** Slices predicted patch by patch. As in ivadomed every patch goes through the testing transforms by itself. */
export const patchWay = ({ id, chain, seed }: ImageToPredict, predictor: Predictor, patching: Patching): Way => ({
  pixelsAtOnce: predictor.pixelsAtOnce,
  draw: image => ({ image }),
  async predict(x, slices) {
    const parts: Float32Array[] = []
    let planes = 0
    for (const [n, slice] of slices.entries()) {
      const image = imageOf(x, n)
      const size: Pair = [image.shape[1], image.shape[2]]
      const places = patchPlaces(size, patching.length, patching.stride)
      const atOnce = Math.max(
        1,
        Math.min(patching.batchSize, Math.floor(predictor.pixelsAtOnce / (patching.length[0] * patching.length[1]))),
      )
      let mosaic: Mosaic | undefined
      for (let first = 0; first < places.length; first += atOnce) {
        const some = places.slice(first, first + atOnce)
        const drawn = some.map(place => {
          const patch = cutPatch(image, place, patching.length)
          return draw(chain, { image: patch, spacing: [1, 1] }, 'testing', new Random(seed, 'infer', id, slice, ...place)).image
        })
        const y = await predictor.predict(
          stack(
            drawn,
            drawn.map(() => id),
          ),
        )
        planes = y.shape[1]!
        mosaic ??= new Mosaic([planes, ...size], patching.length, patching.weighting)
        for (const [i, place] of some.entries()) mosaic.add(place, imageOf(y, i).data)
      }
      parts.push(mosaic!.data)
    }
    const data = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
    parts.forEach((part, n) => data.set(part, n * part.length))
    return { shape: [slices.length, planes, x.shape[2]!, x.shape[3]!], data }
  },
})
