import { z } from 'zod'
import { defineLoss, total } from '../loss.ts'

/** -(2 sum(p t) + smooth) / (sum(p) + sum(t) + smooth), over the whole batch and all classes at once (Milletari et al. 2016, negative as in ivadomed). */
export const dice = defineLoss({
  params: z.object({ smooth: z.number().positive().default(1).describe('added above and below, so that empty masks have a loss') }),
  onnx(g, p, t, { smooth }) {
    const above = g.emit('Add', [g.emit('Mul', [total(g, g.emit('Mul', [p, t])), g.scalar(2)]), g.scalar(smooth)])
    const below = g.emit('Add', [g.emit('Add', [total(g, p), total(g, t)]), g.scalar(smooth)])
    const ratio = g.emit('Div', [above, below])
    return {
      loss: g.emit('Neg', [ratio]),
      gradient: () => {
        const twice = g.emit('Mul', [t, g.emit('Div', [g.scalar(2), below])])
        return g.emit('Sub', [g.emit('Div', [ratio, below]), twice])
      },
    }
  },
  tfjs(tf, p, t, { smooth }) {
    const above = tf.add(tf.mul(tf.sum(tf.mul(p, t)), 2), smooth)
    return tf.neg(tf.div(above, tf.add(tf.add(tf.sum(p), tf.sum(t)), smooth)))
  },
})
