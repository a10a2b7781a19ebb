import { readFileSync } from 'node:fs'
import { fail } from '../failure.ts'

/** What a cell of a table or a field of a sidecar holds; null where it says `n/a`. */
export type Scalar = string | number | boolean | null
export type Metadata = Readonly<Record<string, Scalar>>

/** The text of a file of the dataset, without a byte order mark. */
function readText(path: string, role: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  } catch (e) {
    fail({ kind: 'file-unreadable', path, role, detail: (e as Error).message })
  }
}

// No leading zeros: `007` is a name, not a number.
const numeric = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

/**
 * The rows of a tab-separated table under the names of its columns. A column whose every value is a number is one of
 * numbers, as pandas reads it; empty and `n/a` are null. A row of another length than the header is a failure.
 */
export function readTsv(path: string, required: readonly string[]): readonly Metadata[] {
  const lines = readText(path, 'the table').split(/\r?\n/)
  const columns = (lines[0] ?? '').split('\t').map(c => c.trim())
  for (const name of required)
    if (!columns.includes(name))
      fail({ kind: 'bad-table', path, line: 1, detail: `it has no column "${name}": it has ${columns.join(', ')}` })
  const cells: string[][] = []
  for (let i = 1; i < lines.length; i++) {
    if (lines[i]!.trim() === '') continue
    const row = lines[i]!.split('\t').map(c => c.trim())
    if (row.length !== columns.length)
      fail({ kind: 'bad-table', path, line: i + 1, detail: `the row has ${row.length} cells, and the header ${columns.length}` })
    cells.push(row)
  }
  const isNull = (cell: string) => cell === '' || cell.toLowerCase() === 'n/a'
  const isNumeric = columns.map((_, c) => cells.every(row => isNull(row[c]!) || numeric.test(row[c]!)))
  return cells.map(row =>
    Object.fromEntries(columns.map((name, c) => [name, isNull(row[c]!) ? null : isNumeric[c] ? Number(row[c]) : row[c]!])),
  )
}

/** The fields of a sidecar. Lists and objects become their JSON text. */
export function readSidecar(path: string): Metadata {
  const value = parseJson(path, readText(path, 'the sidecar'))
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    fail({ kind: 'bad-json', path, line: 1, detail: 'a sidecar is one object: { ... }' })
  return Object.fromEntries(Object.entries(value).map(([key, field]: [string, unknown]) => [key, scalarOf(field)]))
}

function scalarOf(field: unknown): Scalar {
  if (typeof field === 'string') return field.toLowerCase() === 'n/a' ? null : field
  if (typeof field === 'number' || typeof field === 'boolean' || field === null) return field
  return JSON.stringify(field)
}

/** Parses JSON; where it is broken, a failure that names the line. */
export function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (e) {
    const detail = (e as Error).message
    const position = /at position (\d+)/.exec(detail)?.[1]
    const before = position === undefined ? text : text.slice(0, Number(position))
    fail({ kind: 'bad-json', path, line: before.split('\n').length, detail })
  }
}
