import type { NIFTI1, NIFTI2 } from 'nifti-reader-js'
import { fail } from '../failure.ts'
import { baseAffine, isInvertible, qformAffine } from './affine.ts'
import type { Affine } from './affine.ts'
import type { Datatype, ImageHeader, Shape3 } from './volume.ts'

/** NIfTI's codes of the datatypes that are read, and their widths in bytes. */
export const datatypes: Readonly<Record<number, { readonly name: Datatype; readonly bytes: 1 | 2 | 4 | 8 }>> = {
  2: { name: 'uint8', bytes: 1 },
  4: { name: 'int16', bytes: 2 },
  8: { name: 'int32', bytes: 4 },
  16: { name: 'float32', bytes: 4 },
  64: { name: 'float64', bytes: 8 },
  256: { name: 'int8', bytes: 1 },
  512: { name: 'uint16', bytes: 2 },
  768: { name: 'uint32', bytes: 4 },
  1024: { name: 'int64', bytes: 8 },
  1280: { name: 'uint64', bytes: 8 },
}

/** Datatypes that are not one number a voxel, or not one that fits; named in the message that refuses them. */
const refused: Readonly<Record<number, string>> = {
  1: 'bits',
  32: 'complex64',
  128: 'RGB',
  1536: 'float128',
  1792: 'complex128',
  2048: 'complex256',
  2304: 'RGBA',
}

/** Bytes of the first block: its size tells NIfTI-1 and NIfTI-2 apart. */
export const headerBytes = { nifti1: 348, nifti2: 540 } as const

/** A header, and how to read the voxels that it promises. */
export interface VoxelLayout {
  readonly header: ImageHeader
  readonly bytesPerVoxel: 1 | 2 | 4 | 8
  readonly littleEndian: boolean
  /** Bytes from the start of the file to the first voxel. */
  readonly offset: number
  /** Value = stored * slope + inter; 1 and 0 where the header says nothing. */
  readonly slope: number
  readonly inter: number
}

/** How many bytes the header has, from its first eight; undefined where these are not of a NIfTI file. */
export function headerSize(start: Uint8Array): number | undefined {
  if (start.length < 8) return undefined
  const view = new DataView(start.buffer, start.byteOffset, 8)
  return Object.values(headerBytes).find(size => view.getInt32(0, true) === size || view.getInt32(0, false) === size)
}

/** Reads the header from exactly its own bytes; `path` is for messages. */
export async function parseHeader(bytes: Uint8Array<ArrayBuffer>, path: string): Promise<VoxelLayout> {
  const { isNIFTI1, isNIFTI2, readHeader } = await import('nifti-reader-js')
  // A buffer of just the header: the library would else go on to extensions that may be malformed, and are not needed.
  const buffer = bytes.slice().buffer
  const isNifti = bytes.length === headerBytes.nifti1 ? isNIFTI1(buffer, true) : isNIFTI2(buffer, true)
  if (!isNifti) fail({ kind: 'not-nifti', path, detail: 'its header lacks the word "n+1", "n+2", "ni1" or "ni2"' })
  const raw = readHeader(buffer, true)
  const type = datatypes[raw.datatypeCode]
  if (!type) fail({ kind: 'datatype-unsupported', path, datatype: refused[raw.datatypeCode] ?? `code ${raw.datatypeCode}` })

  const { shape, volumes } = dimensions(raw, buffer, path)
  const spacing = spacingOf(raw.pixDims)
  const affine = affineFrom(raw, buffer, shape, spacing)
  if (!isInvertible(affine)) fail({ kind: 'affine-singular', path, rows: affineRows(affine) })
  const { qform_code: qformCode, sform_code: sformCode, xyzt_units: xyztUnits, littleEndian } = raw
  const header = { shape, volumes, spacing, affine, datatype: type.name, qformCode, sformCode, xyztUnits }
  return { header, bytesPerVoxel: type.bytes, littleEndian, offset: voxelOffset(raw, bytes.length, path), ...scaling(raw, path) }
}

function dimensions(raw: NIFTI1 | NIFTI2, buffer: ArrayBuffer, path: string): { shape: Shape3; volumes: number } {
  // The library reads a dimension of 2^31 or more in a big-endian NIfTI-2 header as a negative number.
  const view = new DataView(buffer)
  const dims =
    buffer.byteLength === headerBytes.nifti2
      ? raw.dims.map((_, at) => Number(view.getBigInt64(16 + 8 * at, raw.littleEndian)))
      : raw.dims.slice(0, 8)
  const rank = dims[0]!
  const sizes = dims.slice(1, 1 + Math.min(Math.max(rank, 0), 7))
  if (rank < 1 || rank > 7 || sizes.some(n => n < 1))
    fail({ kind: 'not-nifti', path, detail: `its header says dimensions ${dims.join(', ')}` })
  const [x = 1, y = 1, z = 1, ...rest] = sizes
  return { shape: [x, y, z], volumes: rest.reduce((a, b) => a * b, 1) }
}

/** As nibabel repairs them: the sign does not count, and 0 stands for 1. */
function spacingOf(pixDims: readonly number[]): [number, number, number] {
  const repair = (v: number): number => (Number.isFinite(v) && v !== 0 ? Math.abs(v) : 1)
  return [repair(pixDims[1]!), repair(pixDims[2]!), repair(pixDims[3]!)]
}

function affineFrom(raw: NIFTI1 | NIFTI2, buffer: ArrayBuffer, shape: Shape3, spacing: readonly [number, number, number]): Affine {
  if (raw.sform_code > 0) return sform(new DataView(buffer), raw.littleEndian)
  if (raw.qform_code > 0) {
    const bcd = [raw.quatern_b, raw.quatern_c, raw.quatern_d] as const
    return qformAffine(bcd, [raw.qoffset_x, raw.qoffset_y, raw.qoffset_z], spacing, raw.pixDims[0] === -1 ? -1 : 1)
  }
  return baseAffine(shape, spacing)
}

/** Read here: the library puts the qform in its place where `qform_code > sform_code`, which no other reader does. */
function sform(view: DataView, littleEndian: boolean): Affine {
  const value = (at: number): number =>
    view.byteLength === headerBytes.nifti1 ? view.getFloat32(280 + 4 * at, littleEndian) : view.getFloat64(400 + 8 * at, littleEndian)
  return [...Array.from({ length: 12 }, (_, at) => value(at)), 0, 0, 0, 1]
}

const affineRows = (affine: Affine): string[] => [0, 4, 8].map(at => affine.slice(at, at + 4).join('  '))

function voxelOffset(raw: NIFTI1 | NIFTI2, size: number, path: string): number {
  // In a single file four bytes that announce extensions follow the header.
  const least = raw.magic.startsWith('ni') ? 0 : size + 4
  const offset = raw.vox_offset
  if (!Number.isInteger(offset) || offset < 0)
    fail({ kind: 'not-nifti', path, detail: `its header says that the voxels begin at byte ${offset}` })
  return Math.max(offset, least)
}

/** A slope of 0, NaN or infinity means that the voxels are as stored, as nibabel reads it. */
function scaling(raw: NIFTI1 | NIFTI2, path: string): { slope: number; inter: number } {
  const { scl_slope: slope, scl_inter: inter } = raw
  if (slope === 0 || !Number.isFinite(slope)) return { slope: 1, inter: 0 }
  if (!Number.isFinite(inter)) fail({ kind: 'not-nifti', path, detail: `its header scales by ${slope} and shifts by ${inter}` })
  return { slope, inter }
}
