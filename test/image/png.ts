import { inflateSync } from 'node:zlib'
import type { Grey } from '../../src/image/png.ts'

/** The picture in a grey PNG of 8 bits whose rows have no filter and whose data is the second chunk, as ours are. */
export function decodePng(bytes: Buffer): Grey {
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
  const length = bytes.readUInt32BE(33)
  const rows = inflateSync(bytes.subarray(41, 41 + length))
  return {
    height,
    width,
    pixels: Uint8Array.from({ length: height * width }, (_, i) => rows[Math.floor(i / width) * (width + 1) + 1 + (i % width)]!),
  }
}
