import type { Difference, DifferenceKind } from '../compare/differences.ts'
import { differencePlace, differenceValue } from '../compare/words.ts'
import { aligned } from './columns.ts'

/** Where pipelines differ: a line a difference, a column a pipeline. */
export function differenceLines(differences: readonly Difference[], labels: readonly string[]): string[] {
  if (differences.length === 0) return ['the pipelines are equal']
  const rows = differences.map(difference => [
    differencePlace(difference),
    ...difference.values.map(value => short(difference.kind, value)),
  ])
  return aligned([['what differs', ...labels], ...rows])
}

function short(kind: DifferenceKind, value: unknown): string {
  const text = differenceValue(kind, value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
