import { z } from 'zod'
import { arithmetic, defineLoss } from '../loss.ts'

/** sum((p - t)^2) / 2. */
export const l2 = defineLoss({
  params: z.object({}),
  onnx(g, p, t) {
    const { sub, mul, div, total } = arithmetic(g)
    const difference = sub(p, t)
    return { loss: div(total(mul(difference, difference)), 2), gradient: () => difference }
  },
  tfjs: (tf, p, t) => tf.div(tf.sum(tf.square(tf.sub(p, t))), 2),
})
