import { z } from 'zod'
import { arithmetic, defineLoss } from '../loss.ts'
import type { Builder, Tf, TfTensor, Value } from '../op.ts'

export const tverskyParams = z.object({
  alpha: z.number().nonnegative().default(0.7).describe('weight of false positives'),
  beta: z.number().nonnegative().default(0.3).describe('weight of false negatives'),
  smooth: z.number().positive().default(1).describe('added above and below, so that empty masks have a loss'),
})
type Params = z.infer<typeof tverskyParams>

/** The index of each class, [1, K, 1, 1]: (TP + smooth) / (TP + alpha FP + beta FN + smooth); and its derivative by each prediction. */
export function tverskyIndex(g: Builder, p: Value, t: Value, { alpha, beta, smooth }: Params) {
  const { add, sub, mul, div, perClass } = arithmetic(g)
  const right = perClass(mul(p, t))
  const above = add(right, smooth)
  const falsePositive = perClass(mul(sub(1, t), p))
  const falseNegative = perClass(mul(t, sub(1, p)))
  const below = add(add(above, mul(falsePositive, alpha)), mul(falseNegative, beta))
  const index = div(above, below)
  const slope = () => {
    const ofBelow = add(mul(t, 1 - beta), mul(sub(1, t), alpha))
    return div(sub(t, mul(index, ofBelow)), below)
  }
  return { index, slope }
}

export function tverskyTf(tf: Tf, p: TfTensor, t: TfTensor, { alpha, beta, smooth }: Params): TfTensor {
  const sum = (x: TfTensor) => tf.sum(x, [0, 2, 3])
  const above = tf.add(sum(tf.mul(p, t)), smooth)
  const wrong = tf.add(tf.mul(sum(tf.mul(tf.sub(1, t), p)), alpha), tf.mul(sum(tf.mul(t, tf.sub(1, p))), beta))
  return tf.div(above, tf.add(above, wrong))
}

/** Minus the mean over classes of the Tversky index (Salehi et al. 2017), each over the whole batch. */
export const tversky = defineLoss({
  params: tverskyParams,
  onnx(g, p, t, params) {
    const { neg, mean, div, size } = arithmetic(g)
    const { index, slope } = tverskyIndex(g, p, t, params)
    return { loss: neg(mean(index)), gradient: () => neg(div(slope(), size(index))) }
  },
  tfjs: (tf, p, t, params) => tf.neg(tf.mean(tverskyTf(tf, p, t, params))),
})
