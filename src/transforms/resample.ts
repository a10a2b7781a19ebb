import { z } from 'zod'
import { fail } from '../failure.ts'
import { zoom, zoomedSize, type Order } from '../image/zoom.ts'
import type { PlaneShape } from '../image/warp.ts'
import { commonOfGrid, defineGrid, mapPlanes, mapSample, type Planes, type Window } from './transform.ts'

/** More pixels than this in one slice is a mistake in a unit: 32768 x 32768. */
const largestSlice = 2 ** 30

/** To another spacing: quadratic splines for images, linear for labels and predictions, as ivadomed does. */
export const resample = defineGrid({
  kind: 'grid',
  params: z.strictObject({
    hspace: z.number().positive().describe('Spacing along the height of a slice, in mm.'),
    wspace: z.number().positive().describe('Spacing along the width of a slice, in mm.'),
    dspace: z.number().positive().default(1).describe('Spacing between slices, in mm. Has no effect on 2D samples.'),
    ...commonOfGrid,
  }),
  record: z.looseObject({ shape: z.tuple([z.int(), z.int()]) }),

  apply(sample, { hspace, wspace }, looked) {
    const [, height, width] = sample.image.shape
    // The spacing is the header's float32, the quotient a double: a tie may depend on it.
    const out: PlaneShape = [zoomedSize(height, sample.spacing[0] / hspace), zoomedSize(width, sample.spacing[1] / wspace)]
    if (out[0] * out[1] > largestSlice) {
      fail({ kind: 'resample-too-large', shape: [height, width], spacing: sample.spacing, target: [hspace, wspace], out })
    }
    const window = looked?.(out)
    const resampled = mapSample(
      sample,
      image => zoomPlanes(image, out, 2, window),
      label => zoomPlanes(label, out, 1, window),
    )
    return { sample: { ...resampled, spacing: [hspace, wspace] }, undo: { shape: [height, width] as [number, number] } }
  },
  undo: (prediction, { shape }) => zoomPlanes(prediction, shape, 1),
})

function zoomPlanes(planes: Planes, out: PlaneShape, order: Order, window?: Window): Planes {
  const within = window && ([0, 1] as const).map(axis => inside(window.start[axis], window.size[axis], out[axis]))
  return mapPlanes(planes, out, (plane, shape) => zoom(plane, shape, out, order, within))
}

const inside = (start: number, size: number, n: number): readonly [number, number] => [Math.max(0, start), Math.min(n, start + size)]
