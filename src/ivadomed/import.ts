import { failed, ok, type Failure, type Location, type Result } from '../failure.ts'
import type { Registry } from '../node.ts'
import { fileSource } from '../pipeline/read.ts'
import type { Tree } from '../pipeline/tree.ts'
import { givenWords } from '../pipeline/words.ts'
import { checkKeys } from './check-keys.ts'
import { checkParams, draft as draftOf, labelNotes } from './draft.ts'
import { emit } from './emit.ts'
import { readJson } from './json.ts'
import { modernise, withDefaults } from './merge.ts'
import type { Note } from './note.ts'
import { foldersOf, shapeOf } from './shape.ts'

/** What an import needs beside the configuration. */
export interface ImportOptions {
  readonly registry: Registry
  /** Keys that nobody knows are left out with a warning, in the place of failures. */
  readonly allowUnknown?: boolean
}

/** A configuration of ivadomed as a pipeline. */
export interface Imported {
  /** The text of a pipeline file. */
  readonly yaml: string
  readonly notes: readonly Note[]
}

/** Makes a pipeline of a configuration of ivadomed, of any version. Gives all its mistakes in one go. */
export function importConfig(file: string, text: string, { registry, allowUnknown = false }: ImportOptions): Result<Imported> {
  const read = readJson(fileSource(file, text))
  if (!read.ok) return read
  let tree = read.value
  const ignored: Note[] = []
  for (;;) {
    const { failures, notes, yaml } = attempt(file, tree, registry)
    const unknown = failures.filter(f => f.kind === 'unknown-key')
    if (allowUnknown && unknown.length > 0) {
      ignored.push(...unknown.map(f => ({ level: 'warn' as const, text: `${f.owner} has no "${f.key}": it is left out`, at: f.at! })))
      tree = without(tree, unknown)
    } else return failures.length > 0 ? failed(...byPlace(failures)) : ok({ yaml, notes: byPlace([...ignored, ...notes]) })
  }
}

function attempt(file: string, tree: Tree, registry: Registry): { failures: Failure[]; notes: Note[]; yaml: string } {
  const failures: Failure[] = []
  const notes: Note[] = []
  const report = (failure: Failure): void => void failures.push(failure)
  const say = (note: Note): void => void notes.push(note)
  if (tree.kind !== 'mapping') {
    report({
      kind: 'wrong-value',
      name: 'the configuration',
      given: givenWords(tree),
      wants: 'a mapping: { "command": "train", ... }',
      at: tree.at,
    })
    return { failures, notes, yaml: '' }
  }
  const config = modernise(tree, say, report)
  checkKeys(config, report)
  const { placed: found, ...rest } = draftOf(withDefaults(config), registry, say, report)
  const folders = foldersOf(found)
  if (folders.length === 0)
    report({ kind: 'missing-key', key: 'path_data', owner: 'loader_parameters', wants: 'at least one folder', at: tree.at })
  const draft = { ...rest, placed: [...found.filter(({ to }) => to[0] !== 'datasets'), ...folders] }
  const shape = shapeOf(
    folders.map(({ to }) => String(to[0])),
    draft.placed,
  )
  for (const { id, node } of shape) failures.push(...checkParams(id, node, draft, registry, tree.at))
  labelNotes(draft, registry, say)
  return { failures, notes, yaml: failures.length > 0 ? '' : emit(file, shape, draft) }
}

/** The configuration without the keys at these places. */
function without(tree: Tree, gone: readonly Failure[]): Tree {
  if (tree.kind === 'list') return { ...tree, items: tree.items.map(item => without(item, gone)) }
  if (tree.kind !== 'mapping') return tree
  const isGone = (key: Location): boolean => gone.some(({ at }) => at?.line === key.line && at.column === key.column)
  const kept = [...tree.entries].filter(([, { key }]) => !isGone(key))
  return { ...tree, entries: new Map(kept.map(([name, { key, value }]) => [name, { key, value: without(value, gone) }])) }
}

const byPlace = <T extends { readonly at?: Location }>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0))
