import { evaluationOf, metricSteps } from './evaluation.ts'
import { meansOf } from './paired.ts'
import type { Run } from './run.ts'
import type { Stored } from './stored.ts'

/** Means by column, of the steps that measured; null is undefined. */
export type Means = Readonly<Record<string, Readonly<Record<string, number | null>>>>

/** What a run measured, step by step. */
export function runMeans(run: Run, stored: ReadonlyMap<string, Stored>): Means {
  return Object.fromEntries(
    metricSteps(stored).flatMap(step => {
      const found = evaluationOf(run, step, stored)
      return found ? [[step, meansOf(found.rows, found.columns)]] : []
    }),
  )
}
