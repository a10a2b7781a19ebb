import type { Failure, Location } from '../failure.ts'
import { nearest } from '../nearest.ts'
import { readYaml } from './read.ts'
import { child, withEntry, type Mapping, type Report, type Tree } from './tree.ts'
import { namesUsed } from './variables.ts'
import { kindWords } from './words.ts'

/** One key of an option, and where in the option it stands. */
interface Key {
  readonly name: string
  readonly at: Location
}

/** One `--set a.b=value`. */
interface Edit {
  readonly keys: readonly Key[]
  readonly value: Tree
}

/** Applies every `--set` to a pipeline file as written. Their mistakes are placed in the option: `--set #1`, column 7. */
export function applySets(root: Mapping, sets: readonly string[], report: Report): Mapping {
  return sets.reduce((tree, text, i) => {
    const edit = parseSet(text, i + 1, report)
    const target = edit && targetOf(tree, edit.keys, report)
    return target ? (assign(tree, target, edit.value, report) as Mapping) : tree
  }, root)
}

/** The value is YAML in one line: 5, true, [a, b], { thr: 5 }, or text. */
function parseSet(text: string, number: number, report: Report): Edit | undefined {
  const place = (start: number, end: number): Location => ({
    file: `--set #${number}`,
    line: 1,
    column: Math.min(start, text.length) + 1,
    length: Math.max(1, Math.min(end, text.length) - start),
    text,
  })
  const equals = text.indexOf('=')
  const names = text.slice(0, Math.max(0, equals)).split('.')
  if (equals < 0 || names.some(name => !name.trim())) {
    report({ kind: 'set-syntax', text, at: place(0, text.length) })
    return undefined
  }
  let offset = 0
  const keys = names.map(name => {
    const at = place(offset, offset + name.length)
    offset += name.length + 1
    return { name: name.trim(), at }
  })
  const start = equals + 1
  const mistakes: Failure[] = []
  const value = readYaml({ text: text.slice(start), place: (from, to) => place(start + from, start + to) }, failure => {
    mistakes.push(failure)
  })
  const empty: Tree = { kind: 'scalar', value: null, at: place(start, start), source: '' }
  mistakes.forEach(report)
  return mistakes.length ? undefined : { keys, value: value ?? empty }
}

/** The whole way from the root: `masks.thr` means steps.masks.params.thr. */
function targetOf(root: Mapping, keys: readonly Key[], report: Report): readonly Key[] | undefined {
  const first = keys[0]!
  const rest = keys.slice(1)
  if (['seed', 'name'].includes(first.name) && !rest.length) return keys
  if (first.name === 'vars' && rest[0]) return isVariable(root, rest[0], report) ? keys : undefined
  const steps = root.entries.get('steps')?.value
  const known = steps?.kind === 'mapping' ? [...steps.entries.keys()] : []
  if (!known.includes(first.name)) {
    const near = nearest(first.name, known)
    report({ kind: 'unknown-step', name: first.name, known, ...(near ? { nearest: near } : {}), at: first.at })
    return undefined
  }
  if (rest.length) return [{ name: 'steps', at: first.at }, first, { name: 'params', at: first.at }, ...rest]
  report({ kind: 'set-syntax', text: first.at.text ?? first.name, at: first.at })
  return undefined
}

/** A variable may be new when the file asks for it; a name that nothing asks for is a slip. */
function isVariable(root: Mapping, key: Key, report: Report): boolean {
  const vars = root.entries.get('vars')?.value
  const known = new Set([...(vars?.kind === 'mapping' ? vars.entries.keys() : []), ...namesUsed(root)])
  if (known.has(key.name)) return true
  const near = nearest(key.name, known)
  const names = [...known].map(name => `vars.${name}`)
  report({ kind: 'unknown-variable', name: `vars.${key.name}`, known: names, ...(near ? { nearest: `vars.${near}` } : {}), at: key.at })
  return false
}

/** The tree with one value set; mappings on the way are made where there are none. */
function assign(tree: Tree | undefined, keys: readonly Key[], value: Tree, report: Report): Tree {
  const [key, ...rest] = keys
  if (!key) return value
  const next = (): Tree => assign(child(tree, key.name), rest, value, report)
  if (!tree || tree.kind === 'hole' || (tree.kind === 'scalar' && tree.value === null))
    return { kind: 'mapping', at: key.at, entries: new Map([[key.name, { key: key.at, value: next() }]]) }
  if (tree.kind === 'mapping') {
    // A mistake deeper in an entry of the file is still placed in the file; the value's own place is the option's.
    const place = rest.length ? (tree.entries.get(key.name)?.key ?? key.at) : key.at
    return withEntry(tree, key.name, { key: place, value: next() })
  }
  if (tree.kind === 'list' && child(tree, key.name) && /^\d+$/.test(key.name))
    return { ...tree, items: tree.items.map((item, i) => (i === Number(key.name) ? next() : item)) }
  const detail =
    tree.kind === 'list'
      ? `there is a list of ${tree.items.length} here, and no item "${key.name}" (they count from 0)`
      : `"${key.name}" cannot be set inside ${kindWords(tree)}`
  report({ kind: 'set-syntax', text: key.at.text ?? '', detail, at: key.at })
  return tree
}
