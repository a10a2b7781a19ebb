import type { AnyLoss } from '../loss.ts'
import { dice } from './dice.ts'

/** Every loss, by the name that pipelines know it by. */
export const losses = { DiceLoss: dice } as const
export type LossName = keyof typeof losses

/** The loss of that name; throws where there is none: the schema of a node checks names before. */
export function lossNamed(name: string): AnyLoss {
  const loss = (losses as Readonly<Record<string, AnyLoss>>)[name]
  if (!loss) throw new Error(`no loss is called "${name}"; there are ${Object.keys(losses).join(', ')}`)
  return loss
}
