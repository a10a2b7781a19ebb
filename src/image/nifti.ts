import { fail } from '../failure.ts'
import { openBytes } from './gzip.ts'
import type { Bytes } from './gzip.ts'
import { headerBytes, headerSize, parseHeader } from './nifti-header.ts'
import type { VoxelLayout } from './nifti-header.ts'
import type { ImageHeader, Volume } from './volume.ts'
import { allocate, toFloats } from './voxels.ts'

/** What fits into one array of bytes in Node 20: 4 GiB. */
const largestBytes = 2 ** 32 - 1
/** Deflate makes at most 1032 bytes of one: a header that promises more than its file can hold is found out before memory is taken. */
const largestRatio = 1032

/** The header of a NIfTI-1 or NIfTI-2 file (.nii, .nii.gz, .hdr with .img): shape, spacing, affine. Reads no voxels. */
export const readHeader = (path: string): Promise<ImageHeader> =>
  opened(headerPath(path), async bytes => (await readLayout(bytes, path)).header)

/** A 3D image (or 2D: depth 1) as float32. More than one volume is refused. */
export const readVolume = (path: string): Promise<Volume> =>
  readImage(path, header => {
    if (header.volumes !== 1) fail({ kind: 'image-4d', path, shape: header.shape, volumes: header.volumes })
  })

/** An image of any number of volumes (classes, time points), one after the other in `data`. */
export const readVolumes = (path: string): Promise<Volume> => readImage(path, () => undefined)

const readImage = (path: string, check: (header: ImageHeader) => void): Promise<Volume> =>
  opened(headerPath(path), async bytes => {
    const { position, ...layout } = await readLayout(bytes, path)
    check(layout.header)
    if (headerPath(path) === dataPath(path)) return readVoxels(bytes, layout, layout.offset - position, path)
    return opened(dataPath(path), second => readVoxels(second, layout, layout.offset, dataPath(path)))
  })

async function opened<T>(path: string, use: (bytes: Bytes) => Promise<T>): Promise<T> {
  const bytes = await openBytes(path, 'the image')
  try {
    return await use(bytes)
  } finally {
    await bytes.close()
  }
}

// Of a pair either file may be named.
const headerPath = (path: string): string => path.replace(/\.img(\.gz)?$/, '.hdr$1')
const dataPath = (path: string): string => path.replace(/\.hdr(\.gz)?$/, '.img$1')

async function readLayout(bytes: Bytes, path: string): Promise<VoxelLayout & { readonly position: number }> {
  const block = new Uint8Array(headerBytes.nifti2)
  const startRead = await bytes.read(block.subarray(0, 8))
  const size = headerSize(block.subarray(0, startRead))
  if (size === undefined) fail({ kind: 'not-nifti', path, detail: 'its first four bytes are not 348 (NIfTI-1) or 540 (NIfTI-2)' })
  const read = startRead + (await bytes.read(block.subarray(8, size)))
  if (read < size) fail({ kind: 'not-nifti', path, detail: `it ends after ${read} of the ${size} bytes of its header` })
  return { ...(await parseHeader(block.slice(0, size), path)), position: size }
}

async function readVoxels(bytes: Bytes, layout: VoxelLayout, gap: number, path: string): Promise<Volume> {
  const { header, bytesPerVoxel } = layout
  const count = header.shape.reduce((a, b) => a * b, header.volumes)
  const promised = count * bytesPerVoxel
  const held = count * Math.max(4, bytesPerVoxel)
  if (!(held <= largestBytes)) {
    const shape = header.volumes === 1 ? header.shape : [...header.shape, header.volumes]
    fail({ kind: 'image-too-large', path, shape, gib: held / 2 ** 30, limitGib: 4 })
  }
  const possible = bytes.gzipped ? bytes.size * largestRatio : bytes.size - layout.offset
  if (possible < promised) {
    const found = bytes.gzipped ? `at most ${possible}` : `${Math.max(0, possible)}`
    fail({ kind: 'image-truncated', path, promised, found })
  }
  await skip(bytes, gap)
  const raw = allocate(count, bytesPerVoxel)
  const found = await bytes.read(raw)
  if (found < promised) fail({ kind: 'image-truncated', path, promised, found: `${found}` })
  await bytes.verify()
  return { ...header, data: toFloats(raw, layout, count) }
}

/** Reads past header extensions, which nothing here uses. */
async function skip(bytes: Bytes, count: number): Promise<void> {
  const block = new Uint8Array(Math.min(count, 2 ** 16))
  for (let left = count; left > 0;) {
    const read = await bytes.read(block.subarray(0, Math.min(left, block.length)))
    if (read === 0) return
    left -= read
  }
}
