import { inflateSync } from 'node:zlib'
import type { Grey, Rgb } from '../../src/image/png.ts'

/** The picture in a grey PNG of 8 bits whose rows have no filter and whose data is the second chunk, as ours are. */
export const decodePng = (bytes: Buffer): Grey => decoded(bytes, 1)

/** The same, of a coloured one. */
export const decodeRgbPng = (bytes: Buffer): Rgb => decoded(bytes, 3)

function decoded(bytes: Buffer, channels: 1 | 3): Grey {
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
  const rows = inflateSync(bytes.subarray(41, 41 + bytes.readUInt32BE(33)))
  const length = width * channels
  const pixels = Uint8Array.from({ length: height * length }, (_, i) => rows[Math.floor(i / length) * (length + 1) + 1 + (i % length)]!)
  return { height, width, pixels }
}
