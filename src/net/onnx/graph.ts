import type { Device } from '../engine.ts'
import type { Attributes, Builder, Part, Signal, Value } from '../op.ts'
import type { Constant, Graph, Node, Port } from './proto.ts'

/** Operators of ONNX Runtime's own domain that graphs for training may use; exported models never do. */
const ownOperators = new Set(['FusedMatMul'])

/**
 * Matrices of so few numbers leave most of a GPU idle: of them one for each row is made, and these are summed. On an H100 that was
 * three times as fast for 64 x 64 numbers of 128 x 128 images, and slower from 128 x 128 numbers on; between the two nothing was measured.
 */
const fewPairs = 64 * 128

/** Collects nodes, constants and ports of one graph. */
export class GraphBuilder implements Builder {
  readonly #constants = new Map<string, Constant>()
  readonly #inputs: Port[] = []
  readonly #outputs: Port[] = []
  #dense = new Map<Part, Value>()
  readonly #counts = new Map<string, Value>()
  readonly #main: Node[] = []
  readonly #asides: Node[][] = []
  #nodes = this.#main
  readonly #renamed = new Map<string, string>()
  #counter = 0

  readonly webgpu: boolean

  constructor(device: Device = 'cpu') {
    this.webgpu = device === 'webgpu'
  }

  emit(type: string, inputs: readonly (Value | undefined)[], attributes: Attributes = {}): Value {
    return this.emitAll(type, inputs, 1, attributes)[0]!
  }

  emitAll(type: string, inputs: readonly (Value | undefined)[], outputs: number, attributes: Attributes = {}): readonly Value[] {
    const out = Array.from({ length: outputs }, () => ({ name: `${type}${++this.#counter}` }))
    const domain = ownOperators.has(type) ? 'com.microsoft' : ''
    this.#nodes.push({ type, domain, inputs: inputs.map(i => i?.name ?? ''), outputs: out.map(o => o.name), attributes })
    return out
  }

  scalar(x: number): Value {
    return this.#constant({ name: `float(${x})`, type: 'float32', shape: [], data: Float32Array.of(x) })
  }

  ints(...x: readonly number[]): Value {
    return this.#constant({ name: `ints(${x.join()})`, type: 'int64', shape: [x.length], data: BigInt64Array.from(x, BigInt) })
  }

  /** A weight that becomes part of the file. */
  weight(name: string, shape: readonly number[], data: Float32Array): Value {
    return this.#constant({ name, type: 'float32', shape, data })
  }

  #constant(c: Constant): Value {
    if (!this.#constants.has(c.name)) this.#constants.set(c.name, c)
    return { name: c.name }
  }

  dense(s: Signal): Value {
    const parts = s.map(p => this.#densePart(p))
    return parts.length === 1 ? parts[0]! : this.emit('Concat', parts, { axis: 1 })
  }

  #densePart(part: Part): Value {
    const known = this.#dense.get(part)
    if (known) return known
    const { base, channels, scale, shift, perImage = false } = part
    let y = base
    if (scale && shift) y = this.affine(base, scale, shift, channels, perImage)
    else if (scale) y = this.emit('Mul', [base, scale])
    else if (shift) y = this.emit('Add', [base, shift])
    this.#dense.set(part, y)
    return y
  }

  /** As a batch normalisation with mean 0 and variance 1: one pass where Mul and Add take two. Images become channels. */
  affine(x: Value, scale: Value, shift: Value, channels: number, perImage: boolean): Value {
    const [factors, terms] = [scale, shift].map(v => this.emit('Reshape', [v, this.ints(-1)])) as [Value, Value]
    const size = this.emit('Shape', [factors])
    const zeros = this.emit('ConstantOfShape', [size])
    const ones = this.emit('Expand', [this.scalar(1), size])
    const joined = perImage ? this.emit('Reshape', [x, this.ints(1, -1, 0, 0)]) : x
    const y = this.emit('BatchNormalization', [joined, factors, terms, zeros, ones], { epsilon: { float: 0 } })
    return perImage ? this.emit('Reshape', [y, this.ints(-1, channels, 0, 0)]) : y
  }

