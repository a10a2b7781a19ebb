import { z } from 'zod'
import { arithmetic, defineLoss } from '../loss.ts'
import { tverskyIndex, tverskyParams, tverskyTf } from './tversky.ts'

const params = tverskyParams.extend({ gamma: z.number().positive().default(1.33).describe('above 1: classes that are hard count more') })

/** The mean over classes of (1 - Tversky index)^(1 / gamma) (Abraham & Khan 2019); positive. */
export const focalTversky = defineLoss({
  params,
  onnx(g, p, t, { gamma, ...rest }) {
    const { sub, mul, div, neg, pow, mean, size, max, where, less } = arithmetic(g)
    const { index, slope } = tverskyIndex(g, p, t, rest)
    const missing = max(sub(1, index), 0)
    // A perfect class: the slope of the root is infinite there, and PyTorch's gradient NaN. It has nothing to learn: 0.
    const root = (exponent: number) => where(less(0, missing), pow(missing, exponent), 0)
    return {
      loss: mean(root(1 / gamma)),
      gradient: () => neg(mul(slope(), div(mul(root(1 / gamma - 1), 1 / gamma), size(index)))),
    }
  },
  tfjs: (tf, p, t, { gamma, ...rest }) => tf.mean(tf.pow(tf.sub(1, tverskyTf(tf, p, t, rest)), 1 / gamma)),
})
