import { z } from 'zod'
import { channelsOf, defineOp, plain } from '../op.ts'
import { dropFirst, withFirst } from './background.ts'

/** y = exp(x) / sum of exp(x) over the channels; with `background`, channel 0 is left out afterwards. */
export const softmax = defineOp({
  attrs: z.object({ background: z.boolean().default(false) }),
  shape: ([x], { background }) => (x ? dropFirst.shape(x, background) : 'softmax takes one input'),
  forward(g, [x], _w, { background }) {
    const all = g.emit('Softmax', [g.dense(x!)], { axis: 1 })
    return { y: plain(dropFirst.onnx(g, all, background), channelsOf(x!) - Number(background)), saved: all }
  },
  backward(g, signal, all, _w, { background }, { channels }) {
    const weighted = g.emit('Mul', [withFirst(g, g.dense(signal), background), all])
    const dx = g.emit('Sub', [weighted, g.emit('Mul', [all, g.sum(weighted, 1)])])
    return { dx: [plain(dx, channels[0]!)] }
  },
  tfjs: (tf, [x], _w, { background }) => dropFirst.tfjs(tf, tf.softmax(x!), background),
})
