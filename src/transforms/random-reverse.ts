import { z } from 'zod'
import type { AffineWarp, PlaneShape } from '../image/warp.ts'
import { common, defineSpatial } from './transform.ts'

/** Mirrors each axis with a probability of one half. */
export const randomReverse = defineSpatial({
  kind: 'spatial',
  reversible: true,
  params: z.strictObject(common(['im', 'gt', 'roi'])),
  warp: (_, shape, random) => reversal([random.uniform() < 0.5, random.uniform() < 0.5], shape),
})

/** in = n - 1 - out along the axes named: whole pixels, so that interpolation changes no value. */
export const reversal = ([rows, columns]: readonly [boolean, boolean], [height, width]: PlaneShape): AffineWarp => ({
  kind: 'affine',
  matrix: [rows ? -1 : 1, 0, 0, columns ? -1 : 1],
  offset: [rows ? height - 1 : 0, columns ? width - 1 : 0],
})
