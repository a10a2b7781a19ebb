import { fail } from '../failure.ts'
import { cornerDistance } from './affine.ts'
import { channelPlace } from './channel-place.ts'
import { hwdGrid, hwdSpacing, takeSlice } from './hwd.ts'
import type { HwdGrid, SliceAxis } from './hwd.ts'
import { isMicrograph } from './formats.ts'
import { axisCodes } from './orientation.ts'
import type { PixelSize } from './pixel-size.ts'
import { readImageFile, readLabelFile } from './read-file.ts'
import { keepsSlice } from './slice-filter.ts'
import type { SliceFilters } from './slice-filter.ts'
import type { Volume } from './volume.ts'

/** One image to cut: the files of its channels, and those of its labels. */
export interface CutRequest {
  readonly axis: SliceAxis
  readonly filters: SliceFilters
  /** One file a channel, in the order of the channels; all on one grid. */
  readonly images: readonly string[]
  /** By class: how many raters drew it; 0 where nobody did. */
  readonly raters: readonly number[]
  /** Their files, class after class. */
  readonly labels: readonly string[]
  /** The file of the region of interest. */
  readonly roi?: string | undefined
  /** Of images that are PNG or TIFF: the size of their pixels. */
  readonly pixelSizeMm?: PixelSize | undefined
  /** Of labels that are PNG or TIFF: black to white is 0 to 1; else they are cut at the middle grey. */
  readonly softPictures?: boolean | undefined
  /** Whether a slice stays that the filters keep: asked of its channels, each [H, W]. */
  readonly accepts?: ((channels: readonly Float32Array[], shape: readonly [number, number]) => Promise<boolean>) | undefined
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
  /** [S, C, H, W] */
  readonly image: Float32Array
  /**
   * [S, P, H, W]: of each class the planes of its raters, or one of zeros where nobody drew it; so P is the number of classes
   * unless some have several raters. Undefined where there is no label at all.
   */
  readonly label: Float32Array | undefined
  /** [S, 1, H, W]; undefined where no region of interest was given. */
  readonly roi: Float32Array | undefined
  /** What is needed to go back to the grid of the file. */
  readonly native: NativeGrid
}

/** The grid of an image as it is stored; and whether it is a picture, as its masks then are, too. */
export interface NativeGrid {
  shape: number[]
  affine: number[]
  qformCode: number
  sformCode: number
  xyztUnits: number
  isPicture?: true
}

/** A volume that is walked in the order of the slices. */
interface Layer {
  readonly data: Float32Array
  readonly grid: HwdGrid
}

/** Reads the channels of an image and its labels, checks that they fit each other, and cuts them into slices. */
export async function cutImage(request: CutRequest): Promise<Cut> {
  const { axis, raters } = request
  const image = await finite(request.images[0]!, readImageFile(request.images[0]!, request.pixelSizeMm))
  const grid = hwdGrid(image, axis)
  const channels: Layer[] = [{ data: image.data, grid }]
  for (const path of request.images.slice(1)) channels.push(await readChannel(path, image, request))
  const labels: Layer[] = []
  for (const path of request.labels) labels.push(await readLabel(path, image, request))
  const region = request.roi === undefined ? undefined : await readLabel(request.roi, image, request)

  const [height, width, depth] = grid.shape
  const area = height * width
  const places = labels.length > 0 ? planesOf(raters) : []
  const drawnPlanes = places.reduce((sum, { count }) => sum + count, 0)
  const kept: number[] = []
  const packed = new Float32Array(depth * channels.length * area)
  const regions = new Float32Array(region ? depth * area : 0)
  const masks = new Float32Array(depth * drawnPlanes * area)
  for (let k = 0; k < depth; k++) {
    // The place after the slices kept so far: what is written there is written over if this slice is dropped.
    const seen = planes(packed, kept.length * channels.length, channels.length, area)
    channels.forEach((channel, at) => takeSlice(channel.data, channel.grid, k, seen[at]!))
    const drawn = planes(masks, kept.length * drawnPlanes, drawnPlanes, area)
    const theirs = places.flatMap(({ first, labelled }) => drawn.slice(first, first + labelled))
    labels.forEach((label, at) => takeSlice(label.data, label.grid, k, theirs[at]!))
    const [roi] = planes(regions, kept.length, region ? 1 : 0, area)
    if (region && roi) takeSlice(region.data, region.grid, k, roi)
    // A class counts as drawn where one of its raters drew it: their planes lie together.
    const classes = places.map(({ first, count }) => masks.subarray((kept.length * drawnPlanes + first) * area).subarray(0, count * area))
    if (!keepsSlice(request.filters, seen, classes, roi)) continue
    if (!request.accepts || (await request.accepts(seen, [height, width]))) kept.push(k)
  }
  const { shape, affine, qformCode, sformCode, xyztUnits } = image
  return {
    shape: grid.shape,
    spacing: hwdSpacing(image, axis),
    slices: kept,
    image: packed.subarray(0, kept.length * channels.length * area),
    label: labels.length > 0 ? masks.subarray(0, kept.length * drawnPlanes * area) : undefined,
    roi: region && regions.subarray(0, kept.length * area),
    native: {
      ...{ shape: [...shape], affine: [...affine], qformCode, sformCode, xyztUnits },
      ...(isMicrograph(request.images[0]!) && { isPicture: true as const }),
    },
  }
}

