import { failed, ok, type Result } from '../failure.ts'
import { nearest } from '../nearest.ts'
import { quantile, sorted } from '../statistics/quantile.ts'
import type { Evaluation, Fact } from './evaluation.ts'

/** Some of the images, by what a column says of them. */
export interface Stratum {
  /** `F`, `age <= 45`, `n/a`; undefined: all images. */
  readonly value?: string
  readonly has: (image: string) => boolean
}

/** Numbers of more different values than this are halved at their median. */
const MOST_VALUES = 8

/** All images, and then, with a column, those of each of its values. */
export function strataOf(evaluations: readonly Evaluation[], column: string | undefined): Result<readonly Stratum[]> {
  const all: Stratum = { has: () => true }
  if (column === undefined) return ok([all])
  // What the first run says of an image counts: later ones are asked for images that it has not.
  const rows = evaluations.toReversed().flatMap(e => e.rows)
  const known = [...new Set(rows.flatMap(row => Object.keys(row.facts)))].sort()
  if (!known.includes(column)) {
    const near = nearest(column, known)
    return failed({ kind: 'unknown-fact', name: column, known, ...(near !== undefined && { nearest: near }) })
  }
  const facts = new Map(rows.map(row => [row.image, row.facts[column] ?? null]))
  const wordOf = wordsFor(column, [...facts.values()])
  const words = new Map([...facts].map(([image, fact]) => [image, wordOf(fact)]))
  const values = [...new Set(words.values())].sort((a, b) => Number(a === MISSING) - Number(b === MISSING) || byWord(a, b))
  return ok([all, ...values.map(value => ({ value, has: (image: string) => words.get(image) === value }))])
}

const MISSING = 'n/a'

/** Numbers by size, other words by letter. */
const byWord = (a: string, b: string): number => Number(a) - Number(b) || (a < b ? -1 : 1)

/** How values are called: numbers of many different values by the half that they are in. */
function wordsFor(column: string, values: readonly Fact[]): (value: Fact) => string {
  const numbers = values.filter(v => typeof v === 'number')
  const isMany = numbers.length === values.filter(v => v !== null).length && new Set(numbers).size > MOST_VALUES
  if (!isMany) return value => (value === null ? MISSING : String(value))
  const median = quantile(sorted(numbers), 0.5)
  return value => (typeof value === 'number' ? `${column} ${value <= median ? '<=' : '>'} ${Number(median.toPrecision(6))}` : MISSING)
}
