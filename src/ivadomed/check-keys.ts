import { nearest } from '../nearest.ts'
import type { Mapping, Report } from '../pipeline/tree.ts'
import { givenWords } from '../pipeline/words.ts'
import { rows } from './keys.ts'

/** How a mapping of the configuration is called in messages. */
const called = (path: readonly string[]): string => path.join('.') || 'a configuration of ivadomed'

/** Reports every key that no row of the table knows, and every value that stands where a mapping belongs. */
export function checkKeys(config: Mapping, report: Report, path: readonly string[] = []): void {
  const known = keysBelow(path)
  for (const [key, { key: at, value }] of config.entries) {
    const here = [...path, key]
    const name = here.join('.')
    if (!known.has(key)) {
      const near = nearest(key, known) ?? elsewhere(key)
      report({ kind: 'unknown-key', key, owner: called(path), known: [...known], ...(near === undefined ? {} : { nearest: near }), at })
    } else if (!leaves.has(name)) {
      if (value.kind === 'mapping') checkKeys(value, report, here)
      else
        report({
          kind: 'wrong-value',
          name,
          given: givenWords(value),
          wants: `a mapping with ${[...keysBelow(here)].join(', ')}`,
          at: value.at,
        })
    }
  }
}

/** Keys that are no mappings of further keys of the table. */
const leaves: ReadonlySet<string> = new Set(
  rows.filter(row => row.open || !rows.some(r => r.key.startsWith(`${row.key}.`))).map(row => row.key),
)

/** What may stand below a path. */
function keysBelow(path: readonly string[]): ReadonlySet<string> {
  const prefix = path.map(key => `${key}.`).join('')
  return new Set(rows.filter(row => row.key.startsWith(prefix)).map(row => row.key.slice(prefix.length).split('.')[0]!))
}

/** A key that belongs into another mapping, by its whole path. */
function elsewhere(key: string): string | undefined {
  const byLast = new Map(rows.map(row => [row.key.split('.').at(-1)!, row.key]))
  const near = nearest(key, byLast.keys())
  return near && byLast.get(near)
}
