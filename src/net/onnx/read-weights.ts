import { fail } from '../../failure.ts'
import type { Tensor, Tensors } from '../net.ts'

/** A field of a message: its number, and its bytes (lengths and groups of bytes) or its number (varints). */
type Field = { readonly number: number } & ({ readonly value: number } | { readonly bytes: Uint8Array })

const decoder = new TextDecoder()

/**
 * The float32 initialisers of an `.onnx` file by name: the weights of a model that `exportModel` wrote, or anyone. Field numbers
 * are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. Throws a sentence where the bytes are no such file; with
 * the `path` of the file, a failure that names it.
 */
export function readWeights(file: Uint8Array, path?: string): Tensors {
  try {
    return weightsIn(file)
  } catch (error) {
    if (path === undefined || !(error instanceof Error)) throw error
    return fail({ kind: 'model-unreadable', path, detail: `its weights cannot be read: ${error.message}` })
  }
}

function weightsIn(file: Uint8Array): Tensors {
  const graph = [...fieldsOf(file)].find(field => field.number === 7)
  if (!graph || !('bytes' in graph)) throw new Error('it holds no graph')
  const tensors: Record<string, Tensor> = {}
  for (const field of fieldsOf(graph.bytes)) {
    if (field.number !== 5 || !('bytes' in field)) continue
    const found = tensorOf(field.bytes)
    if (found) tensors[found.name] = found.tensor
  }
  return tensors
}

const float32 = 1

/** A TensorProto; undefined where it is not of float32. */
function tensorOf(bytes: Uint8Array): { readonly name: string; readonly tensor: Tensor } | undefined {
  const shape: number[] = []
  let [name, type] = ['', 0]
  let raw: Uint8Array | undefined
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) shape.push(...('value' in field ? [field.value] : varintsOf(field.bytes)))
    else if (field.number === 2 && 'value' in field) type = field.value
    else if (field.number === 8 && 'bytes' in field) name = decoder.decode(field.bytes)
    // raw_data, or float_data as PyTorch's older exports have it: both are little-endian numbers in a row.
    else if ((field.number === 9 || field.number === 4) && 'bytes' in field) raw = field.bytes
    else if (field.number === 13) throw new Error('its weights are in another file')
  }
  if (type !== float32) return undefined
  const size = shape.reduce((a, b) => a * b, 1)
  if ((raw?.length ?? 0) !== 4 * size) throw new Error(`"${name}" is [${shape.join(', ')}], and holds ${raw?.length ?? 0} bytes`)
  return { name, tensor: { shape, data: new Float32Array(new Uint8Array(raw ?? []).buffer) } }
}

/** The fields of a message, in order (https://protobuf.dev/programming-guides/encoding/). */
function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0
  while (at < bytes.length) {
    const tag = varintAt(bytes, at)
    at = tag.next
    const number = Math.floor(tag.value / 8)
    const wire = tag.value % 8
    if (number === 0) throw new Error('it is not made of fields')
    if (wire === 0) {
      const { value, next } = varintAt(bytes, at)
      at = next
      yield { number, value }
      continue
    }
    const length = wire === 2 ? varintAt(bytes, at) : { value: { 1: 8, 5: 4 }[wire] ?? NaN, next: at }
    at = length.next + length.value
    if (!(at <= bytes.length)) throw new Error('it is cut short, or not made of fields')
    yield { number, bytes: bytes.subarray(length.next, at) }
  }
}

/** Seven bits a byte, least significant first. Sizes are below 2^53; of what is above (negative numbers), digits are lost. */
function varintAt(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) throw new Error('it is cut short')
    value += (byte & 127) * 2 ** (7 * i)
    if (byte < 128) return { value, next: at + i + 1 }
  }
  throw new Error('it is not made of fields')
}

function varintsOf(bytes: Uint8Array): readonly number[] {
  const values: number[] = []
  for (let at = 0; at < bytes.length;) {
    const { value, next } = varintAt(bytes, at)
    values.push(value)
    at = next
  }
  return values
}
