import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import type { RunOptions } from '../engine.ts'
import type { Tensor } from '../net.ts'
import { sizeOf } from '../shapes.ts'
import { GraphBuilder } from './graph.ts'
import { modelFile } from './proto.ts'
import { loadRuntime, openSession } from './runtime.ts'
import { port } from './train-graph.ts'

/** What a step reads and replaces: weights, running statistics, the optimiser's averages; by name. */
export interface StepState {
  readonly feeds: Readonly<Record<string, OrtTensor>>
  /** Where a step is to write each: a tensor of ours, or null, for a new one. */
  readonly fetches: Readonly<Record<string, OrtTensor | null>>
  /** What a step writes that stays on a device: names of outputs. */
  readonly onDevice: readonly string[]
  /** Told of what a step wrote: it is the state from now on. */
  renew(written: Readonly<Record<string, OrtTensor>>): void
  /** The values of some names, copied. */
  read(names: Iterable<string>): Promise<ReadonlyMap<string, Tensor>>
  /** Takes the values of the names that are in the state. */
  write(values: (name: string, shape: readonly number[]) => Float32Array): void
  close(): Promise<void>
}

type Values = ReadonlyMap<string, Tensor>

/** `swapped` is read in many places of a step; each of `inPlace` once, by the node that writes it. */
export async function stepState(swapped: Values, inPlace: Values, options: RunOptions): Promise<StepState> {
  return options.device === 'webgpu' ? onDevice(new Map([...swapped, ...inPlace]), options) : inMemory(swapped, inPlace)
}

/** In the memory of the processor: of `swapped` there are two copies, which change places after each step. */
async function inMemory(swapped: Values, inPlace: Values): Promise<StepState> {
  const ort = await loadRuntime()
  const tensor = (shape: readonly number[], data: Float32Array): OrtTensor => new ort.Tensor('float32', data, [...shape])
  const copies = (values: Values) => new Map([...values].map(([name, { shape, data }]) => [name, tensor(shape, data.slice())]))
  const rooms = (values: Values) => new Map([...values].map(([name, { shape }]) => [name, tensor(shape, new Float32Array(sizeOf(shape)))]))
  const fixed = copies(inPlace)
  let [now, next] = [copies(swapped), rooms(swapped)]
  return {
    get feeds() {
      return Object.fromEntries([...now, ...fixed])
    },
    get fetches() {
      return Object.fromEntries([...next, ...fixed].map(([name, t]) => [port.next(name), t]))
    },
    onDevice: [],
    renew() {
      ;[now, next] = [next, now]
    },
    async read(names) {
      const all = new Map([...now, ...fixed])
      return new Map(
        Array.from(names, name => {
          const { dims, data } = all.get(name)!
          return [name, { shape: dims, data: (data as Float32Array).slice() }]
        }),
      )
    },
    write(values) {
      for (const [name, t] of [...now, ...fixed]) (t.data as Float32Array).set(values(name, t.dims))
    },
    async close() {},
  }
}

/** In the memory of WebGPU's device: what a step writes stays there, and is read by the next. */
async function onDevice(values: Values, options: RunOptions): Promise<StepState> {
  const ort = await loadRuntime()
  const upload = ({ shape, data }: Tensor): OrtTensor => new ort.Tensor('float32', data, [...shape])
  let now = new Map([...values].map(([name, value]) => [name, upload(value)]))
  let reader: InferenceSession | undefined
  const replace = (by: Map<string, OrtTensor>): void => {
    for (const t of now.values()) t.dispose()
    now = by
  }
  return {
    get feeds() {
      return Object.fromEntries(now)
    },
    get fetches() {
      return Object.fromEntries([...now.keys()].map(name => [port.next(name), null]))
    },
    onDevice: [...values.keys()].map(port.next),
    renew(written) {
      replace(new Map([...now.keys()].map(name => [name, written[port.next(name)]!])))
    },
    // ONNX Runtime's binding for Node.js cannot read a buffer of the device by itself: a graph that only copies can.
    async read(names) {
      reader ??= await openSession(copies(values), options)
      const wanted = [...names]
      const read = await reader.run(Object.fromEntries(now), wanted.map(port.next))
      return new Map(
        wanted.map(name => {
          const { dims, data } = read[port.next(name)]!
          return [name, { shape: dims, data: data as Float32Array }]
        }),
      )
    },
    write(value) {
      replace(new Map([...now].map(([name, { dims }]) => [name, upload({ shape: dims, data: value(name, dims).slice() })])))
    },
    async close() {
      replace(new Map())
      await reader?.release()
    },
  }
}

function copies(values: Values): Uint8Array {
  const g = new GraphBuilder('webgpu')
  for (const [name, { shape }] of values) g.output(port.next(name), g.emit('Identity', [g.input(name, shape)]), shape)
  return modelFile(g.graph('read'))
}
