import { z } from 'zod'
import { fail } from '../failure.ts'
import type { Tensor, Tensors } from './net.ts'

// A file: the header's length (uint64, little-endian), the header (JSON: of each tensor its type, shape and where its bytes lie,
// counted from the end of the header), the bytes. https://github.com/huggingface/safetensors#format

const entry = z.object({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
})
const headerSchema = z.record(z.string(), z.unknown())

/** Types of floats, by the format's names. Whole numbers (the counters of batch norm) are no weights, and left alone. */
const floats = {
  F32: { bytes: 4, read: (view: DataView, at: number) => view.getFloat32(at, true) },
  F64: { bytes: 8, read: (view: DataView, at: number) => view.getFloat64(at, true) },
} as const
const otherFloats = ['F16', 'BF16', 'F8_E4M3', 'F8_E5M2']

/** The tensors of floats in a safetensors file, by name. `path` is for messages. */
export function readSafetensors(file: Uint8Array, path: string): Tensors {
  const refuse = (detail: string): never => fail({ kind: 'weights-unreadable', path, detail })
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (file.length < 8) return refuse('it ends before its header')
  const start = 8 + Number(view.getBigUint64(0, true))
  if (!(start <= file.length)) return refuse('its header is longer than the file: it is cut short, or no safetensors')
  const header = headerSchema.safeParse(parsed(new TextDecoder().decode(file.subarray(8, start))))
  if (!header.success) return refuse('its header is not JSON')
  const tensors: Record<string, Tensor> = {}
  for (const [name, value] of Object.entries(header.data)) {
    if (name === '__metadata__') continue
    const found = entry.safeParse(value)
    if (!found.success) return refuse(`its header does not say where "${name}" is`)
    const { dtype, shape, data_offsets: at } = found.data
    if (otherFloats.includes(dtype)) return refuse(`"${name}" is of type ${dtype}: only F32 and F64 are read (model.float() in PyTorch)`)
    if (!(dtype in floats)) continue
    const { bytes, read } = floats[dtype as keyof typeof floats]
    const count = shape.reduce((a, b) => a * b, 1)
    if (at[1] - at[0] !== bytes * count) return refuse(`"${name}" is [${shape.join(', ')}] of ${dtype}, and has ${at[1] - at[0]} bytes`)
    if (start + at[1] > file.length) return refuse(`it is cut short: "${name}" ends after ${start + at[1]} bytes of ${file.length}`)
    tensors[name] = { shape, data: Float32Array.from({ length: count }, (_, i) => read(view, start + at[0] + bytes * i)) }
  }
  return tensors
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A safetensors file of float32 tensors, and of counters (int64 without a shape, all 0). Equal tensors give equal bytes. */
export function writeSafetensors(tensors: Tensors, counters: readonly string[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata }
  let end = 0
  const place = (name: string, dtype: string, shape: readonly number[], bytes: number): void => {
    header[name] = { dtype, shape, data_offsets: [end, end + bytes] }
    end += bytes
  }
  // The widest first, so that all are aligned: as the format's own writer has it.
  for (const name of counters) place(name, 'I64', [], 8)
  for (const [name, { shape, data }] of Object.entries(tensors)) place(name, 'F32', shape, data.byteLength)
  const json = Buffer.from(JSON.stringify(header))
  const start = 8 + 8 * Math.ceil(json.length / 8)
  const file = Buffer.alloc(start + end)
  file.writeBigUInt64LE(BigInt(start - 8), 0)
  json.copy(file, 8)
  file.fill(' ', 8 + json.length, start)
  let at = start + 8 * counters.length
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return file
}
