import { open, type FileHandle } from 'node:fs/promises'

/** Element types we write: little-endian, C order. */
export type NpyType = 'float32' | 'uint8' | 'int32' | 'float64'
export type NpyArray = Float32Array | Uint8Array | Int32Array | Float64Array
const codes = { float32: '<f4', uint8: '|u1', int32: '<i4', float64: '<f8' } as const
const widths = { float32: 4, uint8: 1, int32: 4, float64: 8 } as const

/** Where the numbers of a .npy file begin, and what they are. */
export interface NpyHeader {
  readonly type: NpyType
  readonly shape: readonly number[]
  /** Bytes before the first number; a multiple of 64. */
  readonly offset: number
}

/** The header of a .npy file, version 1.0 (NumPy enhancement proposal 1). */
export function npyHeader(type: NpyType, shape: readonly number[]): Buffer {
  const size = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const text = `{'descr': '${codes[type]}', 'fortran_order': False, 'shape': (${size}), }`
  const length = Math.ceil((10 + text.length + 1) / 64) * 64
  const header = Buffer.alloc(length, ' ')
  header.write('\x93NUMPY\x01\x00', 0, 'latin1')
  header.writeUInt16LE(length - 10, 8)
  header.write(text, 10, 'latin1')
  header.write('\n', length - 1, 'latin1')
  return header
}

/** Writes an array as a .npy file; anything with numpy can read it. */
export async function writeNpy(path: string, type: NpyType, shape: readonly number[], data: NpyArray): Promise<void> {
  const count = shape.reduce((a, b) => a * b, 1)
  if (count !== data.length) throw new Error(`${path}: shape ${shape.join('x')} is ${count} numbers, and there are ${data.length}`)
  const file = await open(path, 'w')
  try {
    await file.write(npyHeader(type, shape))
    await file.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  } finally {
    await file.close()
  }
}

/** The same numbers as bytes where nothing is lost by that: all are whole, from 0 to 255. */
export function asBytes(data: Float32Array): Float32Array | Uint8Array {
  const bytes = new Uint8Array(data.length)
  for (let i = 0; i < data.length; i++) {
    bytes[i] = data[i]!
    if (bytes[i] !== data[i]) return data
  }
  return bytes
}

/** Reads the header of an open .npy file written by `writeNpy` or by numpy (C order, little-endian). */
export async function readNpyHeader(file: FileHandle): Promise<NpyHeader> {
  const start = Buffer.alloc(10)
  await file.read(start, 0, 10, 0)
  if (start.toString('latin1', 0, 6) !== '\x93NUMPY' || start[6] !== 1) throw new Error('not a .npy file of version 1')
  const length = start.readUInt16LE(8)
  const rest = Buffer.alloc(length)
  await file.read(rest, 0, length, 10)
  const text = rest.toString('latin1')
  const code = /'descr': '([^']+)'/.exec(text)?.[1]
  const type = (Object.keys(codes) as NpyType[]).find(t => codes[t] === code)
  const shape = /'shape': \(([^)]*)\)/.exec(text)?.[1]
  if (!type || shape === undefined || text.includes("'fortran_order': True")) throw new Error(`unsupported .npy header: ${text.trim()}`)
  return {
    type,
    shape: shape
      .split(',')
      .filter(s => s.trim())
      .map(Number),
    offset: 10 + length,
  }
}

/** A whole .npy file in memory. */
export async function readNpy(path: string): Promise<{ readonly shape: readonly number[]; readonly data: NpyArray }> {
  const file = await open(path, 'r')
  try {
    const { type, shape, offset } = await readNpyHeader(file)
    const count = shape.reduce((a, b) => a * b, 1)
    const bytes = new Uint8Array(count * widths[type])
    const { bytesRead } = await file.read(bytes, 0, bytes.length, offset)
    if (bytesRead !== bytes.length) throw new Error(`${path} is cut short: ${bytesRead} of ${bytes.length} bytes`)
    const array = { float32: Float32Array, uint8: Uint8Array, int32: Int32Array, float64: Float64Array }[type]
    return { shape, data: new array(bytes.buffer, 0, count) }
  } finally {
    await file.close()
  }
}
