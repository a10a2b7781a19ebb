import { z } from 'zod'
import { arithmetic, defineLoss } from '../loss.ts'

const smooth = 1
const params = z.object({
  classes_of_interest: z
    .array(z.number().int().nonnegative())
    .min(1)
    .nullable()
    .default(null)
    .describe('classes that count, from 0; all without it'),
})

/** The mean over classes of -(2 sum(p t) + 1) / (sum(p) + sum(t) + 1), each over the whole batch. */
export const multiClassDice = defineLoss({
  params,
  onnx(g, p, t, { classes_of_interest: classes }) {
    const { add, sub, mul, div, neg, perClass, channels, mean, number, equal, size } = arithmetic(g)
    const below = add(add(perClass(p), perClass(t)), smooth)
    const ratio = div(add(mul(perClass(mul(p, t)), 2), smooth), below)
    const chosen = classes ? channels(ratio, classes) : ratio
    return {
      loss: neg(mean(chosen)),
      gradient: () => {
        // The number of every class, [1, K, 1, 1], and how often it was chosen.
        const all = sub(g.emit('CumSum', [add(mul(ratio, 0), 1), g.emit('Squeeze', [g.ints(1)])]), 1)
        const share = classes ? classes.map(c => number(equal(all, c))).reduce((a, b) => add(a, b)) : undefined
        const each = div(sub(div(ratio, below), mul(t, div(2, below))), size(chosen))
        return share ? mul(each, share) : each
      },
    }
  },
  tfjs(tf, p, t, { classes_of_interest: classes }) {
    const sum = (x: typeof p) => tf.sum(x, [0, 2, 3])
    const ratio = tf.div(tf.add(tf.mul(sum(tf.mul(p, t)), 2), smooth), tf.add(tf.add(sum(p), sum(t)), smooth))
    return tf.neg(tf.mean(classes ? tf.gather(ratio, classes) : ratio))
  },
})
