import { z } from 'zod'
import { channelsOf, defineOp, plain } from '../op.ts'
import { dropFirst, withFirst } from './background.ts'

/** y = 1 / (1 + exp(-x)); with `background`, channel 0 is left out. */
export const sigmoid = defineOp({
  attrs: z.object({ background: z.boolean().default(false) }),
  shape: ([x], { background }) => (x ? dropFirst.shape(x, background) : 'sigmoid takes one input'),
  forward(g, [x], _w, { background }) {
    const y = g.emit('Sigmoid', [dropFirst.onnx(g, g.dense(x!), background)])
    return { y: plain(y, channelsOf(x!) - Number(background)), saved: y }
  },
  backward(g, dy, y, _w, { background }, { channels }) {
    const slope = g.emit('Mul', [y, g.emit('Sub', [g.scalar(1), y])])
    return { dx: [plain(withFirst(g, g.emit('Mul', [g.dense(dy), slope]), background), channels[0]!)] }
  },
  tfjs: (tf, [x], _w, { background }) => tf.sigmoid(dropFirst.tfjs(tf, x!, background)),
})
