import { z } from 'zod'
import { arithmetic, defineLoss } from '../loss.ts'

const params = z.object({
  theta: z.number().positive().default(0.5).describe('difference from which the loss is linear'),
  alpha: z.number().gt(1).default(2.1).describe('exponent of small differences on the background; on a peak of 1 it is one less'),
  omega: z.number().positive().default(14).describe('height of the loss'),
  epsilon: z.number().positive().default(1).describe('width of the logarithm'),
})

/**
 * For heat maps (Wang, Bo, Fuxin 2019): with d = |t - p|, the sum of omega log(1 + (d / epsilon)^(alpha - t)) where d < theta,
 * else A d - C, a line that meets it smoothly. ivadomed's weighting of dilated peaks never acts (losses.py:390), so there is none.
 */
export const adaptiveWing = defineLoss({
  params,
  onnx(g, p, t, { theta, alpha, omega, epsilon }) {
    const { add, sub, mul, div, log, pow, abs, sign, less, where, total } = arithmetic(g)
    const exponent = sub(alpha, t)
    const at = (x: typeof p | number) => {
      const power = pow(x, exponent)
      return {
        value: mul(log(add(power, 1)), omega),
        slope: mul(div(mul(exponent, pow(x, sub(exponent, 1))), add(power, 1)), omega / epsilon),
      }
    }
    const edge = at(theta / epsilon)
    const difference = sub(p, t)
    const distance = abs(difference)
    const near = at(div(distance, epsilon))
    const isNear = less(distance, theta)
    const line = add(edge.value, mul(edge.slope, sub(distance, theta)))
    return {
      loss: total(where(isNear, near.value, line)),
      gradient: () => mul(where(isNear, near.slope, edge.slope), sign(difference)),
    }
  },
  tfjs(tf, p, t, { theta, alpha, omega, epsilon }) {
    const exponent = tf.sub(alpha, t)
    const power = (x: number) => tf.pow(x, exponent)
    const slope = tf.mul(
      tf.div(tf.mul(exponent, tf.pow(theta / epsilon, tf.sub(exponent, 1))), tf.add(power(theta / epsilon), 1)),
      omega / epsilon,
    )
    const distance = tf.abs(tf.sub(t, p))
    const near = tf.mul(tf.log(tf.add(tf.pow(tf.div(distance, epsilon), exponent), 1)), omega)
    const line = tf.add(tf.mul(tf.log(tf.add(power(theta / epsilon), 1)), omega), tf.mul(slope, tf.sub(distance, theta)))
    const isNear = tf.customGrad(d => ({ value: tf.cast(tf.less(d as typeof p, theta), 'float32'), gradFunc: dy => tf.zerosLike(dy) }))(
      distance,
    )
    return tf.sum(tf.add(tf.mul(isNear, near), tf.mul(tf.sub(1, isNear), line)))
  },
})
