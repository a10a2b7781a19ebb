import { z } from 'zod'
import { channelsOf, defineOp, type Builder, type Signal, type Value } from '../op.ts'

/** y = x * mask: in training whole channels of an image are zeroed, and the others grow by 1 / (1 - rate). The mask is an input. */
export const dropout = defineOp({
  attrs: z.object({ rate: z.number().min(0).lt(1) }),
  shape: ([x]) => x ?? 'dropout takes one input',
  dropRate: ({ rate }) => rate,
  forward(g, [x], _w, _attrs, { training, layer }) {
    if (!training) return { y: x!, saved: undefined }
    const mask = g.emit('Reshape', [g.mask(layer, channelsOf(x!)), g.ints(0, 0, 1, 1)])
    return { y: masked(g, x!, mask), saved: mask }
  },
  backward(g, dy, mask) {
    if (!mask) throw new Error('backward of an evaluation')
    return { dx: [masked(g, dy, mask)] }
  },
  tfjs: (tf, [x], _w, _attrs, { training, mask }) => (training ? tf.mul(x!, tf.expandDims(tf.expandDims(mask!, 1), 1)) : x!),
})

function masked(g: Builder, x: Signal, mask: Value): Signal {
  const one = x.length === 1 ? x[0]! : { base: g.dense(x), channels: channelsOf(x), scale: undefined, shift: undefined }
  return [
    {
      ...one,
      perImage: true,
      scale: one.scale ? g.emit('Mul', [one.scale, mask]) : mask,
      shift: one.shift && g.emit('Mul', [one.shift, mask]),
    },
  ]
}
