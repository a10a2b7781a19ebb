import { z } from 'zod'
import { arithmetic, defineLoss } from '../loss.ts'

/** The mean of -(t log p + (1 - t) log(1 - p)), logarithms not below -100, as PyTorch's BCELoss. */
export const binaryCrossEntropy = defineLoss({
  params: z.object({}),
  onnx(g, p, t) {
    const { add, sub, mul, div, neg, log, max, total, size } = arithmetic(g)
    const bounded = (x: typeof p) => max(log(x), -100)
    const rest = sub(1, p)
    const count = size(p)
    const entropy = neg(add(mul(t, bounded(p)), mul(sub(1, t), bounded(rest))))
    return {
      loss: div(total(entropy), count),
      gradient: () => div(div(sub(p, t), max(mul(p, rest), 1e-12)), count),
    }
  },
  tfjs(tf, p, t) {
    const bounded = (x: typeof p) => tf.maximum(tf.log(x), -100)
    return tf.neg(tf.mean(tf.add(tf.mul(t, bounded(p)), tf.mul(tf.sub(1, t), bounded(tf.sub(1, p))))))
  },
})
