import { z } from 'zod'
import { roundHalfEven } from '../image/round.ts'
import type { PlaneShape } from '../image/warp.ts'
import { commonOfGrid, defineGrid, mapPlanes, mapSample, type Planes } from './transform.ts'

/** The middle of a slice, of a given size; where that is larger than the slice, zeros are added around it. */
export const centerCrop = defineGrid({
  kind: 'grid',
  params: z.strictObject({
    size: z
      .array(z.int().positive())
      .min(2)
      .max(3)
      .describe('Height and width, in pixels; a third value, for volumes, has no effect in 2D.'),
    ...commonOfGrid,
  }),
  record: z.looseObject({ shape: z.tuple([z.int(), z.int()]), start: z.tuple([z.int(), z.int()]) }),

  window: ([height, width], { size: [h, w] }) => ({ start: [cropStart(height, h!), cropStart(width, w!)], size: [h!, w!] }),

  apply(sample, { size }) {
    const [, height, width] = sample.image.shape
    const out = [size[0]!, size[1]!] as const
    const start: [number, number] = [cropStart(height, out[0]), cropStart(width, out[1])]
    const cropped = (planes: Planes) => crop(planes, start, out)
    return { sample: mapSample(sample, cropped, cropped), undo: { shape: [height, width] as [number, number], start } }
  },
  undo: (prediction, { shape, start }) => crop(prediction, [0 - start[0], 0 - start[1]], shape),
})

/** Where a centred window of `size` begins on an axis of n; ties go to the even number. Negative: zeros are added. */
export const cropStart = (n: number, size: number): number => roundHalfEven((n - size) / 2)

/** The window that begins at `start`; zeros where it reaches beyond the planes. */
export function crop(planes: Planes, start: readonly [number, number], out: PlaneShape): Planes {
  return mapPlanes(planes, out, (plane, [height, width]) => {
    const window = new Float32Array(out[0] * out[1])
    const from = Math.max(start[1], 0)
    const to = Math.min(start[1] + out[1], width)
    if (to <= from) return window
    for (let y = Math.max(-start[0], 0); y < out[0] && y + start[0] < height; y++) {
      const row = (y + start[0]) * width
      window.set(plane.subarray(row + from, row + to), y * out[1] + from - start[1])
    }
    return window
  })
}
