import { fail } from '../failure.ts'
import { MersenneTwister } from '../mt19937.ts'
import { columnsOf, columnValue, sameValue, type Value } from './columns.ts'
import type { ImageRow } from './row.ts'

/** Three lists of one length: draw `n[i]` of the subjects that have `value[i]` in the column `metadata[i]`. */
export interface SubjectSelection {
  readonly n: readonly number[]
  readonly metadata: readonly string[]
  readonly value: readonly (Value | boolean)[]
}

/**
 * The rows of the subjects that are drawn, entry by entry, in the order drawn: ivadomed's subject_selection, by Python's
 * generator under the seed of the split. The order matters: the split meets the subjects in it. No entry: all rows.
 */
export function selectSubjects(rows: readonly ImageRow[], selection: SubjectSelection, seed: number): readonly ImageRow[] {
  if (selection.n.length === 0) return rows
  const twister = MersenneTwister.asPython(seed)
  const drawn = selection.metadata.flatMap((column, i) => {
    const [n, value] = [selection.n[i]!, selection.value[i]!]
    if (rows.every(row => columnValue(row, column) === undefined)) fail({ kind: 'unknown-column', column, columns: columnsOf(rows) })
    const there = [...new Set(rows.filter(row => sameValue(columnValue(row, column), value)).map(row => row.subject))]
    if (n > there.length) fail({ kind: 'too-few-subjects', column, value: String(value), asked: n, there: there.length })
    return twister.sample(there.length, n).map(at => there[at]!)
  })
  // Drawn by two entries, a subject is there once, where it was drawn first.
  return [...new Set(drawn)].flatMap(subject => rows.filter(row => row.subject === subject))
}