  sum(x: Value, ...axes: readonly number[]): Value {
    return this.emit('ReduceSum', [x, this.ints(...axes)], { keepdims: 1 })
  }

  // WebGPU has no FusedMatMul, and its sums over many voxels are slow where there are few of them: rows are summed first.
  voxelSums(x: Value, y: Value): { readonly sum: Value; readonly product: Value } {
    if (this.webgpu) {
      const overVoxels = (v: Value): Value => this.sum(this.sum(v, 3), 2)
      return { sum: overVoxels(x), product: overVoxels(this.emit('Mul', [x, y])) }
    }
    const flat = (v: Value): Value => this.emit('Reshape', [v, this.ints(0, 0, 1, -1)])
    const flatX = flat(x)
    const flatY = y === x ? flatX : flat(y)
    return { sum: this.sum(flatX, 3), product: this.emit('FusedMatMul', [flatX, flatY], { transB: 1 }) }
  }

  channelProducts(a: Value, b: Value, pairs: number): Value {
    const flat = (v: Value): Value => this.emit('Reshape', [v, this.ints(0, 0, -1)])
    const over = (v: Value, ...axes: readonly number[]): Value => this.emit('ReduceSum', [v, this.ints(...axes)], { keepdims: 0 })
    if (!this.webgpu) return over(this.emit('FusedMatMul', [flat(a), flat(b)], { transB: 1 }), 0)
    if (pairs > fewPairs) return over(this.emit('MatMul', [flat(a), this.emit('Transpose', [flat(b)], { perm: [0, 2, 1] })]), 0)
    const [rowsOfA, rowsOfB] = [this.emit('Transpose', [a], { perm: [0, 2, 1, 3] }), this.emit('Transpose', [b], { perm: [0, 2, 3, 1] })]
    return over(this.emit('MatMul', [rowsOfA, rowsOfB]), 0, 1)
  }

  count(x: Value, channels: number): Value {
    const key = `${x.name} ${channels}`
    const known = this.#counts.get(key)
    if (known) return known
    const count = this.emit('Cast', [this.emit('Div', [this.emit('Size', [x]), this.ints(channels)])], { to: 1 })
    this.#counts.set(key, count)
    return count
  }

  mask(layer: string, channels: number): Value {
    return this.input(`mask:${layer}`, ['n', channels])
  }

  input(name: string, shape: readonly (number | string)[]): Value {
    this.#inputs.push({ name, shape })
    return { name }
  }

  /** Makes a value an output of the graph, under that name. */
  output(name: string, value: Value, shape?: readonly (number | string)[]): void {
    this.#renamed.set(value.name, name)
    this.#outputs.push(shape ? { name, shape } : { name })
  }

  /**
   * Nodes that hang off the main chain, such as a layer's filter gradient and update. ONNX Runtime orders nodes by a
   * depth-first walk back from the last leaf of the file; asides are written in reverse, so the first aside made runs
   * first, as early as its inputs allow, and what it reads can be freed before the chain goes on.
   */
  aside<T>(body: () => T): T {
    const outer = { nodes: this.#nodes, dense: this.#dense }
    this.#nodes = []
    this.#dense = new Map(this.#dense)
    this.#asides.unshift(this.#nodes)
    try {
      return body()
    } finally {
      this.#nodes = outer.nodes
      this.#dense = outer.dense
    }
  }

  graph(name: string): Graph {
    const named = (names: readonly string[]) => names.map(n => this.#renamed.get(n) ?? n)
    const nodes = [...this.#main, ...this.#asides.flat()].map(n => ({ ...n, inputs: named(n.inputs), outputs: named(n.outputs) }))
    return { name, nodes, constants: [...this.#constants.values()], inputs: this.#inputs, outputs: this.#outputs }
  }
}
