import type { Datatype } from '../../src/image/volume.ts'

/** A NIfTI file as bytes, made field by field from the standard: an independent source for the tests of the reader. */
export interface RawNifti {
  readonly version?: 1 | 2
  readonly littleEndian?: boolean
  readonly type?: Datatype | number
  /** Without the count in front: X, Y, Z ... */
  readonly dims?: readonly number[]
  readonly voxels?: readonly (number | bigint)[]
  /** qfac first. */
  readonly pixdim?: readonly number[]
  readonly slope?: number
  readonly inter?: number
  readonly qform?: { readonly code: number; readonly bcd: readonly number[]; readonly offset: readonly number[] }
  readonly sform?: { readonly code: number; readonly rows: readonly number[] }
  readonly units?: number
  readonly extensionBytes?: number
  readonly magic?: string
}

const types: Record<Datatype, [code: number, bytes: number]> = {
  uint8: [2, 1],
  int16: [4, 2],
  int32: [8, 4],
  float32: [16, 4],
  float64: [64, 8],
  int8: [256, 1],
  uint16: [512, 2],
  uint32: [768, 4],
  int64: [1024, 8],
  uint64: [1280, 8],
}

export function rawNifti(raw: RawNifti = {}): Buffer {
  const { version = 1, littleEndian: le = true, type = 'int16', dims = [2, 1, 1], voxels = [1, 2] } = raw
  const [code, width] = typeof type === 'number' ? [type, 2] : types[type]
  const size = version === 1 ? 348 : 540
  const offset = size + 4 + (raw.extensionBytes ?? 0)
  const bytes = Buffer.alloc(offset + voxels.length * width)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const magic = raw.magic ?? (version === 1 ? 'n+1\0' : 'n+2\0\r\n\x1a\n')
  const real = (at1: number, at2: number, v: number) => (version === 1 ? view.setFloat32(at1, v, le) : view.setFloat64(at2, v, le))
  view.setInt32(0, size, le)
  bytes.write(magic, version === 1 ? 344 : 4, 'latin1')
  view.setInt16(version === 1 ? 70 : 12, code, le)
  view.setInt16(version === 1 ? 72 : 14, 8 * width, le)
  ;[dims.length, ...dims].forEach((n, at) =>
    version === 1 ? view.setInt16(40 + 2 * at, n, le) : view.setBigInt64(16 + 8 * at, BigInt(n), le),
  )
  ;(raw.pixdim ?? [1, 1, 1, 1]).forEach((v, at) => real(76 + 4 * at, 104 + 8 * at, v))
  if (version === 1) view.setFloat32(108, offset, le)
  else view.setBigInt64(168, BigInt(offset), le)
  real(112, 176, raw.slope ?? 0)
  real(116, 184, raw.inter ?? 0)
  const code32 = (at1: number, at2: number, v: number) => (version === 1 ? view.setInt16(at1, v, le) : view.setInt32(at2, v, le))
  if (version === 1) view.setUint8(123, raw.units ?? 2)
  else view.setInt32(500, raw.units ?? 2, le)
  code32(252, 344, raw.qform?.code ?? 0)
  code32(254, 348, raw.sform?.code ?? 0)
  ;[...(raw.qform?.bcd ?? []), ...(raw.qform?.offset ?? [])].forEach((v, at) => real(256 + 4 * at, 352 + 8 * at, v))
  raw.sform?.rows.forEach((v, at) => real(280 + 4 * at, 400 + 8 * at, v))
  voxels.forEach((v, at) => setVoxel(view, type, offset + at * width, v, le))
  return bytes
}

function setVoxel(view: DataView, type: Datatype | number, at: number, v: number | bigint, le: boolean): void {
  if (typeof type === 'number') return
  if (type === 'int64') return view.setBigInt64(at, BigInt(v), le)
  if (type === 'uint64') return view.setBigUint64(at, BigInt(v), le)
  const set = {
    int8: () => view.setInt8(at, Number(v)),
    uint8: () => view.setUint8(at, Number(v)),
    int16: () => view.setInt16(at, Number(v), le),
    uint16: () => view.setUint16(at, Number(v), le),
    int32: () => view.setInt32(at, Number(v), le),
    uint32: () => view.setUint32(at, Number(v), le),
    float32: () => view.setFloat32(at, Number(v), le),
    float64: () => view.setFloat64(at, Number(v), le),
  }
  set[type]()
}
