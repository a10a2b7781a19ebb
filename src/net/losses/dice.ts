import { z } from 'zod'
import { arithmetic, defineLoss } from '../loss.ts'

/** -(2 sum(p t) + smooth) / (sum(p) + sum(t) + smooth), over the whole batch and all classes at once (Milletari et al. 2016, negative as in ivadomed). */
export const dice = defineLoss({
  params: z.object({ smooth: z.number().positive().default(1).describe('added above and below, so that empty masks have a loss') }),
  onnx(g, p, t, { smooth }) {
    const { add, sub, mul, div, neg, total } = arithmetic(g)
    const below = add(add(total(p), total(t)), smooth)
    const ratio = div(add(mul(total(mul(p, t)), 2), smooth), below)
    return { loss: neg(ratio), gradient: () => sub(div(ratio, below), mul(t, div(2, below))) }
  },
  tfjs(tf, p, t, { smooth }) {
    const above = tf.add(tf.mul(tf.sum(tf.mul(p, t)), 2), smooth)
    return tf.neg(tf.div(above, tf.add(tf.add(tf.sum(p), tf.sum(t)), smooth)))
  },
})
