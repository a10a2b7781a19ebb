import type { AnyOp } from '../op.ts'
import { batchnorm } from './batchnorm.ts'
import { concat } from './concat.ts'
import { conv } from './conv.ts'
import { dropout } from './dropout.ts'
import { maxpool } from './maxpool.ts'
import { relu } from './relu.ts'
import { reluNormalised } from './relu-normalised.ts'
import { sigmoid } from './sigmoid.ts'
import { softmax } from './softmax.ts'
import { upsample } from './upsample.ts'

/** Every operation that a network may name. */
export const ops = {
  batchnorm,
  concat,
  conv,
  dropout,
  maxpool,
  relu,
  'relu-normalised': reluNormalised,
  sigmoid,
  softmax,
  upsample,
} as const

export type OpName = keyof typeof ops

/** The op of that name; throws where there is none, since networks are made by our own models. */
export function opNamed(name: string): AnyOp {
  const op = (ops as Readonly<Record<string, AnyOp>>)[name]
  if (!op) throw new Error(`no op is called "${name}"; there are ${Object.keys(ops).join(', ')}`)
  return op
}
