import { z } from 'zod'
import { common, defineIntensity } from './transform.ts'

const percent = z.number().min(0).max(100)

/** Brings values outside two percentiles of the plane to those percentiles. */
export const histogramClipping = defineIntensity({
  kind: 'intensity',
  params: z
    .strictObject({
      min_percentile: percent.default(5).describe('Values below this percentile (0 to 100) become it.'),
      max_percentile: percent.default(95).describe('Values above this percentile (0 to 100) become it.'),
      ...common(['im']),
    })
    .refine(p => p.min_percentile <= p.max_percentile, 'min_percentile is larger than max_percentile'),
  apply(plane, { min_percentile, max_percentile }) {
    const sorted = plane.toSorted()
    const low = percentile(sorted, min_percentile)
    const high = percentile(sorted, max_percentile)
    return plane.map(x => Math.min(Math.max(x, low), high))
  },
})

/** Linear between the two nearest ranks, q/100 (n-1), as numpy's default. */
export function percentile(sorted: Float32Array, q: number): number {
  const rank = (q / 100) * (sorted.length - 1)
  const below = sorted[Math.floor(rank)]!
  const above = sorted[Math.ceil(rank)]!
  return below + (above - below) * (rank - Math.floor(rank))
}
