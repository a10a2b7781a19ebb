import { rotationOf } from './affine.ts'
import type { Affine } from './affine.ts'

/** Where a stored axis goes: along RAS axis 0 (left to right), 1 (posterior to anterior) or 2 (inferior to superior), or against it. */
export interface AxisDirection {
  readonly ras: 0 | 1 | 2
  readonly sign: 1 | -1
}

/** For the stored axes i, j, k. */
export type Orientation = readonly [AxisDirection, AxisDirection, AxisDirection]

/**
 * The RAS axis that each stored axis follows most, as `io_orientation` of nibabel: the largest entry of each column of the
 * affine's rotation, taken in the order i, j, k, each RAS axis once. The affine must be invertible.
 */
export function orientationOf(affine: Affine): Orientation {
  const rotation = rotationOf(affine)
  const free = new Set<0 | 1 | 2>([0, 1, 2])
  const directions = [0, 1, 2].map((column): AxisDirection => {
    const entry = (ras: number): number => rotation[3 * ras + column]!
    const ras = [...free].reduce((best, r) => (Math.abs(entry(r)) > Math.abs(entry(best)) ? r : best))
    free.delete(ras)
    return { ras, sign: entry(ras) < 0 ? -1 : 1 }
  })
  return directions as [AxisDirection, AxisDirection, AxisDirection]
}

/** Towards what i, j, k run: `RAS`, `LPI` ... */
export const axisCodes = (affine: Affine): string =>
  orientationOf(affine)
    .map(({ ras, sign }) => ['LR', 'PA', 'IS'][ras]![sign > 0 ? 1 : 0])
    .join('')
