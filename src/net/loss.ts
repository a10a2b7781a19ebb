import type { z } from 'zod'
import type { Builder, Tf, TfTensor, Value } from './op.ts'

/** What training makes small: a number from a prediction and a target, both [N, K, H, W]. */
export interface Loss<P> {
  readonly params: z.ZodType<P>
  /** `gradient` with respect to the prediction, where it is wanted. */
  onnx(g: Builder, prediction: Value, target: Value, params: P): { readonly loss: Value; readonly gradient: () => Value }
  tfjs(tf: Tf, prediction: TfTensor, target: TfTensor, params: P): TfTensor
}
/** Gives a literal its types. */
export const defineLoss = <P>(loss: Loss<P>): Loss<P> => loss
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a list of losses of every kind
export type AnyLoss = Loss<any>

/** Over everything: row by row first, so that float32 keeps its digits. A scalar of shape []. */
export const total = (g: Builder, x: Value): Value => g.emit('ReduceSum', [g.sum(x, 3)], { keepdims: 0 })
