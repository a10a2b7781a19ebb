import { fail } from '../failure.ts'
import { openBytes } from './gzip.ts'
import type { Bytes } from './gzip.ts'
import { headerBytes, headerSize, parseHeader } from './nifti-header.ts'
import type { VoxelLayout } from './nifti-header.ts'
import type { ImageHeader, Labels, Volume } from './volume.ts'
import { asFloats, asStored, type Keeping } from './voxels.ts'

/** What fits into one array of bytes in Node 20: 4 GiB. */
const largestBytes = 2 ** 32 - 1
/** Deflate makes at most 1032 bytes of one: a header that promises more than its file can hold is found out before memory is taken. */
const largestRatio = 1032

/** The header of a NIfTI-1 or NIfTI-2 file (.nii, .nii.gz, .hdr with .img): shape, spacing, affine. Reads no voxels. */
export const readHeader = (path: string): Promise<ImageHeader> =>
  opened(headerPath(path), async bytes => (await readLayout(bytes, path)).header)

/** A 3D image (or 2D: depth 1) as float32. More than one volume is refused. */
export const readVolume = (path: string): Promise<Volume> => readImage(path, asFloats, oneVolume(path))

/** The same, with bytes that have no scale as they are: labels and masks. */
export const readLabels = (path: string): Promise<Labels> => readImage(path, asStored, oneVolume(path))

const oneVolume =
  (path: string) =>
  ({ volumes, shape }: ImageHeader): void => {
    if (volumes !== 1) fail({ kind: 'image-4d', path, shape, volumes })
  }

/** An image of any number of volumes (classes, time points), one after the other in `data`. */
export const readVolumes = (path: string): Promise<Volume> => readImage(path, asFloats, () => undefined)

/**
 * The volumes of an image (its classes) one after the other, each as a 3D image: never more than one of them is held. Bytes that have
 * no scale stay bytes.
 */
export async function* eachVolume(path: string): AsyncGenerator<Labels, void, undefined> {
  const head = await openBytes(headerPath(path), 'the image')
  let body = head
  try {
    const { position, ...layout } = await readLayout(head, path)
    if (headerPath(path) !== dataPath(path)) body = await openBytes(dataPath(path), 'the image')
    const header = { ...layout.header, volumes: 1 }
    const count = checkSize(body, layout, header, dataPath(path)) / layout.header.volumes
    await skip(body, body === head ? layout.offset - position : layout.offset)
    for (let volume = 0; volume < layout.header.volumes; volume++) {
      const raw = asStored.room(count, layout)
      const found = await body.read(raw)
      const promised = count * layout.bytesPerVoxel
      if (found < promised)
        fail({
          kind: 'image-truncated',
          path: dataPath(path),
          promised: promised * layout.header.volumes,
          found: `${promised * volume + found}`,
        })
      if (volume === layout.header.volumes - 1) await body.verify()
      yield { ...header, data: asStored.voxels(raw, layout, count) }
    }
  } finally {
    await head.close()
    if (body !== head) await body.close()
  }
}

const readImage = <T>(
  path: string,
  keeping: Keeping<T>,
  check: (header: ImageHeader) => void,
): Promise<ImageHeader & { readonly data: T }> =>
  opened(headerPath(path), async bytes => {
    const { position, ...layout } = await readLayout(bytes, path)
    check(layout.header)
    if (headerPath(path) === dataPath(path)) return readVoxels(bytes, layout, layout.offset - position, path, keeping)
    return opened(dataPath(path), second => readVoxels(second, layout, layout.offset, dataPath(path), keeping))
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

async function readVoxels<T>(
  bytes: Bytes,
  layout: VoxelLayout,
  gap: number,
  path: string,
  keeping: Keeping<T>,
): Promise<ImageHeader & { readonly data: T }> {
  const { header, bytesPerVoxel } = layout
  const count = checkSize(bytes, layout, header, path)
  const promised = count * bytesPerVoxel
  await skip(bytes, gap)
  const raw = keeping.room(count, layout)
  const found = await bytes.read(raw)
  if (found < promised) fail({ kind: 'image-truncated', path, promised, found: `${found}` })
  await bytes.verify()
  return { ...header, data: keeping.voxels(raw, layout, count) }
}

/**
 * How many voxels the header promises. A failure where the file cannot hold them, or where those that will be held at once (the
 * volumes of `held`) do not fit into an array.
 */
function checkSize(bytes: Bytes, layout: VoxelLayout, held: ImageHeader, path: string): number {
  const { header, bytesPerVoxel } = layout
  const voxels = header.shape.reduce((a, b) => a * b, 1)
  const heldBytes = voxels * held.volumes * Math.max(4, bytesPerVoxel)
  if (!(heldBytes <= largestBytes)) {
    const shape = held.volumes === 1 ? header.shape : [...header.shape, header.volumes]
    fail({ kind: 'image-too-large', path, shape, gib: heldBytes / 2 ** 30, limitGib: 4 })
  }
  const promised = voxels * header.volumes * bytesPerVoxel
  const possible = bytes.gzipped ? bytes.size * largestRatio : bytes.size - layout.offset
  if (possible < promised) {
    const found = bytes.gzipped ? `at most ${possible}` : `${Math.max(0, possible)}`
    fail({ kind: 'image-truncated', path, promised, found })
  }
  return voxels * header.volumes
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
