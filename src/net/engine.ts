import type { Compute } from '../node.ts'
import type { Net, Tensor, Tensors } from './net.ts'

/** Where networks run. Each engine knows some of them. */
export type Device = Compute['device']

/** A model: a file that `exportModel` wrote, or anyone; or a network with its weights. */
export type ModelSource = string | Uint8Array | { readonly net: Net; readonly weights: Tensors }

export interface RunOptions {
  readonly threads: number
  readonly device: Device
}

/** What to train: the loss by its name in `losses/`, and the optimiser. */
export interface TrainPlan {
  readonly loss: { readonly name: string; readonly params: Readonly<Record<string, unknown>> }
  readonly optimiser: { readonly name: 'adam'; readonly beta1?: number; readonly beta2?: number; readonly epsilon?: number }
  readonly threads: number
  readonly device: Device
  /** Layers that stay as they are, to the bit, and work as in evaluation (running statistics); none that is trained comes before. */
  readonly frozen?: readonly string[] | undefined
}

/** Runs networks: `onnx/engine.ts` and `tfjs/engine.ts`. */
export interface Engine {
  readonly name: 'onnx' | 'tfjs'
  /** For the fingerprint: `onnxruntime-node 1.30.0`. */
  readonly version: string
  /** A trainer from these weights (all of the network's, and its running statistics); any batch size and spatial size. */
  trainer(net: Net, weights: Tensors, plan: TrainPlan): Promise<Trainer>
  /** Runs a model. `tfjs` takes no files: they do not say their layers in our words. */
  predictor(model: ModelSource, options: RunOptions): Promise<Predictor>
  /** Runs a network in evaluation mode, but for its dropout layers, which are on: a sample of what it might say. */
  sampler(net: Net, weights: Tensors, options: RunOptions): Promise<DropoutSampler>
}

export interface Predictor {
  /** How many pixels it is best given at a time. */
  readonly pixelsAtOnce: number
  /** [N, C, H, W] to [N, K, H, W]. */
  predict(x: Tensor): Promise<Tensor>
  close(): Promise<void>
}

/** A dropout layer, and how many masks an image needs there. */
export interface DropoutLayer {
  readonly id: string
  readonly rate: number
  readonly channels: number
}

export interface DropoutSampler {
  /** Dropout layers in order: the shape of what `sample` takes as `masks`. */
  readonly dropouts: readonly DropoutLayer[]
  /** [N, C, H, W] to [N, K, H, W]. `masks`: as for `Trainer.step`; all ones give the plain prediction. */
  sample(x: Tensor, masks: readonly Float32Array[]): Promise<Tensor>
  close(): Promise<void>
}

export interface Trainer {
  /** Dropout layers in order, with their channel counts: the shape of what `step` takes as `masks`. */
  readonly dropouts: readonly DropoutLayer[]
  /**
   * One step of the optimiser on a batch: x [N, C, H, W], y [N, K, H, W]. `masks`: per dropout layer [N, channels] of
   * 0 or 1/(1-rate), drawn by the caller's seeded generator. Returns the loss before the update.
   */
  step(
    batch: { readonly x: Tensor; readonly y: Tensor; readonly masks: readonly Float32Array[] },
    learningRate: number,
  ): Promise<{ readonly loss: number }>
  /** The loss and the prediction in evaluation mode (running statistics, no dropout); nothing changes. */
  evaluate(batch: { readonly x: Tensor; readonly y: Tensor }): Promise<{ readonly loss: number; readonly prediction: Tensor }>
  /** Weights and running statistics, copied. */
  weights(): Promise<Tensors>
  /** All that a resumed training needs to go on as if it had not stopped: weights, running statistics, optimiser state. */
  state(): Promise<Tensors>
  restore(state: Tensors): Promise<void>
  close(): Promise<void>
}
