import type { Shape } from '../net.ts'
import type { Builder, Tf, TfTensor, Value } from '../op.ts'

/** Networks for several classes have a channel for the background, the first, which is not part of the prediction. */
export const dropFirst = {
  shape: (x: Shape, drop: boolean): Shape => (drop ? [Number(x[0]) - 1, ...x.slice(1)] : x),
  onnx: (g: Builder, x: Value, drop: boolean): Value => (drop ? g.emit('Slice', [x, g.ints(1), g.ints(2 ** 31), g.ints(1)]) : x),
  tfjs: (_tf: Tf, x: TfTensor, drop: boolean): TfTensor => (drop ? x.slice([0, 0, 0, 1], [-1, -1, -1, -1]) : x),
}

/** The gradient of `dropFirst`: zeros in the first channel. */
export const withFirst = (g: Builder, dy: Value, dropped: boolean): Value =>
  dropped ? g.emit('Pad', [dy, g.ints(0, 1, 0, 0, 0, 0, 0, 0)]) : dy
