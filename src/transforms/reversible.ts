import { compose, invertAffine, samplePlanes, type AffineWarp } from '../image/warp.ts'
import type { Random } from '../random.ts'
import { draw, type Chain } from './chain.ts'
import { transforms } from './index.ts'
import type { AnyTransform, Planes } from './transform.ts'

/** A draw of an image, and the way back for what is predicted from it. */
export interface ReversibleDraw {
  readonly image: Planes
  /** Brings a prediction [classes, height, width] back, in one interpolation; zeros come in from outside. */
  readonly undo: (prediction: Planes) => Planes
}

/** The part of a chain that `drawReversibly` can do, and the names of the others: maps that have no inverse, as in ivadomed. */
export function reversibleChain(chain: Chain): { readonly chain: Chain; readonly leftOut: readonly string[] } {
  const table: Readonly<Record<string, AnyTransform>> = transforms
  const stays = ({ name }: Chain[number]) => {
    const transform = table[name]
    return transform?.kind !== 'spatial' || transform.reversible
  }
  return { chain: chain.filter(stays), leftOut: chain.filter(entry => !stays(entry)).map(entry => entry.name) }
}

/** One draw of training from a `reversibleChain`, for test-time augmentation: the prediction is undone and lies as the image did. */
export function drawReversibly(chain: Chain, image: Planes, random: Random): ReversibleDraw {
  const moves: AffineWarp[] = []
  const onMove = (warp: AffineWarp | { readonly kind: 'displacement' }): void => {
    if (warp.kind === 'displacement') throw new Error('a displacement has no inverse')
    moves.push(warp)
  }
  const drawn = draw(chain, { image, spacing: [1, 1] }, 'training', random, { onMove })
  return {
    image: drawn.image,
    undo(prediction) {
      if (moves.length === 0) return prediction
      const { shape, data } = prediction
      const size = [shape[1], shape[2]] as const
      return { shape, data: samplePlanes(data, size, compose(moves.toReversed().map(invertAffine), size)) }
    },
  }
}
