import { z } from 'zod'
import { fail } from '../failure.ts'
import { centreOfMass } from '../image/centre-of-mass.ts'
import { roundHalfEven } from '../image/round.ts'
import type { PlaneShape } from '../image/warp.ts'
import { crop } from './center-crop.ts'
import { commonOfGrid, defineGrid, mapSample, type Planes, type Rows, type Sample } from './transform.ts'

type Start = readonly [number, number]

/**
 * A window of a given size about the middle of each slice's region of interest; where it reaches beyond the slice, zeros are
 * added. Pixels of at least 0.5 are the region; ivadomed takes only those of exactly 1, of which Resample leaves few.
 */
export const roiCrop = defineGrid({
  kind: 'grid',
  params: z.strictObject({
    size: z
      .array(z.int().positive())
      .min(2)
      .max(3)
      .describe('Height and width, in pixels; a third value, for volumes, has no effect in 2D.'),
    ...commonOfGrid,
  }),
  record: z.looseObject({ shape: z.tuple([z.int(), z.int()]), starts: z.array(z.tuple([z.int(), z.int()])) }),

  apply(sample, { size }) {
    const [, height, width] = sample.image.shape
    const out = [size[0]!, size[1]!] as const
    const starts = startsOf(sample, out)
    const cropped = (planes: Planes) => cropEach(planes, starts, out)
    return { sample: mapSample(sample, cropped, cropped), undo: { shape: [height, width] as [number, number], starts } }
  },

  undo(prediction, { shape, starts }, { first, count }: Rows) {
    const back = starts.slice(first, first + count).map(([y, x]): Start => [0 - y, 0 - x])
    if (back.length !== count) throw new Error(`ROICrop was done to ${starts.length} slices, not to ${first + count}`)
    return cropEach(prediction, back, shape)
  },
})

/** Where the window begins that has the middle of the region in its middle; both are rounded, ties to even, as in ivadomed. */
export const roiStart = (centre: number, size: number): number => roundHalfEven(centre) - roundHalfEven(size / 2)

/** Per slice, where its window begins. */
function startsOf({ roi, from }: Sample, out: PlaneShape): [number, number][] {
  if (!roi) return fail({ kind: 'no-roi', id: from?.id ?? 'given', needs: 'ROICrop' })
  const [count, height, width] = roi.shape
  return Array.from({ length: count }, (_, row) => {
    const plane = roi.data.subarray(row * height * width, (row + 1) * height * width)
    const centre = centreOfMass(
      plane.map(v => (v >= 0.5 ? 1 : 0)),
      [height, width],
    )
    if (!centre) return fail({ kind: 'empty-roi', id: from?.id ?? 'given', slice: from?.slices[row] ?? row })
    return [roiStart(centre[0]!, out[0]), roiStart(centre[1]!, out[1])]
  })
}

/** Planes [slices * n, height, width], each cut as its slice is. */
function cropEach({ shape, data }: Planes, starts: readonly Start[], out: PlaneShape): Planes {
  const [count, height, width] = shape
  const each = starts.length === 0 ? 0 : count / starts.length
  if (!Number.isInteger(each)) throw new Error(`${count} planes are not of ${starts.length} slices`)
  const result = new Float32Array(count * out[0] * out[1])
  const size = each * height * width
  starts.forEach((start, row) => {
    const planes = { shape: [each, height, width], data: data.subarray(row * size, (row + 1) * size) } as const
    result.set(crop(planes, start, out).data, row * each * out[0] * out[1])
  })
  return { shape: [count, ...out], data: result }
}