/** Of each class: its first plane in a packed label, how many it has, and how many of them somebody drew. */
const planesOf = (raters: readonly number[]): readonly { readonly first: number; readonly count: number; readonly labelled: number }[] => {
  let next = 0
  return raters.map(labelled => {
    const count = Math.max(1, labelled)
    const first = next
    next += count
    return { first, count, labelled }
  })
}

/** `count` planes one after the other, from the `first` on. */
const planes = (data: Float32Array, first: number, count: number, area: number): Float32Array[] =>
  Array.from({ length: count }, (_, at) => data.subarray((first + at) * area, (first + at + 1) * area))

/** The volume, without NaN and infinity. */
async function finite(path: string, reading: Promise<Volume>): Promise<Volume> {
  const volume = await reading
  const { data } = volume
  // A sum in double of float32 numbers is finite if and only if all of them are; counting one by one takes far longer.
  let sum = 0
  for (let at = 0; at < data.length; at++) sum += data[at]!
  if (Number.isFinite(sum)) return volume
  const count = data.reduce((n, v) => (Number.isFinite(v) ? n : n + 1), 0)
  return fail({ kind: 'voxels-not-finite', path, count, total: data.length })
}

/** How far, in voxels, a label or another channel may lie from its image without a word. Real ones differ by rounding. */
const farInVoxels = 0.1

async function readLabel(path: string, image: Volume, request: CutRequest): Promise<Layer> {
  const label = await finite(path, readLabelFile(path, request.pixelSizeMm, request.softPictures ?? false))
  const grid = hwdGrid(label, request.axis)
  // After both are turned: a label may be stored in another orientation.
  const wanted = hwdGrid(image, request.axis)
  if (grid.shape.some((n, at) => n !== wanted.shape[at]))
    fail({ kind: 'label-shape', image: request.images[0]!, label: path, imageShape: stored(image), labelShape: stored(label) })
  warnIfFar('label', 'its image', path, cornerDistance(grid.shape, grid.affine, wanted.affine), image, request)
  return { data: label.data, grid }
}

async function readChannel(path: string, first: Volume, request: CutRequest): Promise<Layer> {
  const channel = await finite(path, readImageFile(path, request.pixelSizeMm))
  const { fits, together, apartMm } = channelPlace(first, channel)
  const shapes = { first: request.images[0]!, second: path, firstShape: stored(first), secondShape: stored(channel) }
  if (!together) fail({ kind: 'channel-grid', ...shapes, ...(fits && { apartMm }) })
  warnIfFar('channel', 'the first', path, apartMm, first, request)
  return { data: channel.data, grid: hwdGrid(channel, request.axis) }
}

function warnIfFar(what: string, from: string, path: string, apartMm: number, image: Volume, request: CutRequest): void {
  if (apartMm <= farInVoxels * Math.min(...image.spacing)) return
  request.warn(
    `the ${what} lies up to ${apartMm.toPrecision(3)} mm from ${from} by the two headers; its voxels are taken as they are: ${path}`,
  )
}

const stored = (v: Volume): string => `${v.shape.join(' x ')} (${axisCodes(v.affine)})`
