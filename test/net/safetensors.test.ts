import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openPredictor } from '../../src/net/onnx/predictor.ts'
import { readSafetensors, writeSafetensors } from '../../src/net/safetensors.ts'
import { fitted, stateDictFile } from '../../src/net/state-dict.ts'
import { goldenCases, sharedTest, type Descriptor } from '../golden.ts'
import { goldenNet, goldenTensor, goldenTensors, largestDifference, type Packed, type UnetParams } from './golden-unet.ts'
import { messageOf } from '../message-of.ts'

const folder = 'models/unet'
interface Case {
  readonly name: string
  readonly params: UnetParams & { readonly is_2d?: boolean }
  readonly state_dict: Packed
  readonly inputs: readonly Descriptor[]
  readonly eval_outputs: readonly Descriptor[]
}
const cases = () => (goldenCases(folder) as { cases: readonly Case[] }).cases.filter(c => c.params.is_2d !== false)

/** A safetensors file as the format's page has it, read here without the reader under test. */
function opened(file: Uint8Array) {
  const buffer = Buffer.from(file)
  const length = Number(buffer.readBigUInt64LE(0))
  const { __metadata__, ...entries } = JSON.parse(buffer.toString('utf8', 8, 8 + length)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >
  const bytesOf = (name: string): Buffer => buffer.subarray(...(entries[name]!.data_offsets.map(at => 8 + length + at) as [number, number]))
  return { metadata: __metadata__ as unknown, entries, bytesOf, length, size: buffer.length }
}

sharedTest(`golden/${folder}`, "weights go out as the state_dict of ivadomed's Unet: every name, shape, type and bit", () => {
  expect(cases().length).toBeGreaterThan(5)
  for (const { name, params, state_dict } of cases()) {
    const weights = goldenTensors(folder, state_dict)
    const file = opened(stateDictFile(goldenNet(params), weights, {}))
    const wanted = state_dict.tensors.map(t => [t.name, t.offset === undefined ? 'I64' : 'F32', [...t.shape]])
    const found = Object.entries(file.entries).map(([key, { dtype, shape }]) => [key, dtype, shape])
    expect({ [name]: found.sort() }).toEqual({ [name]: wanted.sort() })
    for (const [key, { data }] of Object.entries(weights))
      expect(file.bytesOf(key).equals(Buffer.from(data.buffer, data.byteOffset, data.byteLength)), key).toBe(true)
    // The tensors lie one after the other, from the end of the header to that of the file, at multiples of 8 or 4.
    const ends = Object.values(file.entries).map(e => e.data_offsets)
    expect(ends.map(([from]) => from)).toEqual([0, ...ends.slice(0, -1).map(([, to]) => to)])
    expect([ends.at(-1)![1] + 8 + file.length, file.length % 8]).toEqual([file.size, 0])
  }
})

sharedTest(`golden/${folder}`, 'a state_dict comes in, and the network says what it says in PyTorch', async () => {
  for (const { name, params, state_dict, inputs, eval_outputs } of cases()) {
    const net = goldenNet(params)
    const file = byHand(state_dict, goldenTensors(folder, state_dict))
    const { weights, wrong } = fitted(net, readSafetensors(file, 'w.safetensors'))
    expect(wrong).toEqual([])
    const predictor = await openPredictor({ net, weights }, { threads: 1, device: 'cpu' })
    for (const [k, input] of inputs.entries()) {
      const { data } = await predictor.predict(goldenTensor(folder, input))
      expect({ [name]: largestDifference(data, goldenTensor(folder, eval_outputs[k]!).data) < 1e-4 }).toEqual({ [name]: true })
    }
    await predictor.close()
  }
})

/** A file as PyTorch's writer makes it: counters among the weights, numbers of one tensor as float64. */
function byHand(packed: Packed, weights: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>) {
  const [header, parts]: [Record<string, unknown>, Buffer[]] = [{ __metadata__: { format: 'pt' } }, []]
  let at = 0
  for (const { name, shape } of packed.tensors) {
    const data = weights[name]?.data
    const wide = name === 'decoder.last_conv.bias'
    const part = data ? Buffer.from((wide ? Float64Array.from(data) : data.slice()).buffer) : Buffer.alloc(8, 1)
    header[name] = { dtype: data ? (wide ? 'F64' : 'F32') : 'I64', shape, data_offsets: [at, at + part.length] }
    at += part.length
    parts.push(part)
  }
  const json = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json, ...parts])
}

test('a file that is none is told by what is wrong with it', () => {
  const good = Buffer.from(writeSafetensors({ a: { shape: [2], data: Float32Array.of(1, 2) } }, ['n'], {}))
  const of = (header: object): Buffer => {
    const json = Buffer.from(JSON.stringify(header))
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(json.length))
    return Buffer.concat([length, json, Buffer.alloc(8)])
  }
  expect(readSafetensors(good, 'w')).toEqual({ a: { shape: [2], data: Float32Array.of(1, 2) } })
  const wrong: readonly (readonly [Buffer, string])[] = [
    [Buffer.from('PK'), 'it ends before its header'],
    [Buffer.from('PK no weights at all'), 'its header is longer than the file'],
    [good.subarray(0, -1), 'it is cut short: "a" ends after'],
    [Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('no')]), 'its header is not JSON'],
    [of({ a: { dtype: 'F32' } }), 'does not say where "a" is'],
    [of({ a: { dtype: 'F16', shape: [4], data_offsets: [0, 8] } }), '"a" is of type F16'],
    [of({ a: { dtype: 'F32', shape: [4], data_offsets: [0, 8] } }), '"a" is [4] of F32, and has 8 bytes'],
  ]
  for (const [file, why] of wrong) expect(messageOf(() => readSafetensors(file, join('x', 'w.safetensors')))).toContain(why)
})

test('weights that do not fit are listed: of another shape, missing, and those that the network does not have', () => {
  const net = goldenNet({ in_channel: 1, out_channel: 1, depth: 1, n_filters: 2, dropout_rate: 0, bn_momentum: 0.1 })
  const bias = (n: number) => ({ shape: [n], data: new Float32Array(n) })
  const { wrong } = fitted(net, { 'encoder.down_path.0.conv1.bias': bias(3), 'film.bias': bias(1) })
  expect(wrong).toContain('encoder.down_path.0.conv1.bias: there 3, the network wants 2')
  expect(wrong).toContain('encoder.down_path.0.conv1.weight: missing, the network wants 2 x 1 x 3 x 3')
  expect(wrong.at(-1)).toBe('film.bias: the network has none')
})
