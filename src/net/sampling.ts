import { Random } from '../random.ts'
import type { Chain } from '../transforms/chain.ts'
import { drawReversibly } from '../transforms/reversible.ts'
import { dropoutMask } from './batches.ts'
import type { DropoutSampler } from './engine.ts'
import type { Answer, Way } from './predict.ts'

/** What the samples of an image vary by. */
export interface Sampling {
  /** Monte-Carlo dropout: masks drawn anew for every sample. */
  readonly sampler?: DropoutSampler | undefined
  /** Test-time augmentation: this `reversibleChain` is drawn anew for every sample, and undone on the prediction. */
  readonly augmentation?: Chain | undefined
  readonly seed: number
}

/**
 * The `pass`-th sample of the image called `id`; without sampler or augmentation, that part is `plain`. Every slice, or patch, draws its
 * own random numbers, by (seed, id, slice, pass, place): the same whichever are predicted together.
 */
export function sampleWay(id: string, pass: number, plain: Way, { sampler, augmentation, seed }: Sampling): Way {
  const dropped: Answer = (x, keys) => {
    const drawn = keys.map(([slice, ...place]) => {
      const random = new Random(seed, 'uncertainty-dropout', id, slice!, pass, ...place)
      return sampler!.dropouts.map(({ rate, channels }) => dropoutMask(rate, channels, random))
    })
    const masks = sampler!.dropouts.map(({ channels }, layer) => {
      const mask = new Float32Array(keys.length * channels)
      drawn.forEach((ofOne, n) => mask.set(ofOne[layer]!, n * channels))
      return mask
    })
    return sampler!.sample(x, masks)
  }
  return {
    pixelsAtOnce: plain.pixelsAtOnce,
    draw(planes, slice) {
      if (!augmentation) return plain.draw(planes, slice)
      return drawReversibly(augmentation, planes, new Random(seed, 'uncertainty-augment', id, slice, pass))
    },
    predict: (x, slices) => plain.predict(x, slices, sampler && dropped),
  }
}
