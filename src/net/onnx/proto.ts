/** Writes ONNX files. Only the fields that we use of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; numbers in comments are field numbers. */

/** Bytes in pieces, so that weights are copied once, at the end. */
interface Bytes {
  readonly length: number
  readonly pieces: readonly Uint8Array[]
}
const join = (parts: readonly Bytes[]): Bytes => ({
  length: parts.reduce((sum, p) => sum + p.length, 0),
  pieces: parts.flatMap(p => p.pieces),
})
const piece = (bytes: Uint8Array): Bytes => ({ length: bytes.length, pieces: [bytes] })

/** Seven bits a byte, least significant first; negative numbers as 64-bit two's complement. */
function varint(value: number): Bytes {
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return piece(Uint8Array.from(bytes))
}
const integer = (field: number, value: number): Bytes => join([varint(field << 3), varint(value)])
const message = (field: number, ...parts: readonly Bytes[]): Bytes => {
  const body = join(parts)
  return join([varint((field << 3) | 2), varint(body.length), body])
}
const bytes = (field: number, value: Uint8Array): Bytes => message(field, piece(value))
const text = (field: number, value: string): Bytes => bytes(field, new TextEncoder().encode(value))
const float = (field: number, value: number): Bytes =>
  join([varint((field << 3) | 5), piece(new Uint8Array(Float32Array.of(value).buffer))])

/** Plain numbers are integers; `{ float }` says otherwise; `{ graph }` is the body of a loop. */
export type Attribute = number | string | readonly number[] | { readonly float: number } | { readonly graph: Graph }
export interface Node {
  readonly type: string
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, Attribute>>
}
export type Constant = { readonly name: string; readonly shape: readonly number[] } & (
  { readonly type: 'float32'; readonly data: Float32Array } | { readonly type: 'int64'; readonly data: BigInt64Array }
)
/** A float32 input or output; a size that is a word is known at run time. No shape at all: inferred. */
export interface Port {
  readonly name: string
  readonly shape?: readonly (number | string)[]
}
export interface Graph {
  readonly name: string
  readonly nodes: readonly Node[]
  readonly constants: readonly Constant[]
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
}

const elementTypes = { float32: 1, int64: 7 } as const
const tensor = (field: number, c: Constant): Bytes =>
  message(
    field,
    ...c.shape.map(d => integer(1, d)), // dims
    integer(2, elementTypes[c.type]),
    text(8, c.name),
    bytes(9, new Uint8Array(c.data.buffer, c.data.byteOffset, c.data.byteLength)), // raw_data, little-endian
  )

function attribute(name: string, value: Attribute): Bytes {
  const body = (type: number, ...parts: Bytes[]): Bytes => message(5, text(1, name), ...parts, integer(20, type))
  if (typeof value === 'number') return body(2, integer(3, value))
  if (typeof value === 'string') return body(3, text(4, value))
  if ('float' in value) return body(1, float(2, value.float))
  if ('graph' in value) return body(5, message(6, graph(value.graph)))
  return body(7, ...value.map(v => integer(8, v)))
}

const node = (n: Node, index: number): Bytes =>
  message(
    1,
    ...n.inputs.map(i => text(1, i)),
    ...n.outputs.map(o => text(2, o)),
    text(3, `${n.type}_${index}`),
    text(4, n.type),
    ...Object.entries(n.attributes).map(([k, v]) => attribute(k, v)),
    ...(n.domain ? [text(7, n.domain)] : []),
  )

function port(field: number, p: Port): Bytes {
  const shape = p.shape && message(2, ...p.shape.map(d => message(1, typeof d === 'number' ? integer(1, d) : text(2, d))))
  return message(field, text(1, p.name), message(2, message(1, integer(1, elementTypes.float32), ...(shape ? [shape] : []))))
}

const graph = (g: Graph): Bytes =>
  join([
    ...g.nodes.map(node),
    text(2, g.name),
    ...g.constants.map(c => tensor(5, c)),
    ...g.inputs.map(i => port(11, i)),
    ...g.outputs.map(o => port(12, o)),
  ])

/** The bytes of an `.onnx` file: IR version 8, operator set 17, and ONNX Runtime's own domain where a node uses it. */
export function modelFile(g: Graph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const domains = new Set(['', ...domainsOf(g)])
  const all = join([
    integer(1, 8),
    text(2, 'voxelpipe'),
    message(7, graph(g)),
    ...[...domains].map(d => message(8, text(1, d), integer(2, d ? 1 : 17))),
    ...Object.entries(metadata).map(([key, value]) => message(14, text(1, key), text(2, value))),
  ])
  const out = new Uint8Array(all.length)
  let at = 0
  for (const p of all.pieces) {
    out.set(p, at)
    at += p.length
  }
  return out
}

const domainsOf = (g: Graph): string[] =>
  g.nodes.flatMap(n => [
    n.domain,
    ...Object.values(n.attributes).flatMap(a => (typeof a === 'object' && 'graph' in a ? domainsOf(a.graph) : [])),
  ])
