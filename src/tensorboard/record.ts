import { crc32c } from './crc32c.ts'

/** As TensorFlow writes checksums, so that one of data that holds checksums is not trivial: rotated by 15 bits, and a constant added. */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0

/**
 * A record of a TFRecord file: the length of the data (uint64), its masked CRC-32C, the data, its masked CRC-32C; little-endian
 * (tensorflow/core/lib/io/record_writer.h).
 */
export function record(data: Uint8Array): Buffer {
  const framed = Buffer.alloc(data.length + 16)
  framed.writeBigUInt64LE(BigInt(data.length), 0)
  framed.writeUInt32LE(masked(crc32c(framed.subarray(0, 8))), 8)
  framed.set(data, 12)
  framed.writeUInt32LE(masked(crc32c(data)), data.length + 12)
  return framed
}
