import { Random } from '../random.ts'
import type { Chain } from '../transforms/chain.ts'
import { drawReversibly } from '../transforms/reversible.ts'
import { dropoutMask } from './batches.ts'
import type { DropoutSampler } from './engine.ts'
import type { Way } from './predict.ts'

/** What the samples of an image vary by. */
export interface Sampling {
  /** Monte-Carlo dropout: masks drawn anew for every sample. */
  readonly sampler?: DropoutSampler | undefined
  /** Test-time augmentation: this `reversibleChain` is drawn anew for every sample, and undone on the prediction. */
  readonly augmentation?: Chain | undefined
  readonly seed: number
}

/**
 * The `pass`-th sample of the image called `id`; without sampler or augmentation, that part is `plain`. Every slice draws its own
 * random numbers, by (seed, id, slice, pass): the same whichever slices are predicted together.
 */
export function sampleWay(id: string, pass: number, plain: Way, { sampler, augmentation, seed }: Sampling): Way {
  return {
    pixelsAtOnce: plain.pixelsAtOnce,
    draw(planes, slice) {
      if (!augmentation) return plain.draw(planes, slice)
      return drawReversibly(augmentation, planes, new Random(seed, 'uncertainty-augment', id, slice, pass))
    },
    predict(x, slices) {
      if (!sampler) return plain.predict(x, slices)
      const drawn = slices.map(slice => {
        const random = new Random(seed, 'uncertainty-dropout', id, slice, pass)
        return sampler.dropouts.map(({ rate, channels }) => dropoutMask(rate, channels, random))
      })
      const masks = sampler.dropouts.map(({ channels }, layer) => {
        const mask = new Float32Array(slices.length * channels)
        drawn.forEach((ofSlice, n) => mask.set(ofSlice[layer]!, n * channels))
        return mask
      })
      return sampler.sample(x, masks)
    },
  }
}
