import type { Difference, DifferenceKind } from '../compare/differences.ts'
import { aligned } from './columns.ts'

/** What stands before the place of a difference. */
const words: Readonly<Record<DifferenceKind, string>> = {
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

/** Where pipelines differ: a line a difference, a column a pipeline. */
export function differenceLines(differences: readonly Difference[], labels: readonly string[]): string[] {
  if (differences.length === 0) return ['the pipelines are equal']
  const rows = differences.map(({ kind, where, values }) => [
    `${words[kind]} ${where}`.trim(),
    ...values.map(value => valueWords(kind, value)),
  ])
  return aligned([['what differs', ...labels], ...rows])
}

function valueWords(kind: DifferenceKind, value: unknown): string {
  if (value === undefined) return kind === 'code' || kind === 'program' ? 'unknown' : '-'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  // The code of a node of the user's own is known by a digest.
  const short = kind === 'code' && /^[0-9a-f]{64}$/.test(text) ? text.slice(0, 8) : text
  return short.length > 60 ? `${short.slice(0, 57)}...` : short
}
