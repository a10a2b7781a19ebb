import { fail } from '../../failure.ts'
import type { Tensor, Tensors } from '../net.ts'
import { sizeOf } from '../shapes.ts'

/** One field of a protocol-buffer message: its number, and its value; the 4 and 8 bytes of plain numbers are passed over. */
interface Field {
  readonly field: number
  readonly value: number | Uint8Array
}
const float32 = 1
/** Tells a bad file from a bug. */
class NotOnnx extends Error {}

/**
 * The weights and running statistics inside an `.onnx` file, by name: its float32 initialisers that lie in the file as raw data, as
 * `exportModel` writes them. Field numbers as in `proto.ts`.
 */
export function readWeights(file: Uint8Array, path = 'the model'): Tensors {
  try {
    const tensors = messages(file, 7).flatMap(graph => messages(graph, 5).map(tensorOf))
    return Object.fromEntries(tensors.filter(t => t !== undefined))
  } catch (error) {
    if (!(error instanceof NotOnnx)) throw error
    return fail({ kind: 'model-unreadable', path, detail: `its weights cannot be read: ${error.message}` })
  }
}

function tensorOf(message: Uint8Array): readonly [string, Tensor] | undefined {
  const all = [...fields(message)]
  const of = (field: number) => all.filter(f => f.field === field).map(f => f.value)
  const [type, name, raw] = [of(2)[0], of(8)[0], of(9)[0]]
  if (type !== float32 || typeof name !== 'object' || typeof raw !== 'object') return undefined
  const shape = of(1).map(Number)
  if (raw.length !== 4 * sizeOf(shape)) throw new NotOnnx(`a tensor of ${shape.join(' x ')} has ${raw.length} bytes`)
  // A copy, which begins at a multiple of four bytes; what Buffer.slice gives would be none.
  return [new TextDecoder().decode(name), { shape, data: new Float32Array(new Uint8Array(raw).buffer) }]
}

/** The messages in a field that may be repeated. */
const messages = (bytes: Uint8Array, field: number): readonly Uint8Array[] =>
  [...fields(bytes)].flatMap(f => (f.field === field && typeof f.value === 'object' ? [f.value] : []))

function* fields(bytes: Uint8Array): Generator<Field, void, undefined> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++]
      if (byte === undefined || factor > 2 ** 63) throw new NotOnnx('it is cut short, or no .onnx file')
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new NotOnnx('it is cut short, or no .onnx file')
    return bytes.subarray(at, (at += length))
  }
  while (at < bytes.length) {
    const tag = varint()
    const field = Math.floor(tag / 8)
    if (tag % 8 === 0) yield { field, value: varint() }
    else if (tag % 8 === 2) yield { field, value: take(varint()) }
    else if (tag % 8 === 1) take(8)
    else if (tag % 8 === 5) take(4)
    else throw new NotOnnx('it is no .onnx file')
  }
}
