import type { z } from 'zod'
import type { Builder, Tf, TfTensor, Value } from './op.ts'

/** What training makes small: a number from a prediction and a target, both [N, K, H, W]. */
export interface Loss<P> {
  readonly params: z.ZodType<P>
  /** `gradient` with respect to the prediction, where it is wanted. */
  onnx(g: Builder, prediction: Value, target: Value, params: P): LossValues
  tfjs(tf: Tf, prediction: TfTensor, target: TfTensor, params: P): TfTensor
}
export interface LossValues {
  readonly loss: Value
  readonly gradient: () => Value
}
/** Gives a literal its types. */
export const defineLoss = <P>(loss: Loss<P>): Loss<P> => loss
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a list of losses of every kind
export type AnyLoss = Loss<any>

type Term = Value | number
/** Formulas in a graph: numbers stand for constants. Sums go row by row first, so that float32 keeps its digits. */
export function arithmetic(g: Builder) {
  const value = (t: Term): Value => (typeof t === 'number' ? g.scalar(t) : t)
  const binary =
    (type: string) =>
    (a: Term, b: Term): Value =>
      g.emit(type, [value(a), value(b)])
  const unary =
    (type: string) =>
    (a: Value): Value =>
      g.emit(type, [a])
  const rows = (a: Value): Value => g.sum(a, 3)
  return {
    add: binary('Add'),
    sub: binary('Sub'),
    mul: binary('Mul'),
    div: binary('Div'),
    pow: binary('Pow'),
    max: binary('Max'),
    equal: binary('Equal'),
    less: binary('Less'),
    neg: unary('Neg'),
    log: unary('Log'),
    exp: unary('Exp'),
    abs: unary('Abs'),
    sign: unary('Sign'),
    where: (condition: Value, a: Term, b: Term): Value => g.emit('Where', [condition, value(a), value(b)]),
    clip: (a: Value, low: number, high: number): Value => g.emit('Clip', [a, g.scalar(low), g.scalar(high)]),
    /** 1 where true, 0 where not. */
    number: (condition: Value): Value => g.emit('Cast', [condition], { to: 1 }),
    /** Over everything: a scalar. */
    total: (a: Value): Value => g.emit('ReduceSum', [rows(a)], { keepdims: 0 }),
    /** Over images and voxels: [1, K, 1, 1]. */
    perClass: (a: Value): Value => g.sum(rows(a), 0, 2),
    /** Over voxels: [N, K, 1, 1]. */
    perImageAndClass: (a: Value): Value => g.sum(rows(a), 2),
    /** Over classes: [N, 1, H, W]. */
    overClasses: (a: Value): Value => g.sum(a, 1),
    mean: (a: Value): Value => g.emit('ReduceMean', [a], { keepdims: 0 }),
    /** How many numbers there are. */
    size: (a: Value): Value => g.emit('Cast', [g.emit('Size', [a])], { to: 1 }),
    /** Some channels, in that order. */
    channels: (a: Value, which: readonly number[]): Value => g.emit('Gather', [a, g.ints(...which)], { axis: 1 }),
  }
}
