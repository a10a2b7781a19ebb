import { compare, type ImageRow } from './row.ts'

/** What a row may have in a column. */
export type Value = string | number

/** What a row has in a column: its own fields, the fields of its name, or what is known of it. */
export function columnValue(row: ImageRow, column: string): Value | undefined {
  const own: Readonly<Record<string, Value | undefined>> = {
    participant_id: row.subject,
    subject: row.subject,
    session: row.session,
    session_id: row.session,
    contrast: row.contrast,
    suffix: row.contrast,
    dataset: row.dataset,
  }
  const value = own[column] ?? row.entities[column] ?? row.metadata[column]
  return value === null || value === undefined ? undefined : typeof value === 'boolean' ? String(value) : value
}

/** The columns in which some row may have a value, for messages. */
export const columnsOf = (rows: readonly ImageRow[]): readonly string[] =>
  [...new Set(['participant_id', 'contrast', ...rows.flatMap(r => [...Object.keys(r.entities), ...Object.keys(r.metadata)])])]
    .filter(column => column !== 'sub')
    .sort(compare)

/** The distinct values of a column, in the order of the rows. */
export const values = (rows: readonly ImageRow[], column: string): readonly Value[] => [...new Set(rows.map(r => columnValue(r, column)!))]

/** Whether a value of a table is the one that a param names: 1.5 and '1.5' are the same. */
export const sameValue = (one: Value | undefined, other: Value | boolean): boolean => one !== undefined && String(one) === String(other)

/** Numbers by size, then texts by code units. */
export const compareValues = (a: Value, b: Value): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : typeof a === 'number' ? -1 : typeof b === 'number' ? 1 : compare(a, b)
