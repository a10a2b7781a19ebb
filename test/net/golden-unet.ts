import { models } from '../../src/net/models/index.ts'
import type { Net, Tensor, Tensors } from '../../src/net/net.ts'
import { goldenArray, type Descriptor } from '../golden.ts'

/** Several tensors in one raw file of the golden numbers. */
export interface Packed {
  readonly file: string
  readonly tensors: readonly {
    readonly name: string
    readonly shape: readonly number[]
    readonly dtype: string
    readonly offset?: number
  }[]
}
export interface UnetParams {
  readonly in_channel: number
  readonly out_channel: number
  readonly depth: number
  readonly n_filters: number
  readonly dropout_rate: number
  readonly bn_momentum: number
  readonly final_activation?: string
}

/** Our network for ivadomed's constructor parameters: it counts the background among the classes. */
export function goldenNet(p: UnetParams): Net {
  const { in_channel, out_channel, depth, n_filters, dropout_rate, bn_momentum, final_activation } = p
  const classes = out_channel > 1 ? out_channel - 1 : 1
  const params = { channels: in_channel, classes, depth, n_filters, dropout_rate, bn_momentum, final_activation }
  return models.Unet.net(models.Unet.params.parse(params))
}

export function goldenTensor(folder: string, d: Descriptor): Tensor {
  return { shape: d.shape, data: Float32Array.from(goldenArray(folder, d)) }
}

export function goldenTensors(folder: string, packed: Packed): Tensors {
  const all = goldenArray(folder, { file: packed.file, shape: [], dtype: 'float32' })
  const floats = packed.tensors.filter(t => t.offset !== undefined)
  return Object.fromEntries(
    floats.map(({ name, shape, offset }) => [
      name,
      { shape, data: Float32Array.from(all.slice(offset, offset! + shape.reduce((a, b) => a * b, 1))) },
    ]),
  )
}

/** The largest |a - b|. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) throw new Error(`${a.length} numbers, and ${b.length}`)
  let most = 0
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i]! - b[i]!)
    if (!(d <= most)) most = d
  }
  return most
}
