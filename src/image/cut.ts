import { fail } from '../failure.ts'
import { cornerDistance } from './affine.ts'
import { hwdGrid, hwdSpacing, takeSlice } from './hwd.ts'
import type { HwdGrid, SliceAxis } from './hwd.ts'
import { readVolume } from './nifti.ts'
import { axisCodes } from './orientation.ts'
import { keepsSlice } from './slice-filter.ts'
import type { SliceFilters } from './slice-filter.ts'
import type { Volume } from './volume.ts'

/** One image to cut: its file, and those of its labels with the class each is of. */
export interface CutRequest {
  readonly axis: SliceAxis
  readonly filters: SliceFilters
  readonly classes: number
  readonly image: string
  readonly labels: readonly { readonly of: number; readonly path: string }[]
  /** The file of the region of interest. */
  readonly roi?: string | undefined
  warn(line: string): void
}

/** The slices of one image that the filters keep. */
export interface Cut {
  /** Of the whole volume: height, width, depth. */
  readonly shape: readonly [number, number, number]
  /** Millimetres, in that order. */
  readonly spacing: readonly [number, number, number]
  /** Which slices were kept, ascending. */
  readonly slices: readonly number[]
  /** [S, 1, H, W] */
  readonly image: Float32Array
  /** [S, K, H, W]; classes that nobody drew are 0. Undefined where there is no label at all. */
  readonly label: Float32Array | undefined
  /** [S, 1, H, W]; undefined where no region of interest was given. */
  readonly roi: Float32Array | undefined
  /** What is needed to go back to the grid of the file. */
  readonly native: { shape: number[]; affine: number[]; qformCode: number; sformCode: number; xyztUnits: number }
}

interface Label {
  readonly of: number
  readonly data: Float32Array
  readonly grid: HwdGrid
}

/** Reads an image and its labels, checks that they fit each other, and cuts them into slices. */
export async function cutImage(request: CutRequest): Promise<Cut> {
  const { axis, classes } = request
  const image = await readFinite(request.image)
  const labels: Label[] = []
  for (const { of, path } of request.labels) labels.push({ of, ...(await readLabel(path, image, request)) })
  const region = request.roi === undefined ? undefined : await readLabel(request.roi, image, request)

  const grid = hwdGrid(image, axis)
  const [height, width, depth] = grid.shape
  const area = height * width
  const kept: number[] = []
  const channels = new Float32Array(depth * area)
  const regions = new Float32Array(region ? depth * area : 0)
  const masks = new Float32Array(labels.length > 0 ? depth * classes * area : 0)
  for (let k = 0; k < depth; k++) {
    // The place after the slices kept so far: what is written there is written over if this slice is dropped.
    const channel = channels.subarray(kept.length * area, (kept.length + 1) * area)
    takeSlice(image.data, grid, k, channel)
    const drawn = planes(masks, kept.length * classes, labels.length > 0 ? classes : 0, area)
    for (const label of labels) takeSlice(label.data, label.grid, k, drawn[label.of]!)
    const [roi] = planes(regions, kept.length, region ? 1 : 0, area)
    if (region && roi) takeSlice(region.data, region.grid, k, roi)
    if (keepsSlice(request.filters, [channel], drawn, roi)) kept.push(k)
  }
  const { shape, affine, qformCode, sformCode, xyztUnits } = image
  return {
    shape: grid.shape,
    spacing: hwdSpacing(image, axis),
    slices: kept,
    image: channels.subarray(0, kept.length * area),
    label: labels.length > 0 ? masks.subarray(0, kept.length * classes * area) : undefined,
    roi: region && regions.subarray(0, kept.length * area),
    native: { shape: [...shape], affine: [...affine], qformCode, sformCode, xyztUnits },
  }
}

/** `count` planes one after the other, from the `first` on. */
const planes = (data: Float32Array, first: number, count: number, area: number): Float32Array[] =>
  Array.from({ length: count }, (_, at) => data.subarray((first + at) * area, (first + at + 1) * area))

async function readFinite(path: string): Promise<Volume> {
  const volume = await readVolume(path)
  const { data } = volume
  // A sum in double of float32 numbers is finite if and only if all of them are; counting one by one takes far longer.
  let sum = 0
  for (let at = 0; at < data.length; at++) sum += data[at]!
  if (Number.isFinite(sum)) return volume
  const count = data.reduce((n, v) => (Number.isFinite(v) ? n : n + 1), 0)
  return fail({ kind: 'voxels-not-finite', path, count, total: data.length })
}

/** How far, in voxels, a label may lie from its image without a word. Real labels differ by rounding. */
const farInVoxels = 0.1

async function readLabel(path: string, image: Volume, request: CutRequest): Promise<Omit<Label, 'of'>> {
  const label = await readFinite(path)
  const grid = hwdGrid(label, request.axis)
  // After both are turned: a label may be stored in another orientation.
  const wanted = hwdGrid(image, request.axis)
  if (grid.shape.some((n, at) => n !== wanted.shape[at]))
    fail({ kind: 'label-shape', image: request.image, label: path, imageShape: stored(image), labelShape: stored(label) })
  const apart = cornerDistance(grid.shape, grid.affine, wanted.affine)
  if (apart > farInVoxels * Math.min(...image.spacing))
    request.warn(
      `the label lies up to ${apart.toPrecision(3)} mm from its image by the two headers; its voxels are taken as they are: ${path}`,
    )
  return { data: label.data, grid }
}

const stored = (v: Volume): string => `${v.shape.join(' x ')} (${axisCodes(v.affine)})`
