import type { z } from 'zod'
import type * as TF from '@tensorflow/tfjs'
import type { Shape } from './net.ts'

/** A named value in a graph under construction. */
export interface Value {
  readonly name: string
}

/**
 * Channels that lie side by side: value = base * scale + shift, with scale and shift per image (or 1) and channel, [N or 1, C, 1, 1].
 * Batch norm and dropout only write scale and shift; concat only lists parts. What needs the numbers asks `Builder.dense`.
 */
export interface Part {
  readonly base: Value
  readonly channels: number
  readonly scale?: Value | undefined
  readonly shift?: Value | undefined
  /** scale and shift differ between images: [N, C, 1, 1]. */
  readonly perImage?: boolean
}
/** What flows between layers, forwards and backwards. */
export type Signal = readonly Part[]

export const channelsOf = (s: Signal): number => s.reduce((sum, p) => sum + p.channels, 0)

/** How a node is written: plain numbers are integers. */
export type Attributes = Readonly<Record<string, number | string | readonly number[] | { readonly float: number }>>

/** Writes ONNX nodes. `emit('Mul', [a, b])` returns the product. */
export interface Builder {
  /** The graph is for WebGPU, whose kernels are fewer: MaxPool gives no indices. */
  readonly webgpu: boolean
  emit(type: string, inputs: readonly (Value | undefined)[], attributes?: Attributes): Value
  /** A node with several outputs. */
  emitAll(type: string, inputs: readonly (Value | undefined)[], outputs: number, attributes?: Attributes): readonly Value[]
  /** A float32 constant. */
  scalar(x: number): Value
  /** An int64 constant, one axis. */
  ints(...x: readonly number[]): Value
  /** One tensor with all channels, as it is. */
  dense(s: Signal): Value
  /** x * scale + shift in one pass over the tensor; scale and shift [1, C, 1, 1], or [N, C, 1, 1] where they are per image. */
  affine(x: Value, scale: Value, shift: Value, channels: number, perImage: boolean): Value
  /** The sum over some axes, which stay with size 1. */
  sum(x: Value, ...axes: readonly number[]): Value
  /** The sums of x and of x * y over the voxels of each image and channel: [N, C, H, W] to [N, C, 1, 1]. */
  voxelSums(x: Value, y: Value): { readonly sum: Value; readonly product: Value }
  /** The sums over images and voxels of the products of two channels: [N, A, H, W] and [N, B, H, W] to [A, B]. `pairs`: A * B. */
  channelProducts(a: Value, b: Value, pairs: number): Value
  /** The number of images times voxels of [N, channels, H, W]: float32 scalar. */
  count(x: Value, channels: number): Value
  /** The channel masks of a dropout layer: a graph input [N, channels]. */
  mask(layer: string, channels: number): Value
}

export interface WeightSpec {
  readonly shape: readonly number[]
  /** `uniform`: within the bound on both sides, as PyTorch starts its convolutions. */
  readonly init: 'zeros' | 'ones' | { readonly uniform: number }
  /** False: statistics that the forward pass renews, not the optimiser. */
  readonly trained: boolean
}

export interface Context {
  readonly layer: string
  readonly training: boolean
  /** Channels of each input. */
  readonly channels: readonly number[]
}
/** Which inputs need a gradient; those before the first weight do not. */
export interface BackwardContext extends Context {
  readonly wanted: readonly boolean[]
}
export type Weights<V> = Readonly<Record<string, V>>
export type TfTensor = TF.Tensor
export type Tf = typeof TF
export interface TfContext {
  readonly training: boolean
  /** Of a dropout layer: [N, channels]. */
  readonly mask?: TfTensor | undefined
  /** Told of new running statistics, in training. */
  readonly renew?: ((weight: string, value: TfTensor) => void) | undefined
}
/** The four sizes of an image batch or a filter. */
export const sizes4 = ({ shape: [a, b, c, d] }: TfTensor): [number, number, number, number] => [a, b!, c!, d!]

/**
 * One operation, told once: its shape rule, its weights, its arithmetic for each engine.
 * `backward` is written by hand for ONNX; TensorFlow.js differentiates `tfjs` by itself, so each checks the other.
 */
export interface Op<A, S = unknown> {
  readonly attrs: z.ZodType<A>
  /** It mixes the images of a batch in evaluation mode too, so a batch cannot be evaluated in pieces. */
  readonly mixesBatch?: boolean
  /** The output shape without the batch, or a sentence saying why these inputs do not fit. */
  shape(inputs: readonly Shape[], attrs: A): Shape | string
  weights?(inputs: readonly Shape[], attrs: A): Readonly<Record<string, WeightSpec>>
  /** For dropout: what share of the channels is dropped. */
  dropRate?(attrs: A): number
  /** `saved` is what the backward pass needs; `renewed` the new running statistics, in training. */
  forward(
    g: Builder,
    x: readonly Signal[],
    w: Weights<Value>,
    attrs: A,
    c: Context,
  ): { readonly y: Signal; readonly saved: S; readonly renewed?: Weights<Value> }
  /** From dL/dy: dL/dx for each input (null: none flows), and dL/dw for each trained weight, in the weight's shape. */
  backward(
    g: Builder,
    dy: Signal,
    saved: S,
    w: Weights<Value>,
    attrs: A,
    c: BackwardContext,
  ): { readonly dx: readonly (Signal | null)[]; readonly dw?: () => Weights<Value> }
  /** The same in TensorFlow.js, channels last: [N, H, W, C]. Weights have the shapes of `weights`. */
  tfjs(tf: Tf, x: readonly TfTensor[], w: Weights<TfTensor>, attrs: A, c: TfContext): TfTensor
}

/** Gives a literal its types, and hides `A` and `S` from lists of ops: `attrs` is parsed by the op's own schema. */
export const defineOp = <A, S>(op: Op<A, S>): Op<A, S> => op
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a list of ops of every kind
export type AnyOp = Op<any, any>

/** A signal of one plain tensor. */
export const plain = (base: Value, channels: number): Signal => [{ base, channels }]
