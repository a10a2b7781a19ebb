import { mirror } from './zoom.ts'
import { roundHalfEven } from './round.ts'
import type { PlaneShape } from './warp.ts'

/** Grey levels that an image is brought to, and bins of a histogram of them: the bins are 65 levels wide, so 253 are used. */
const levels = 2 ** 14
const bins = 256
const binWidth = 1 + Math.floor(levels / bins)

/**
 * Contrast-limited adaptive histogram equalisation (Zuiderveld, "Contrast limited adaptive histogram equalization", 1994), step
 * by step as `skimage.exposure.equalize_adapthist` 0.19: every tile of the slice has a histogram, cut at a limit, whose sum maps
 * grey levels; a pixel takes the maps of the four tiles about it, weighted. Gives 0 to 1; a constant slice gives 0.
 * `clipLimit`: at most so large a part of a tile may be of one bin; 1 and more: no limit.
 */
export function clahe(plane: Float32Array, shape: PlaneShape, clipLimit: number, tile: PlaneShape): Float32Array {
  const grey = greyLevels(plane)
  if (!grey) return new Float32Array(plane.length)
  const padded = padTiles(grey, shape, tile)
  const tiles: PlaneShape = [padded.shape[0] / tile[0] - 1, padded.shape[1] / tile[1] - 1]
  const maps = tileMaps(padded, tiles, tile, clipLimit)
  return toUnit(blend(padded, maps, tiles, shape, tile))
}

/**
 * 0 to 16383, the least value to the largest; undefined where they are the same. Values between -1 and 1 become 16 bit before,
 * as in skimage 0.19, so negative ones count as 0. There other values are an error, and later versions take them as they are.
 */
function greyLevels(plane: Float32Array): Uint16Array | undefined {
  const isUnit = plane.every(v => v >= -1 && v <= 1)
  const values = isUnit ? Uint16Array.from(plane, v => roundHalfEven(Math.fround(Math.max(v, 0) * 65535))) : plane
  let [low, high] = [Infinity, -Infinity]
  for (const v of values) {
    if (v < low) low = v
    if (v > high) high = v
  }
  if (!(high > low)) return undefined
  return Uint16Array.from(values, v => roundHalfEven(((v - low) / (high - low)) * (levels - 1)))
}

interface Bins {
  readonly shape: PlaneShape
  readonly data: Uint8Array
}

/** The bin of every pixel; half a tile is added before, and after as much as makes whole tiles and half a one, mirrored. */
function padTiles(grey: Uint16Array, shape: PlaneShape, tile: PlaneShape): Bins {
  const length = (axis: 0 | 1) => {
    const [n, k] = [shape[axis], tile[axis]]
    return Math.floor(k / 2) + n + ((k - (n % k)) % k) + Math.ceil(k / 2)
  }
  const [height, width] = [length(0), length(1)]
  const column = Int32Array.from({ length: width }, (_, x) => mirror(x - Math.floor(tile[1] / 2), shape[1]))
  const data = new Uint8Array(height * width)
  for (let y = 0; y < height; y++) {
    const row = mirror(y - Math.floor(tile[0] / 2), shape[0]) * shape[1]
    for (let x = 0; x < width; x++) data[y * width + x] = Math.floor(grey[row + column[x]!]! / binWidth)
  }
  return { shape: [height, width], data }
}

/** Per tile, the grey level that each bin becomes: [tiles, bins]. */
function tileMaps({ shape, data }: Bins, tiles: PlaneShape, tile: PlaneShape, clipLimit: number): Int32Array {
  const pixels = tile[0] * tile[1]
  const limit = clipLimit > 0 ? Math.floor(Math.max(clipLimit * pixels, 1)) : pixels
  const maps = new Int32Array(tiles[0] * tiles[1] * bins)
  for (let t = 0; t < tiles[0] * tiles[1]; t++) {
    const histogram = maps.subarray(t * bins, (t + 1) * bins)
    const top = Math.floor(tile[0] / 2) + Math.floor(t / tiles[1]) * tile[0]
    const left = Math.floor(tile[1] / 2) + (t % tiles[1]) * tile[1]
    for (let y = top; y < top + tile[0]; y++) for (let x = left; x < left + tile[1]; x++) histogram[data[y * shape[1] + x]!]!++
    clipHistogram(histogram, limit)
    let sum = 0
    for (let b = 0; b < bins; b++) {
      sum += histogram[b]!
      histogram[b] = Math.min(Math.floor(sum * ((levels - 1) / pixels)), levels - 1)
    }
  }
  return maps
}

/** In place: what exceeds the limit is dealt out to the other bins, first evenly, then in sweeps of steps over all bins. */
export function clipHistogram(histogram: Int32Array, limit: number): void {
  let excess = 0
  for (let b = 0; b < histogram.length; b++) {
    if (histogram[b]! <= limit) continue
    excess += histogram[b]! - limit
    histogram[b] = limit
  }
  const share = Math.floor(excess / histogram.length)
  const upper = limit - share
  for (let b = 0; b < histogram.length; b++) {
    const had = histogram[b]!
    if (had >= limit) continue
    const has = had < upper ? had + share : had
    histogram[b] = has < upper ? has : limit
    excess -= histogram[b]! - had
  }
  while (excess > 0) {
    const before = excess
    for (let start = 0; start < histogram.length && excess > 0; start++) excess -= sweep(histogram, limit, start, excess)
    if (excess === before) return
  }
}

/** Adds one to the bins below the limit among every n-th from `start` on; how many they were. */
function sweep(histogram: Int32Array, limit: number, start: number, excess: number): number {
  const under = histogram.reduce((count, n) => (n < limit ? count + 1 : count), 0)
  const step = Math.max(1, Math.floor(under / excess))
  let added = 0
  for (let b = start; b < histogram.length; b += step) {
    if (histogram[b]! >= limit) continue
    histogram[b]!++
    added++
  }
  return added
}

/** Every pixel through the maps of the four tiles about it; at the border the same tile counts twice. Whole grey levels. */
function blend({ shape: [, width], data }: Bins, maps: Int32Array, tiles: PlaneShape, out: PlaneShape, tile: PlaneShape): Uint16Array {
  const result = new Uint16Array(out[0] * out[1])
  const clamp = (t: number, n: number) => Math.min(Math.max(t, 0), n - 1)
  const [startY, startX] = [Math.floor(tile[0] / 2), Math.floor(tile[1] / 2)]
  for (let i = 0; i < result.length; i++) {
    const [y, x] = [Math.floor(i / out[1]) + startY, (i % out[1]) + startX]
    const bin = data[y * width + x]!
    const [row, column] = [Math.floor(y / tile[0]), Math.floor(x / tile[1])]
    const [down, right] = [(y % tile[0]) / tile[0], (x % tile[1]) / tile[1]]
    const at = (r: number, c: number) => maps[(clamp(r, tiles[0]) * tiles[1] + clamp(c, tiles[1])) * bins + bin]!
    const above = (1 - right) * at(row - 1, column - 1) + right * at(row - 1, column)
    const below = (1 - right) * at(row, column - 1) + right * at(row, column)
    result[i] = Math.fround((1 - down) * above + down * below)
  }
  return result
}

/** The least level to 0, the largest to 1. */
function toUnit(grey: Uint16Array): Float32Array {
  let [low, high] = [Infinity, -Infinity]
  for (const v of grey) {
    if (v < low) low = v
    if (v > high) high = v
  }
  return Float32Array.from(grey, v => (high > low ? (v - low) / (high - low) : 0))
}
