import { z } from 'zod'
import { arithmetic, defineLoss, type AnyLoss } from '../loss.ts'

const params = z.object({
  losses_list: z.array(z.string()).min(1).describe('names of losses'),
  params_list: z.array(z.record(z.string(), z.unknown()).nullable()).nullable().default(null).describe('settings of each; null: defaults'),
})

/** The sum of several losses, named; `named` finds them. */
export const combination = (named: (name: string) => AnyLoss) =>
  defineLoss({
    params,
    onnx(g, p, t, { losses_list, params_list }) {
      const { add } = arithmetic(g)
      const parts = losses_list.map((name, i) => {
        const loss = named(name)
        return loss.onnx(g, p, t, loss.params.parse(params_list?.[i] ?? {}))
      })
      return {
        loss: parts.map(x => x.loss).reduce((a, b) => add(a, b)),
        gradient: () => parts.map(x => x.gradient()).reduce((a, b) => add(a, b)),
      }
    },
    tfjs: (tf, p, t, { losses_list, params_list }) =>
      tf.addN(
        losses_list.map((name, i) => {
          const loss = named(name)
          return loss.tfjs(tf, p, t, loss.params.parse(params_list?.[i] ?? {}))
        }),
      ),
  })
