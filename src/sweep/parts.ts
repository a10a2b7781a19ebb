import type { Parts } from '../node.ts'
import { child, withEntry, type Mapping, type Member, type Tree } from '../pipeline/tree.ts'
import type { Location } from '../failure.ts'

/** A step whose work is done in parts. */
export interface PartedStep {
  readonly step: string
  /** Where the parts end; the last is where the whole does. */
  readonly ends: readonly number[]
  readonly by: Pick<Parts<unknown>, 'total' | 'until' | 'from'>
}

/** The steps of the parts, in order: `model-4`, `model-16`, and `model` for the last, which keeps the name that others know. */
export function partNames({ step, ends }: PartedStep, taken: ReadonlySet<string>): readonly string[] {
  const free = (name: string): string => (taken.has(name) ? free(`${name}-`) : name)
  return ends.map((end, i) => (i === ends.length - 1 ? step : free(`${step}-${end}`)))
}

/** The pipeline with the step as a chain of its parts. */
export function inParts(root: Mapping, of: PartedStep): Mapping {
  const steps = child(root, 'steps')
  const whole = steps?.kind === 'mapping' ? steps.entries.get(of.step) : undefined
  if (steps?.kind !== 'mapping' || !whole) return root
  const names = partNames(of, new Set(steps.entries.keys()))
  const parts = names.map((name, i): [string, Member] => [name, { ...whole, value: partOf(whole, of, i, names[i - 1]) }])
  const entries = [...steps.entries].flatMap(([name, member]): [string, Member][] => (name === of.step ? parts : [[name, member]]))
  return withEntry(root, 'steps', { ...root.entries.get('steps')!, value: { ...steps, entries: new Map(entries) } })
}

function partOf({ key: at, value }: Member, { ends, by }: PartedStep, part: number, before: string | undefined): Tree {
  const scalar = (value: number | string): Tree => ({ kind: 'scalar', value, at, source: String(value) })
  const total = put(value, ['params', ...by.total.split('.')], scalar(ends.at(-1)!), at)
  const until = put(total, ['params', ...by.until.split('.')], scalar(ends[part]!), at)
  return before === undefined ? until : put(until, ['inputs', by.from], scalar(before), at)
}

/** The tree with one value set; mappings on the way are made where there are none. */
function put(tree: Tree | undefined, [key, ...rest]: readonly string[], value: Tree, at: Location): Tree {
  if (key === undefined) return value
  const mapping: Mapping = tree?.kind === 'mapping' ? tree : { kind: 'mapping', at, entries: new Map() }
  return withEntry(mapping, key, { key: mapping.entries.get(key)?.key ?? at, value: put(child(mapping, key), rest, value, at) })
}
