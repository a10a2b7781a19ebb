import { z } from 'zod'
import { type Builder, channelsOf, defineOp, plain, sizes4, type TfTensor, type Value } from '../op.ts'

/** The first input enlarged to the second one's height and width: bilinear, corner voxels on corner voxels (align_corners). */
export const upsample = defineOp({
  attrs: z.object({}),
  shape([x, like]) {
    if (!x || !like) return 'upsample takes two inputs: what to enlarge, and what has the size wanted'
    return [x[0]!, ...like.slice(1)]
  },
  forward(g, [signal, like], _w, _attrs, { training }) {
    const x = g.dense(signal!)
    const channels = channelsOf(signal!)
    if (!training) {
      const size = g.emit('Concat', [slice(g, g.emit('Shape', [x]), 0, 2), slice(g, g.emit('Shape', [g.dense(like!)]), 2, 4)], { axis: 0 })
      const mode = { mode: 'linear', coordinate_transformation_mode: 'align_corners' }
      return { y: plain(g.emit('Resize', [x, undefined, undefined, size], mode), channels), saved: undefined }
    }
    // Two products: rows [H, h], then columns [w, W].
    const reference = like![0]!.base
    const rows = hats(g, x, reference, 2)
    const columns = hats(g, x, reference, 3)
    const turned = { rows: transposed(g, rows), columns: transposed(g, columns) }
    const y = g.emit('MatMul', [g.emit('MatMul', [rows, x]), turned.columns])
    return { y: plain(y, channels), saved: { rows: turned.rows, columns } }
  },
  backward(g, dy, saved) {
    if (!saved) throw new Error('backward of an evaluation')
    const dx = g.emit('MatMul', [saved.rows, g.emit('MatMul', [g.dense(dy), saved.columns])])
    return { dx: [plain(dx, channelsOf(dy)), null] }
  },
  // By products here too: the gradient of TensorFlow.js 4.22's resizeBilinear mixes up height and width on its CPU backend.
  tfjs(tf, [x, like]) {
    const hats = (small: number, large: number): TfTensor => {
      const at = tf.mul(tf.range(0, large), (small - 1) / Math.max(large - 1, 1))
      return tf.relu(tf.sub(1, tf.abs(tf.sub(tf.expandDims(at, 1), tf.range(0, small)))))
    }
    const [images, height, width, channels] = sizes4(x!)
    const [, tall, wide] = sizes4(like!)
    const stretched = tf.matMul(hats(height, tall), tf.reshape(x!, [images, height, width * channels]))
    const both = tf.matMul(hats(width, wide), tf.reshape(stretched, [images * tall, width, channels]))
    return tf.reshape(both, [images, tall, wide, channels])
  },
})

const slice = (g: Builder, x: Value, start: number, end: number): Value => g.emit('Slice', [x, g.ints(start), g.ints(end), g.ints(0)])
const transposed = (g: Builder, x: Value): Value => g.emit('Transpose', [x], { perm: [1, 0] })

/** The matrix [large, small] of one axis: output i lies at s = i * (small - 1) / (large - 1) and takes max(0, 1 - |s - j|) of input j. */
function hats(g: Builder, x: Value, like: Value, axis: number): Value {
  const size = (v: Value): Value => g.emit('Gather', [g.emit('Shape', [v]), g.ints(axis)], { axis: 0 })
  const float = (v: Value): Value => g.emit('Cast', [v], { to: 1 })
  const range = (n: Value): Value => {
    const ones = g.emit('Expand', [g.scalar(1), n])
    return g.emit('CumSum', [ones, g.ints(0)], { exclusive: 1 })
  }
  const [small, large] = [size(x), size(like)]
  const last = (n: Value): Value => g.emit('Sub', [float(n), g.scalar(1)])
  const step = g.emit('Div', [last(small), g.emit('Max', [last(large), g.scalar(1)])])
  const at = g.emit('Unsqueeze', [g.emit('Mul', [range(large), step]), g.ints(1)])
  const distance = g.emit('Abs', [g.emit('Sub', [at, g.emit('Unsqueeze', [range(small), g.ints(0)])])])
  return g.emit('Relu', [g.emit('Sub', [g.scalar(1), distance])])
}
