import type { VoxelLayout } from './nifti-header.ts'
import type { Datatype } from './volume.ts'

/**
 * Room for the stored voxels at the end of a buffer that the float32 voxels will fill from its start: reading stays ahead of
 * writing, so no second copy of the image is ever held.
 */
export function allocate(count: number, bytesPerVoxel: number): Uint8Array<ArrayBuffer> {
  const buffer = new ArrayBuffer(count * Math.max(4, bytesPerVoxel))
  return new Uint8Array(buffer, buffer.byteLength - count * bytesPerVoxel)
}

/** How voxels come into memory: room for them as they are stored, and what that becomes. */
export interface Keeping<T> {
  room(count: number, layout: Stored): Uint8Array<ArrayBuffer>
  voxels(raw: Uint8Array<ArrayBuffer>, layout: Stored, count: number): T
}
type Stored = Pick<VoxelLayout, 'header' | 'bytesPerVoxel' | 'littleEndian' | 'slope' | 'inter'>

/** As float32, whatever is stored. */
export const asFloats: Keeping<Float32Array<ArrayBuffer>> = {
  room: (count, { bytesPerVoxel }) => allocate(count, bytesPerVoxel),
  voxels: toFloats,
}

/** Bytes without a scale as they are, others as float32. */
export const asStored: Keeping<Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>> = {
  room: (count, layout) => (isPlainBytes(layout) ? new Uint8Array(count) : asFloats.room(count, layout)),
  voxels: (raw, layout, count) => (isPlainBytes(layout) ? raw : toFloats(raw, layout, count)),
}

const isPlainBytes = ({ header, slope, inter }: Stored): boolean => header.datatype === 'uint8' && slope === 1 && inter === 0

/** The stored voxels of `allocate` as float32, in place: value = stored * slope + inter, computed in double. */
export function toFloats(raw: Uint8Array<ArrayBuffer>, layout: Stored, count: number): Float32Array<ArrayBuffer> {
  const { slope, inter } = layout
  if (!layout.littleEndian) swap(raw, layout.bytesPerVoxel)
  const values = new Float32Array(raw.buffer, 0, count)
  const { datatype } = layout.header
  if (datatype === 'int64' || datatype === 'uint64') return fromPairs(raw, datatype === 'int64', values, slope, inter)
  const stored = new arrays[datatype](raw.buffer, raw.byteOffset, count)
  if (datatype === 'float32' && slope === 1 && inter === 0) return values
  // Several times faster than the loop, for a copy of the stored voxels, which are few bytes here.
  if (layout.bytesPerVoxel <= 2 && slope === 1 && inter === 0) {
    values.set(stored)
    return values
  }
  for (let i = 0; i < count; i++) values[i] = stored[i]! * slope + inter
  return values
}

const arrays = {
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const satisfies Partial<Record<Datatype, unknown>>

/** To little-endian, which every machine that Node 20 runs on is, but for s390x. */
function swap(raw: Uint8Array<ArrayBuffer>, bytesPerVoxel: number): void {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.length)
  if (bytesPerVoxel === 2) bytes.swap16()
  if (bytesPerVoxel === 4) bytes.swap32()
  if (bytesPerVoxel === 8) bytes.swap64()
}

/** 64-bit integers by halves: as exact as a double, and much faster than BigInt. */
function fromPairs(
  raw: Uint8Array<ArrayBuffer>,
  signed: boolean,
  values: Float32Array<ArrayBuffer>,
  slope: number,
  inter: number,
): Float32Array<ArrayBuffer> {
  const low = new Uint32Array(raw.buffer, raw.byteOffset, 2 * values.length)
  const high = signed ? new Int32Array(raw.buffer, raw.byteOffset, 2 * values.length) : low
  for (let i = 0; i < values.length; i++) values[i] = (high[2 * i + 1]! * 2 ** 32 + low[2 * i]!) * slope + inter
  return values
}
