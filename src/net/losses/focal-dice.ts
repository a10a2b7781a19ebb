import { z } from 'zod'
import { arithmetic, defineLoss } from '../loss.ts'
import { dice } from './dice.ts'
import { focal } from './focal.ts'

const least = 1e-7
const params = z.object({
  beta: z.number().default(1).describe('weight of the Dice part'),
  gamma: z.number().nonnegative().default(2).describe('gamma of the focal part'),
  alpha: z.number().min(0).max(1).default(0.25).describe('alpha of the focal part'),
})

/** log(focal loss) - beta log(Dice), both at least 1e-7 (Wong et al. 2018). */
export const focalDice = defineLoss({
  params,
  onnx(g, p, t, { beta, gamma, alpha }) {
    const { add, sub, mul, div, neg, log, max, equal, number } = arithmetic(g)
    const f = focal.onnx(g, p, t, focal.params.parse({ gamma, alpha }))
    const d = dice.onnx(g, p, t, dice.params.parse({}))
    const [focalKept, diceKept] = [max(f.loss, least), max(neg(d.loss), least)]
    return {
      loss: sub(log(focalKept), mul(log(diceKept), beta)),
      gradient: () => {
        const ofFocal = div(number(equal(focalKept, f.loss)), focalKept)
        const ofDice = div(mul(number(equal(diceKept, neg(d.loss))), beta), diceKept)
        return add(mul(f.gradient(), ofFocal), mul(d.gradient(), ofDice))
      },
    }
  },
  tfjs(tf, p, t, { beta, gamma, alpha }) {
    const f = focal.tfjs(tf, p, t, focal.params.parse({ gamma, alpha }))
    const d = tf.neg(dice.tfjs(tf, p, t, dice.params.parse({})))
    return tf.sub(tf.log(tf.maximum(f, least)), tf.mul(tf.log(tf.maximum(d, least)), beta))
  },
})
