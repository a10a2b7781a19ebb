import type { ComparedMetric, ComparedPair } from './compare.ts'
import type { Difference, DifferenceKind } from './differences.ts'

/** What stands before the place of a difference. */
const kinds: Readonly<Record<DifferenceKind, string>> = {
  seed: '',
  program: '',
  step: 'step',
  node: 'node of',
  code: 'code of',
  input: 'input',
  param: '',
  order: 'order of',
  timeout: 'timeout of',
}

/** Where pipelines differ: `model.network.depth`, `code of model`. */
export const differencePlace = ({ kind, where }: Pick<Difference, 'kind' | 'where'>): string => `${kinds[kind]} ${where}`.trim()

/** What one of them has there. */
export function differenceValue(kind: DifferenceKind, value: unknown): string {
  if (value === undefined) return kind === 'code' || kind === 'program' ? 'unknown' : '-'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  // The code of a node of the user's own is known by a digest.
  return kind === 'code' && /^[0-9a-f]{64}$/.test(text) ? text.slice(0, 8) : text
}

/** Whether the second of two runs is better in the mean; empty where nothing is better, or nothing is known. */
export function verdict({ better }: ComparedMetric, { difference: { mean } }: ComparedPair): '' | 'better' | 'worse' | 'equal' {
  if (better === null || better === 'zero' || mean === null) return ''
  if (mean === 0) return 'equal'
  return mean > 0 === (better === 'higher') ? 'better' : 'worse'
}

/** A p value as it is written. */
export const probability = (p: number | undefined): string => (p === undefined ? '-' : p < 1e-4 ? p.toExponential(1) : p.toFixed(4))

/** The same with a star below 0.05. */
export const starred = (p: number | undefined): string => (p !== undefined && p < 0.05 ? `${probability(p)} *` : probability(p))
