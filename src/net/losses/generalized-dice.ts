import { z } from 'zod'
import { arithmetic, defineLoss } from '../loss.ts'

const params = z.object({
  epsilon: z.number().positive().default(1e-5).describe('smallest denominator'),
  include_background: z.boolean().default(true).describe('adds a class that is 1 where all classes are exactly 0'),
})

/**
 * -2 sum(w I) / sum(w (P + T)) over images and classes, with I = sum(p t), P = sum(p), T = sum(t) of each and w = 1 / T^2
 * (Sudre et al. 2017). The background added by ivadomed is a step function of the prediction and so has no gradient.
 */
export const generalizedDice = defineLoss({
  params,
  onnx(g, p, t, { epsilon, include_background }) {
    const { add, sub, mul, div, neg, max, equal, number, total, perImageAndClass, overClasses } = arithmetic(g)
    const sums = (a: typeof p, b: typeof p) => {
      const sumB = perImageAndClass(b)
      const weight = div(1, max(mul(sumB, sumB), epsilon))
      return { weight, both: mul(weight, perImageAndClass(mul(a, b))), either: mul(weight, add(perImageAndClass(a), sumB)) }
    }
    const background = (a: typeof p) => number(equal(overClasses(a), 0))
    const own = sums(p, t)
    const added = include_background ? sums(background(p), background(t)) : undefined
    const all = (part: 'both' | 'either') => (added ? add(total(own[part]), total(added[part])) : total(own[part]))
    const below = all('either')
    const kept = max(below, epsilon)
    const ratio = div(mul(all('both'), 2), kept)
    return {
      loss: neg(ratio),
      gradient: () => {
        const ofBelow = div(mul(ratio, number(equal(below, kept))), kept)
        return mul(own.weight, sub(ofBelow, mul(t, div(2, kept))))
      },
    }
  },
  tfjs(tf, p, t, { epsilon, include_background }) {
    const background = (a: typeof p) => tf.cast(tf.equal(tf.sum(a, 1, true), 0), 'float32')
    const constant = tf.customGrad(x => ({ value: background(x as typeof p), gradFunc: () => tf.zerosLike(x as typeof p) }))
    const [a, b] = include_background ? [tf.concat([p, constant(p)], 1), tf.concat([t, background(t)], 1)] : [p, t]
    const sum = (x: typeof p) => tf.sum(x, [2, 3])
    const weight = tf.div(1, tf.maximum(tf.square(sum(b)), epsilon))
    const below = tf.maximum(tf.sum(tf.mul(weight, sum(tf.add(a, b)))), epsilon)
    return tf.div(tf.mul(tf.sum(tf.mul(weight, sum(tf.mul(a, b)))), -2), below)
  },
})
