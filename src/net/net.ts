/** Sizes of a tensor: batch, channels, then the spatial axes. 'n', 'h', 'w' are known at run time only. */
export type Size = number | string
export type Shape = readonly Size[]

/** One layer: the op it is made by, the layers (or inputs) it reads, and its settings. */
export interface Layer {
  readonly id: string
  readonly op: string
  readonly inputs: readonly string[]
  readonly attrs?: Readonly<Record<string, unknown>>
}

/** A network is data: a list of layers in order of computation. Hashable, printable, diffable. */
export interface Net {
  /** Name -> shape without the batch: channels and spatial axes. */
  readonly inputs: Readonly<Record<string, Shape>>
  readonly layers: readonly Layer[]
  /** The layer whose value is the prediction. */
  readonly output: string
}

/** Named float32 arrays: weights, running statistics, optimiser state. Names as PyTorch has them in ivadomed's state_dict. */
export interface Tensor {
  readonly shape: readonly number[]
  readonly data: Float32Array
}
export type Tensors = Readonly<Record<string, Tensor>>
