import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { quaternionOf, voxelSizes } from './affine.ts'
import type { Affine } from './affine.ts'

/** What becomes a NIfTI file. */
export interface ImageToWrite {
  /** X, Y, Z, and classes (or any fourth axis) where there are several. */
  readonly shape: readonly number[]
  /** First axis fastest, as `Volume.data`. For uint8 and int16: whole numbers in range. */
  readonly data: Float32Array | Uint8Array | Int16Array
  readonly dtype: 'uint8' | 'int16' | 'float32'
  readonly affine: Affine
  /** Kept from the image whose grid this is: what its two affines mean. */
  readonly qformCode: number
  readonly sformCode: number
  readonly xyztUnits: number
}

const stored = {
  uint8: { code: 2, array: Uint8Array, low: 0, high: 255 },
  int16: { code: 4, array: Int16Array, low: -32768, high: 32767 },
  float32: { code: 16, array: Float32Array, low: -Infinity, high: Infinity },
} as const

/**
 * Writes a NIfTI-1 file, .nii.gz. The same image gives the same bytes: no time, no system in the gzip header. The affine is
 * written both as sform and as qform (there without shears, which a quaternion cannot hold).
 */
export async function writeNifti(path: string, image: ImageToWrite): Promise<void> {
  await writeNiftiParts(path, image, Readable.from([image.data], { highWaterMark: 1 }))
}

/**
 * The same, from parts that follow each other (classes): each is written before the next is asked for, so that never all are held.
 */
export async function writeNiftiParts(path: string, image: Omit<ImageToWrite, 'data'>, parts: Parts): Promise<void> {
  const file = await open(path, 'w')
  try {
    const bytes = Readable.from(bytesOf(path, image, parts), { highWaterMark: 1 })
    await pipeline(bytes, createGzip({ level: 6, chunkSize: 2 ** 18 }), async (chunks: AsyncIterable<Buffer>) => {
      let first = true
      for await (const chunk of chunks) {
        // zlib names the operating system here; 255 is "unknown". The time, before it, is 0 already.
        if (first) chunk[9] = 255
        first = false
        await file.writeFile(chunk)
      }
    })
  } finally {
    await file.close()
  }
}

type Parts = AsyncIterable<ImageToWrite['data']>

async function* bytesOf(path: string, image: Omit<ImageToWrite, 'data'>, parts: Parts): AsyncGenerator<Buffer, void, undefined> {
  const count = image.shape.reduce((a, b) => a * b, 1)
  let given = 0
  yield niftiHeader(image)
  for await (const data of parts) {
    given += data.length
    const voxels = toStored(path, { ...image, data })
    yield Buffer.from(voxels.buffer, voxels.byteOffset, voxels.byteLength)
  }
  if (count !== given) throw new Error(`${path}: shape ${image.shape.join('x')} is ${count} voxels, and there are ${given}`)
}

function toStored(path: string, { data, dtype }: ImageToWrite): Float32Array | Uint8Array | Int16Array {
  const { array, low, high } = stored[dtype]
  if (data instanceof array) return data
  if (dtype !== 'float32') {
    const wrong = data.find(v => !(Number.isInteger(v) && v >= low && v <= high))
    if (wrong !== undefined) throw new Error(`${path}: ${wrong} does not fit into ${dtype}`)
  }
  return array.from(data)
}

/** The 348 bytes of the header, and the four that say: no extensions. */
export function niftiHeader(image: Omit<ImageToWrite, 'data'>): Buffer {
  const { shape, affine } = image
  if (shape.length < 3 || shape.length > 7 || shape.some(n => !Number.isInteger(n) || n < 1 || n > 32767))
    throw new Error(`a NIfTI-1 file cannot hold the shape ${shape.join('x')}`)
  const { code, array } = stored[image.dtype]
  const { bcd, qfac } = quaternionOf(affine)
  const header = Buffer.alloc(352)
  header.writeInt32LE(348, 0)
  const dim = [shape.length, ...shape]
  for (let at = 0; at < 8; at++) header.writeInt16LE(dim[at] ?? 1, 40 + 2 * at)
  header.writeInt16LE(code, 70)
  header.writeInt16LE(8 * array.BYTES_PER_ELEMENT, 72)
  const pixdim = [qfac, ...voxelSizes(affine)]
  for (let at = 0; at < 8; at++) header.writeFloatLE(pixdim[at] ?? 1, 76 + 4 * at)
  header.writeFloatLE(352, 108)
  header.writeFloatLE(1, 112)
  header.writeUInt8(image.xyztUnits, 123)
  header.writeInt16LE(image.qformCode, 252)
  // A float32 quaternion can be off by 1e-4 rad (near half turns): where the image had only a qform, its sform gets the same meaning.
  header.writeInt16LE(image.sformCode || image.qformCode, 254)
  const floats = [...bcd, affine[3]!, affine[7]!, affine[11]!, ...affine.slice(0, 12)]
  floats.forEach((value, at) => header.writeFloatLE(value + 0, 256 + 4 * at))
  header.write('n+1\0', 344, 'latin1')
  return header
}
