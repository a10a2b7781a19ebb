import { deflateSync } from 'node:zlib'

/** A grey picture: one byte a pixel, row by row, 0 black. */
export interface Grey {
  readonly height: number
  readonly width: number
  readonly pixels: Uint8Array
}

/** A coloured picture: red, green and blue of every pixel, row by row. */
export interface Rgb {
  readonly height: number
  readonly width: number
  readonly pixels: Uint8Array
}

/**
 * A picture as the bytes of a PNG file (ISO/IEC 15948): 8 bits, no interlacing, no filter. Grey; or with a palette, where a pixel is
 * the number of its colour: red, green and blue of each follow each other.
 */
export const encodePng = (picture: Grey, palette?: Uint8Array): Buffer => encode(picture, 1, palette)

/** A coloured picture as the bytes of a PNG file, likewise. */
export const encodeRgbPng = (picture: Rgb): Buffer => encode(picture, 3)

function encode({ height, width, pixels }: Grey | Rgb, channels: 1 | 3, palette?: Uint8Array): Buffer {
  const colourType = channels === 3 ? 2 : palette ? 3 : 0
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, colourType, 0, 0, 0], 8)
  const length = width * channels
  // Every row begins with the number of its filter: 0, none.
  const rows = Buffer.alloc(height * (length + 1))
  for (let y = 0; y < height; y++) rows.set(pixels.subarray(y * length, (y + 1) * length), y * (length + 1) + 1)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const colours = palette ? [chunk('PLTE', palette)] : []
  return Buffer.concat([signature, chunk('IHDR', header), ...colours, chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

/** Length, name, data, and the checksum of the last two. */
function chunk(name: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  framed.set(body, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c
})

/** The CRC-32 of PNG, gzip and zip files. zlib has it only from Node 20.15 and 22.2 on. */
export function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff
  for (const byte of bytes) c = crcTable[(c ^ byte) & 0xff]! ^ (c >>> 8)
  return (c ^ 0xffffffff) >>> 0
}
