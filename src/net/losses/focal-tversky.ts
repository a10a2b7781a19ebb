import { z } from 'zod'
import { arithmetic, defineLoss } from '../loss.ts'
import { tverskyIndex, tverskyParams, tverskyTf } from './tversky.ts'

const params = tverskyParams.extend({ gamma: z.number().positive().default(1.33).describe('above 1: classes that are hard count more') })

/** The mean over classes of (1 - Tversky index)^(1 / gamma) (Abraham & Khan 2019); positive. */
export const focalTversky = defineLoss({
  params,
  onnx(g, p, t, { gamma, ...rest }) {
    const { sub, mul, div, neg, pow, mean, size } = arithmetic(g)
    const { index, slope } = tverskyIndex(g, p, t, rest)
    const missing = sub(1, index)
    return {
      loss: mean(pow(missing, 1 / gamma)),
      gradient: () => neg(mul(slope(), div(mul(pow(missing, 1 / gamma - 1), 1 / gamma), size(index)))),
    }
  },
  tfjs: (tf, p, t, { gamma, ...rest }) => tf.mean(tf.pow(tf.sub(1, tverskyTf(tf, p, t, rest)), 1 / gamma)),
})
