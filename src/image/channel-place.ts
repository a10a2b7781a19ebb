import { cornerDistance } from './affine.ts'
import { hwdGrid } from './hwd.ts'
import type { ImageHeader } from './volume.ts'

/** How another channel lies beside the first, after both are turned to RAS: it may be stored in another orientation. */
export interface ChannelPlace {
  /** It has as many voxels along each axis. */
  readonly fits: boolean
  /** How far the corners of the two lie apart. */
  readonly apartMm: number
  /** It fits, and lies less than half a voxel from the first: channels are looked at together, voxel by voxel. */
  readonly together: boolean
}

/** Where a channel lies beside the first. */
export function channelPlace(first: ImageHeader, other: ImageHeader): ChannelPlace {
  const [wanted, grid] = [hwdGrid(first, 'axial'), hwdGrid(other, 'axial')]
  const fits = grid.shape.every((n, at) => n === wanted.shape[at])
  const apartMm = cornerDistance(grid.shape, grid.affine, wanted.affine)
  return { fits, apartMm, together: fits && apartMm <= Math.min(...first.spacing) / 2 }
}
