import type { AnyLoss } from '../loss.ts'
import { adaptiveWing } from './adaptive-wing.ts'
import { binaryCrossEntropy } from './binary-cross-entropy.ts'
import { combination } from './combination.ts'
import { dice } from './dice.ts'
import { focalDice } from './focal-dice.ts'
import { focalTversky } from './focal-tversky.ts'
import { focal } from './focal.ts'
import { generalizedDice } from './generalized-dice.ts'
import { l2 } from './l2.ts'
import { multiClassDice } from './multi-class-dice.ts'
import { tversky } from './tversky.ts'

/** Every loss, by the name that pipelines know it by: ivadomed's. */
export const losses = {
  DiceLoss: dice,
  MultiClassDiceLoss: multiClassDice,
  BinaryCrossEntropyLoss: binaryCrossEntropy,
  FocalLoss: focal,
  FocalDiceLoss: focalDice,
  GeneralizedDiceLoss: generalizedDice,
  TverskyLoss: tversky,
  FocalTverskyLoss: focalTversky,
  L2loss: l2,
  AdapWingLoss: adaptiveWing,
  LossCombination: combination(lossNamed),
} as const
export type LossName = keyof typeof losses

/** The loss of that name; throws where there is none: the schema of a node checks names before. */
export function lossNamed(name: string): AnyLoss {
  const loss = (losses as Readonly<Record<string, AnyLoss>>)[name]
  if (!loss) throw new Error(`no loss is called "${name}"; there are ${Object.keys(losses).join(', ')}`)
  return loss
}
