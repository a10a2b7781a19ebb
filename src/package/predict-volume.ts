import { fail } from '../failure.ts'
import type { Predictor } from '../net/engine.ts'
import type { Tensor } from '../net/net.ts'
import { patchStarts, patchWeights, type Weighting } from '../net/patches.ts'
import { triple, type Triple, type Volumes } from './volume.ts'

/** The size of sub-volumes, and how far apart they begin; voxels. */
export interface VolumeGrid {
  readonly length: Triple
  /** At most `length`: every voxel lies in a sub-volume. */
  readonly stride: Triple
}

/** Networks for volumes halve their sides four times: ivadomed's rule for `length_3D`. */
const MULTIPLE = 16

/** One sub-volume that holds all of a volume. */
export function wholeVolume({ shape }: Volumes): VolumeGrid {
  const length = triple(axis => Math.ceil(shape[axis] / MULTIPLE) * MULTIPLE)
  return { length, stride: length }
}

/** How volumes are predicted. */
export interface VolumeWay {
  readonly grid: VolumeGrid
  readonly classes: number
  readonly weighting: Weighting
  /** What the network sees of a channel of the sub-volume that begins there: as in ivadomed each is treated by itself. */
  readonly draw: (values: Float32Array, start: Triple) => Float32Array
}

/**
 * What a network says of a volume, [D, H, W] for each class: of sub-volumes one after the other, put together as their weighted mean. They
 * lie as patches of slices do, the last one of an axis where it just fits, and with zeros around a volume that is smaller. The network is
 * given [1, C, H, W, D], as in ivadomed. `said` hears how many of how many are done.
 */
export async function predictVolume(
  volumes: Volumes,
  predictor: Predictor,
  { grid, classes, weighting, draw }: VolumeWay,
  said: (done: number, total: number) => void,
): Promise<Volumes> {
  const { shape } = volumes
  const [ys, xs, zs] = ([0, 1, 2] as const).map(axis => patchStarts(shape[axis], grid.length[axis], grid.stride[axis]))
  const places = ys!.flatMap(y => xs!.flatMap(x => zs!.map((z): Triple => [y, x, z])))
  const voxels = shape[0] * shape[1] * shape[2]
  const sums = Array.from({ length: classes }, () => new Float32Array(voxels))
  const weight = new Float32Array(voxels)
  const weights = patchWeights(grid.length, weighting)
  for (const [done, start] of places.entries()) {
    const { data } = checked(await predictor.predict(partOf(volumes, start, grid.length, draw)), classes, grid.length)
    eachVoxel(shape, start, grid.length, (inPart, inVolume) => {
      weight[inVolume]! += weights[inPart]!
      for (let k = 0; k < classes; k++) sums[k]![inVolume]! += weights[inPart]! * data[k * weights.length + inPart]!
    })
    said(done + 1, places.length)
  }
  for (const sum of sums) for (let i = 0; i < voxels; i++) sum[i]! /= weight[i]!
  return { shape, data: sums }
}

/** [1, C, H, W, D]: the part of the volumes that begins at `start`. */
function partOf({ shape, data }: Volumes, start: Triple, length: Triple, draw: VolumeWay['draw']): Tensor {
  const size = length[0] * length[1] * length[2]
  const part = new Float32Array(data.length * size)
  eachVoxel(shape, start, length, (inPart, inVolume) => {
    for (const [c, volume] of data.entries()) part[c * size + inPart] = volume[inVolume]!
  })
  for (let c = 0; c < data.length; c++) part.set(draw(part.subarray(c * size, (c + 1) * size), start), c * size)
  return { shape: [1, data.length, ...length], data: part }
}

/** Every voxel of the part [H, W, D] that lies in the volume [D, H, W], by its places in both. */
function eachVoxel([height, width, depth]: Triple, start: Triple, length: Triple, visit: (inPart: number, inVolume: number) => void): void {
  const first = triple(axis => Math.max(0, -start[axis]))
  const end = [height, width, depth].map((n, axis) => Math.min(length[axis]!, n - start[axis]!))
  for (let y = first[0]; y < end[0]!; y++)
    for (let x = first[1]; x < end[1]!; x++) {
      const part = (y * length[1] + x) * length[2]
      const there = (y + start[0]) * width + x + start[1]
      for (let z = first[2]; z < end[2]!; z++) visit(part + z, there + (z + start[2]) * height * width)
    }
}

/** Model and settings are from files that need not belong together. */
function checked(y: Tensor, classes: number, length: Triple): Tensor {
  const wanted = [1, classes, ...length]
  if (y.shape.join() !== wanted.join())
    fail({
      kind: 'package-settings',
      path: 'the model',
      problems: [`it answers with [${y.shape.join(', ')}], and of ${classes} classes of this size [${wanted.join(', ')}] is expected`],
    })
  return y
}
