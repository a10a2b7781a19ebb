import { z } from 'zod'
import type { AffineWarp, PlaneShape } from '../image/warp.ts'
import { common, defineSpatial } from './transform.ts'

const fractions = z.array(z.number().min(0).max(1)).min(2).max(3)

/**
 * Turns, scales and shifts a slice, in one interpolation; zeros come in from outside. Turns about the true centre,
 * (shape - 1) / 2; ivadomed turns about shape / 2, which adds a shift of up to half a pixel.
 */
export const randomAffine = defineSpatial({
  kind: 'spatial',
  reversible: true,
  params: z.strictObject({
    degrees: z
      .union([z.number().nonnegative(), z.tuple([z.number(), z.number()])])
      .default(0)
      .describe('The angle is drawn from -degrees to degrees, or from the two angles given.'),
    translate: fractions
      .optional()
      .describe(
        'Largest shift as a fraction of height and width (0 to 1); the shift is a whole number of pixels. A third value has no effect in 2D.',
      ),
    scale: fractions
      .optional()
      .describe('Per axis the scale is drawn from 1 - scale to 1 + scale (0 to 1). A third value has no effect in 2D.'),
    ...common(['im', 'gt', 'roi']),
  }),

  warp({ degrees, translate = [0, 0], scale = [0, 0] }, shape, random) {
    const [low, high] = typeof degrees === 'number' ? [-degrees, degrees] : degrees
    const drawScale = (range: number) => random.uniform(1 - range, 1 + range)
    const drawShift = (range: number, n: number) => Math.round(random.uniform(-range * n, range * n))
    return affineAbout(centreOf(shape), {
      angle: (random.uniform(low, high) * Math.PI) / 180,
      scale: [drawScale(scale[0]!), drawScale(scale[1]!)],
      shift: [drawShift(translate[0]!, shape[0]), drawShift(translate[1]!, shape[1])],
    })
  },
})

/** The middle of a plane, in pixels: halfway between its first and last samples. */
export const centreOf = ([height, width]: PlaneShape): readonly [number, number] => [(height - 1) / 2, (width - 1) / 2]

/** One draw of RandomAffine. Angle in radians, from rows towards columns; scale above 1 enlarges; shift in pixels. */
export interface AffineDraw {
  readonly angle: number
  readonly scale: readonly [number, number]
  readonly shift: readonly [number, number]
}

/** in = M (out - c) + c + shift, with M = diag(1 / scale) R', R = [[cos, -sin], [sin, cos]]: ivadomed's order. */
export function affineAbout([cy, cx]: readonly [number, number], { angle, scale, shift }: AffineDraw): AffineWarp {
  const cos = Math.cos(angle)
  const sin = Math.sin(angle)
  const [yy, yx, xy, xx] = [cos / scale[0], sin / scale[0], -sin / scale[1], cos / scale[1]]
  return {
    kind: 'affine',
    matrix: [yy, yx, xy, xx],
    offset: [cy - (yy * cy + yx * cx) + shift[0], cx - (xy * cy + xx * cx) + shift[1]],
  }
}
