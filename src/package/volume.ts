import type { z } from 'zod'
import { fail } from '../failure.ts'
import { zoom, zoomedSize, type Order } from '../image/zoom.ts'
import type { Random } from '../random.ts'
import { centerCrop, cropStart } from '../transforms/center-crop.ts'
import type { Chain } from '../transforms/chain.ts'
import { transforms } from '../transforms/index.ts'
import { resample } from '../transforms/resample.ts'
import type { AnyTransform } from '../transforms/transform.ts'

/** A number for each axis: height, width, depth; as ivadomed's `length_3D` and `CenterCrop.size` have them. */
export type Triple = readonly [height: number, width: number, depth: number]

/** Volumes of one grid, float32, each slice after slice: [D, H, W]. The channels of an image, or the classes of a prediction. */
export interface Volumes {
  readonly shape: Triple
  readonly data: readonly Float32Array[]
}

/** A box in a volume: where it begins, which may be before it, and its size. */
export interface Box {
  readonly start: Triple
  readonly size: Triple
}

/** More voxels than this are a mistake in a unit: 1024 x 1024 x 1024. */
const largestVolume = 2 ** 30

/** How a prediction goes back to the grid that the image came from. */
export type Back = (prediction: Volumes) => Volumes

/**
 * What is done once to an image that a model for volumes predicts: at first it is cut to the box of a prior mask, if there is one; then
 * Resample and CenterCrop, along all three axes. `spacing`: millimetres.
 */
export function prepareVolumes(
  image: Volumes,
  { once, spacing, box }: { readonly once: Chain; readonly spacing: Triple; readonly box: Box | undefined },
): { readonly volumes: Volumes; readonly back: Back } {
  const backs: Back[] = []
  let volumes = image
  const cropTo = (box: Box): void => {
    const { shape } = volumes
    volumes = crop(volumes, box)
    backs.push(prediction => crop(prediction, { start: box.start.map(n => 0 - n) as unknown as Triple, size: shape }))
  }
  if (box) cropTo(box)
  for (const entry of once)
    if (entry.name === 'Resample') {
      const { shape } = volumes
      // One cast here and below: the schema has checked these.
      const { hspace, wspace, dspace } = entry as unknown as z.output<typeof resample.params>
      const target = [hspace, wspace, dspace]
      const out = triple(axis => zoomedSize(shape[axis], spacing[axis] / target[axis]!))
      if (out[0] * out[1] * out[2] > largestVolume) fail({ kind: 'resample-too-large', shape, spacing, target, out })
      volumes = zoomed(volumes, out, 2)
      backs.push(prediction => zoomed(prediction, shape, 1))
    } else if (entry.name === 'CenterCrop') {
      const { size } = entry as unknown as z.output<typeof centerCrop.params>
      const { shape } = volumes
      cropTo({ start: triple(axis => cropStart(shape[axis], size[axis]!)), size: triple(axis => size[axis]!) })
    } else throw new Error(`${entry.name} is not done to volumes`)
  return { volumes, back: prediction => backs.reduceRight((there, go) => go(there), prediction) }
}

/**
 * What changes the values of a sub-volume, which is taken as a whole, in any order of its axes: NormalizeInstance and RandomShiftIntensity.
 * What looks at neighbours is never here, since ivadomed does none of it when it predicts, and models for volumes are its own.
 */
export function drawVolume(chain: Chain, values: Float32Array, random: Random): Float32Array {
  return chain.reduce((volume, entry) => {
    // One cast: the schema has checked the name.
    const transform: AnyTransform = transforms[entry.name as keyof typeof transforms]
    return transform.kind === 'intensity' ? transform.apply(volume, entry, [1, volume.length], random) : volume
  }, values)
}

/** The smallest box about the voxels of at least 0.5; undefined where there is none. `mask`: [D, H, W]. */
export function boxOf(mask: Float32Array, [height, width]: Triple): Box | undefined {
  const low = [Infinity, Infinity, Infinity]
  const high = [-1, -1, -1]
  mask.forEach((value, i) => {
    if (!(value >= 0.5)) return
    const at = [Math.floor(i / width) % height, i % width, Math.floor(i / (width * height))]
    for (let axis = 0; axis < 3; axis++) {
      low[axis] = Math.min(low[axis]!, at[axis]!)
      high[axis] = Math.max(high[axis]!, at[axis]!)
    }
  })
  return high[0]! < 0 ? undefined : { start: triple(axis => low[axis]!), size: triple(axis => high[axis]! - low[axis]! + 1) }
}

export const triple = (of: (axis: 0 | 1 | 2) => number): Triple => [of(0), of(1), of(2)]

/** The box; zeros where it reaches beyond the volume. */
function crop({ shape, data }: Volumes, { start, size }: Box): Volumes {
  const [height, width, depth] = shape
  const [rows, columns, planes] = size
  const left = Math.max(start[1], 0)
  const right = Math.min(start[1] + columns, width)
  const cropped = (volume: Float32Array): Float32Array => {
    const out = new Float32Array(rows * columns * planes)
    if (right <= left) return out
    for (let z = Math.max(-start[2], 0); z < planes && z + start[2] < depth; z++)
      for (let y = Math.max(-start[0], 0); y < rows && y + start[0] < height; y++) {
        const from = ((z + start[2]) * height + y + start[0]) * width
        out.set(volume.subarray(from + left, from + right), (z * rows + y) * columns + left - start[1])
      }
    return out
  }
  return { shape: size, data: data.map(cropped) }
}

function zoomed({ shape, data }: Volumes, out: Triple, order: Order): Volumes {
  const slicesFirst = ([height, width, depth]: Triple) => [depth, height, width]
  return { shape: out, data: data.map(volume => Float32Array.from(zoom(volume, slicesFirst(shape), slicesFirst(out), order))) }
}
