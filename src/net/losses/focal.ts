import { z } from 'zod'
import { arithmetic, defineLoss } from '../loss.ts'

const params = z.object({
  gamma: z.number().nonnegative().default(2).describe('how much easy voxels count less; 0: not at all'),
  alpha: z.number().min(0).max(1).default(0.25).describe('weight of the foreground; the background has 1 - alpha'),
  eps: z.number().positive().default(1e-7).describe('predictions are kept this far from 0 and 1'),
})

/**
 * The sum of a CE (1 - exp(-CE))^gamma, with CE = -(t log p + (1 - t) log(1 - p)) and a = alpha t + (1 - alpha)(1 - t)
 * (Lin et al. 2017). A sum as in ivadomed, so it grows with the image.
 */
export const focal = defineLoss({
  params,
  onnx(g, p, t, { gamma, alpha, eps }) {
    const { add, sub, mul, div, neg, log, exp, pow, equal, number, total, clip } = arithmetic(g)
    const q = clip(p, eps, 1 - eps)
    const [rest, background] = [sub(1, q), sub(1, t)]
    const entropy = neg(add(mul(t, log(q)), mul(background, log(rest))))
    const right = exp(neg(entropy))
    const weight = add(mul(t, alpha), mul(background, 1 - alpha))
    const hard = pow(sub(1, right), gamma)
    return {
      loss: total(mul(mul(weight, entropy), hard)),
      gradient: () => {
        const slope = sub(div(background, rest), div(t, q))
        const through = gamma === 0 ? hard : add(hard, mul(mul(mul(entropy, gamma), pow(sub(1, right), gamma - 1)), right))
        return mul(mul(mul(weight, slope), through), number(equal(p, q)))
      },
    }
  },
  tfjs(tf, p, t, { gamma, alpha, eps }) {
    const q = tf.clipByValue(p, eps, Math.fround(1 - eps))
    const background = tf.sub(1, t)
    const entropy = tf.neg(tf.add(tf.mul(t, tf.log(q)), tf.mul(background, tf.log(tf.sub(1, q)))))
    const weight = tf.add(tf.mul(t, alpha), tf.mul(background, 1 - alpha))
    return tf.sum(tf.mul(tf.mul(weight, entropy), tf.pow(tf.sub(1, tf.exp(tf.neg(entropy))), gamma)))
  },
})
