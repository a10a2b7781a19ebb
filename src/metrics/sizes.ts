import { roundHalfEven } from '../image/round.ts'

/** Limits of object sizes, in voxels or mm³. */
export interface SizeLimits {
  readonly unit: 'vox' | 'mm3'
  /** Upper limits of the bins, ascending. None: no bins. */
  readonly thr: readonly number[]
}

/** A range of object sizes. */
export interface SizeBin {
  /** In voxels, both ends included. */
  readonly low: number
  readonly high: number
  /** As columns name it: `0-20vox`, `101-INFvox`, `0.0-3.0mm3`. */
  readonly name: string
}

/**
 * The bins 0 to t0, t0+1 to t1, ..., tn+1 and more. Limits in mm³ are rounded to voxels after the 1 is added, and named in
 * voxels, as ivadomed does; bins may then overlap.
 */
export function sizeBins({ unit, thr }: SizeLimits, voxelMm3: number): readonly SizeBin[] {
  if (thr.length === 0) return []
  const toVoxels = (x: number): number => (unit === 'vox' ? x : roundHalfEven(x / voxelMm3))
  // Python writes rounded floats with a decimal.
  const text = (x: number): string => (unit === 'vox' ? `${x}` : x.toFixed(1))
  return [...thr, Infinity].map((limit, at) => {
    const low = toVoxels(at === 0 ? 0 : thr[at - 1]! + 1)
    if (limit === Infinity) return { low, high: limit, name: `${text(low)}-INF${unit}` }
    const high = toVoxels(limit)
    return { low, high, name: `${text(low)}-${text(high)}${unit}` }
  })
}

/** Which bin a size falls into, counted from 0; the last, where bins overlap; -1 for none. */
export const binOf = (bins: readonly SizeBin[], size: number): number => bins.findLastIndex(bin => size >= bin.low && size <= bin.high)

/** A range of sizes in voxels, as its limits say: more than `above`, at most `most`. */
export interface ExactBin {
  readonly above: number
  readonly most: number
  readonly name: string
}

/**
 * The same limits without gaps or overlaps: up to t0, more than t0 and up to t1, ..., more than tn. Named by the limits as they were
 * written (`0-20vox`, `20-100mm3`, `100-INFmm3`), so that images of any spacing share their columns.
 */
export function exactBins({ unit, thr }: SizeLimits, voxelMm3: number): readonly ExactBin[] {
  if (thr.length === 0) return []
  // A limit of 10 mm³ holds ten voxels of 1 mm³, also where the header has its sizes as 0.99999994 or 1.0000001.
  const toVoxels = (x: number): number => (unit === 'vox' ? x : (x / voxelMm3) * (1 + 1e-6))
  return [...thr, Infinity].map((limit, at) => {
    const low = at === 0 ? 0 : thr[at - 1]!
    const least = unit === 'vox' && at > 0 ? low + 1 : low
    return { above: toVoxels(low), most: toVoxels(limit), name: `${least}-${limit === Infinity ? 'INF' : limit}${unit}` }
  })
}
