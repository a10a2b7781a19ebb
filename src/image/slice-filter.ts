/** Which slices are dropped, as ivadomed's `SliceFilter`. */
export interface SliceFilters {
  /** Those with a channel whose voxels all have one value (standard deviation 0). */
  readonly emptyInput: boolean
  /** Those without a labelled voxel in any class; where there are no labels, all. */
  readonly emptyMask: boolean
  /** Those where some class has no labelled voxel. */
  readonly absentClass: boolean
  /** Those whose region of interest has at most so many voxels that are not 0; undefined: none. */
  readonly roi?: number | undefined
}

/** Whether a slice stays, by its channels, the masks of its classes (none: an image without labels) and its region of interest. */
export function keepsSlice(
  filters: SliceFilters,
  channels: readonly Float32Array[],
  masks: readonly Float32Array[],
  roi?: Float32Array,
): boolean {
  if (filters.emptyMask && !masks.some(isDrawn)) return false
  if (filters.absentClass && !masks.every(isDrawn)) return false
  if (filters.roi !== undefined && roi && marked(roi) <= filters.roi) return false
  return !(filters.emptyInput && channels.some(isConstant))
}

const isDrawn = (mask: Float32Array): boolean => mask.some(v => v !== 0)
const marked = (roi: Float32Array): number => roi.reduce((count, v) => (v === 0 ? count : count + 1), 0)
const isConstant = (channel: Float32Array): boolean => channel.every(v => v === channel[0])
