import { readFile } from 'node:fs/promises'
import { fail } from '../failure.ts'
import type { Shape3 } from './affine.ts'
import { unreadable } from './gzip.ts'
import type { PixelSize } from './pixel-size.ts'
import type { Volume } from './volume.ts'

/**
 * A PNG or TIFF as an image of one slice: i goes down its rows, j along them, both from the top left. Grey, 0 to 255, as ivadomed reads
 * it (`convert_file_to_nifti`, imageio's `image_as_uint`): colours become grey and transparency goes; 8 bits stay, of 16 bits of a
 * TIFF the upper 8 are taken, and colours, 16 bits of a PNG and floats (but those from 0 to 1) are stretched from their least to their
 * largest value.
 * `pixelSizeMm`: along i, j and across.
 */
export async function readMicrograph(path: string, pixelSizeMm: PixelSize): Promise<Volume> {
  const { height, width, grey } = await decoded(path)
  const data = new Float32Array(height * width)
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data[y + height * x] = grey[y * width + x]!
  const spacing = pixelSizeMm.map(Math.fround) as [number, number, number]
  const [i, j, k] = spacing
  const affine = [i, 0, 0, 0, 0, j, 0, 0, 0, 0, k, 0, 0, 0, 0, 1]
  const shape: Shape3 = [height, width, 1]
  return { shape, volumes: 1, spacing, affine, datatype: 'uint8', qformCode: 0, sformCode: 2, xyztUnits: 2, data }
}

/** A mask that is stored as a PNG or TIFF: 1 from the middle grey on, else 0; where `soft`, black to white is 0 to 1. */
export async function readMicrographMask(path: string, pixelSizeMm: PixelSize, soft = false): Promise<Volume> {
  const picture = await readMicrograph(path, pixelSizeMm)
  return { ...picture, ...(soft && { datatype: 'float32' }), data: picture.data.map(v => (soft ? v / 255 : Number(v / 255 >= 0.5))) }
}

/** Samples as a file has them, row by row, those of a pixel together. */
interface Samples {
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly data: ArrayLike<number>
  /** How grey values become 0 to 255. */
  readonly range: 'bytes' | 'words' | 'counts' | 'floats'
}

const largestSide = 32767

async function decoded(path: string): Promise<{ readonly height: number; readonly width: number; readonly grey: ArrayLike<number> }> {
  const bytes = await readFile(path).catch(unreadable(path, 'the image'))
  if (bytes.length === 0) fail({ kind: 'file-empty', path, role: 'the image' })
  const refuse = (detail: string): never => fail({ kind: 'picture-unreadable', path, detail })
  const samples = /\.png$/i.test(path) ? await pngSamples(bytes, refuse) : await tiffSamples(bytes, refuse)
  const { height, width, channels, data } = samples
  if (Math.max(height, width) > largestSide)
    refuse(`it has ${width} x ${height} pixels, and NIfTI-1, as which masks are written, holds ${largestSide} a side`)
  if (data.length < height * width * channels) refuse(`it has ${data.length} numbers for ${width} x ${height} pixels`)
  return { height, width, grey: to8Bits(samples) }
}

type Refuse = (detail: string) => never

/** The decoders throw whatever comes to them of files that are damaged. */
function attempt<T>(decode: () => T, refuse: Refuse): T {
  try {
    return decode()
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

async function pngSamples(bytes: Buffer, refuse: Refuse): Promise<Samples> {
  const { decode, convertIndexedToRgb } = await import('fast-png')
  return attempt(() => {
    const png = decode(bytes, { checkCrc: true })
    const { height, width, depth, channels } = png
    if (png.palette) return { height, width, channels: png.palette[0]!.length, data: convertIndexedToRgb(png), range: 'bytes' as const }
    if (depth >= 8) return { height, width, channels, data: png.data, range: depth === 8 ? 'bytes' : 'counts' }
    return { height, width, channels: 1, data: unpacked(png.data, height, width, depth), range: 'bytes' }
  }, refuse)
}

/** Grey of 1, 2 or 4 bits, several pixels a byte, each row from a byte on, as 0 to 255. */
function unpacked(data: ArrayLike<number>, height: number, width: number, depth: number): Uint8Array {
  const rowBytes = Math.ceil((width * depth) / 8)
  const most = 2 ** depth - 1
  return Uint8Array.from({ length: height * width }, (_, at) => {
    const bit = (at % width) * depth
    const byte = data[Math.floor(at / width) * rowBytes + (bit >> 3)]!
    return (((byte >> (8 - depth - (bit & 7))) & most) * 255) / most
  })
}

const palette = 3

async function tiffSamples(bytes: Buffer, refuse: Refuse): Promise<Samples> {
  const { decode, pageCount } = await import('tiff')
  return attempt(() => {
    const pages = pageCount(bytes)
    if (pages !== 1) return refuse(`it has ${pages} pages, and one is read`)
    const tiff = decode(bytes)[0]!
    const { height, width, bitsPerSample: bits, type } = tiff
    if (type === palette) return refuse('its colours are those of a palette')
    const data = tiff.data as ArrayLike<number>
    if (bits === 1) return { height, width, channels: 1, data: Array.from(data, v => v * 255), range: 'bytes' as const }
    const channels = tiff.samplesPerPixel
    return { height, width, channels, data, range: bits === 8 ? 'bytes' : bits === 16 ? 'words' : 'floats' }
  }, refuse)
}

function to8Bits({ height, width, channels, data, range }: Samples): ArrayLike<number> {
  const pixels = { length: height * width }
  if (channels >= 3) {
    const at = (pixel: number, channel: number): number => data[pixel * channels + channel]!
    return stretched(
      Float32Array.from(pixels, (_, p) => (at(p, 0) * 299 + at(p, 1) * 587 + at(p, 2) * 114) / 1000),
      true,
    )
  }
  const grey = channels === 1 ? data : Float32Array.from(pixels, (_, p) => data[p * channels]!)
  if (range === 'bytes') return grey
  return range === 'words' ? Uint8Array.from(pixels, (_, p) => grey[p]! >> 8) : stretched(grey, range === 'floats')
}

/** From the least to the largest value (of `floats` from 0 to 1: from 0 to 1) to 0 to 255, rounded as imageio does. One value stays as it is. */
function stretched(grey: ArrayLike<number>, floats: boolean): ArrayLike<number> {
  let [low, high] = [Infinity, -Infinity]
  for (let p = 0; p < grey.length; p++) {
    low = Math.min(low, grey[p]!)
    high = Math.max(high, grey[p]!)
  }
  if (floats && low >= 0 && high <= 1) [low, high] = [0, 1]
  if (!(high > low)) return grey
  return Float32Array.from({ length: grey.length }, (_, p) => Math.trunc(((grey[p]! - low) / (high - low)) * 255 + 0.499999999))
}
