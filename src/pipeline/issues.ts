import type { z } from 'zod'
import type { Failure, Location } from '../failure.ts'
import { nearest } from '../nearest.ts'
import { descriptionOf, keysOf, schemaAt } from './schemas.ts'
import { descend, inHole, keyPlace, type Path, type Tree } from './tree.ts'
import { wantsWords } from './wants.ts'
import { givenWords } from './words.ts'

type Issue = z.core.$ZodIssue

/** What was checked: the value as written, its schema, and what messages call it. */
export interface Checked {
  readonly tree: Tree | undefined
  readonly schema: z.core.$ZodType
  /** How a value at a path is called: `masks.remove_small.thr`. */
  name(path: Path): string
  /** The place of the key that the whole stands under. */
  readonly at: Location
}

/** The failures that a schema's issues amount to, each at its key or value. */
export function failuresOf(checked: Checked, issues: readonly Issue[]): Failure[] {
  const failures = issues.flatMap(issue => failuresOfIssue(checked, issue))
  // A key with a slip in it is not missing as well.
  const meant = new Set(failures.map(f => (f.kind === 'unknown-key' ? `${f.owner} ${f.nearest ?? ''}` : undefined)))
  return failures.filter(f => f.kind !== 'missing-key' || !meant.has(`${f.owner} ${f.key}`))
}

function failuresOfIssue(checked: Checked, issue: Issue): Failure[] {
  const path = issue.path as Path
  const { tree, schema } = checked
  if (inHole(tree, path)) return []
  if (issue.code === 'unrecognized_keys') return issue.keys.map(key => unknownKey(checked, path, key))
  const inner = issue.code === 'invalid_union' ? deeper(issue) : []
  if (inner.length) return failuresOf(checked, inner)

  const found = descend(tree, path)
  const described = descriptionOf(schemaAt(schema, path))
  const description = described ? { description: described } : {}
  if (!found || (path.length > 0 && found.kind === 'scalar' && found.value === null && found.source === '')) {
    const wants = wantsWords(issue, schemaAt(schema, path))
    return [
      {
        kind: 'missing-key',
        key: String(path.at(-1)),
        owner: checked.name(path.slice(0, -1)),
        wants,
        ...description,
        at: keyAt(checked, path),
      },
    ]
  }
  const name = checked.name(path)
  const given = givenWords(found)
  if (isOwnMessage(issue)) return [{ kind: 'refused-value', name, given, detail: issue.message, ...description, at: found.at }]
  const options = optionsOf(issue)
  const near = found.kind === 'scalar' ? nearest(String(found.value), options) : undefined
  const quote = wantsText(issue) && found.kind === 'scalar' && found.value !== null ? { quote: found.source } : {}
  const wants = wantsWords(issue, schemaAt(schema, path))
  return [{ kind: 'wrong-value', name, given, wants, ...description, ...(near ? { nearest: near } : {}), ...quote, at: found.at }]
}

const keyAt = (checked: Checked, path: Path): Location => (checked.tree ? keyPlace(checked.tree, path, checked.at) : checked.at)

function unknownKey(checked: Checked, path: Path, key: string): Failure {
  const known = keysOf(schemaAt(checked.schema, path))
  const near = nearest(key, known)
  const at = keyAt(checked, [...path, key])
  return { kind: 'unknown-key', key, owner: checked.name(path), known, ...(near ? { nearest: near } : {}), at }
}

/**
 * The issues of the one member of a union that the value was meant for: the member whose type fits, so that all its
 * issues lie deeper. Empty when no member, or more than one, fits.
 */
function deeper(issue: z.core.$ZodIssueInvalidUnion): Issue[] {
  const fits = issue.errors.filter(member =>
    member.every(i => i.path.length > 0 || !['invalid_type', 'invalid_value', 'invalid_union'].includes(i.code)),
  )
  return fits.length === 1 ? fits[0]!.map(i => ({ ...i, path: [...issue.path, ...i.path] })) : []
}

/** A node's schema may give its own words, in `.refine(…, message)` and `.regex(…, message)`; zod's begin as below. */
const isOwnMessage = (issue: Issue): boolean => issue.code === 'custom' || !/^(Invalid|Too |Unrecognized)/.test(issue.message)

function optionsOf(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String)
  if (issue.code === 'invalid_union')
    return [
      ...((issue as { options?: readonly unknown[] }).options ?? []).filter(option => option !== undefined).map(String),
      ...issue.errors.flat().flatMap(optionsOf),
    ]
  return []
}

const wantsText = (issue: Issue): boolean =>
  (issue.code === 'invalid_type' && issue.expected === 'string') ||
  (issue.code === 'invalid_union' && issue.errors.flat().some(i => i.path.length === 0 && wantsText(i)))
