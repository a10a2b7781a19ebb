import type { Failure, Location } from '../failure.ts'

/** One value as text writes it: what it means, and its characters. */
export interface Scalar {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  readonly at: Location
  /** As written, quotes included. */
  readonly source: string
}
/** A sequence of values. */
export interface List {
  readonly kind: 'list'
  readonly items: readonly Tree[]
  readonly at: Location
}
/** A mapping from keys to values, in the order written. */
export interface Mapping {
  readonly kind: 'mapping'
  readonly entries: ReadonlyMap<string, Member>
  readonly at: Location
}
/** A value whose mistake is reported already: nothing more is said of it. */
export interface Hole {
  readonly kind: 'hole'
  readonly at: Location
}
/** One key of a mapping, and its value. */
export interface Member {
  readonly key: Location
  readonly value: Tree
}

/** What the user wrote, where every key and every value knows its place. Aliases and merges are already followed. */
export type Tree = Scalar | List | Mapping | Hole

/** Takes one mistake; checking goes on after it. */
export type Report = (failure: Failure) => void

/** The way to a value: keys of mappings, indices of lists. */
export type Path = readonly (string | number)[]

/** The value without its places. A hole is undefined. */
export function plain(tree: Tree): unknown {
  switch (tree.kind) {
    case 'scalar':
      return tree.value
    case 'list':
      return tree.items.map(plain)
    case 'mapping':
      return Object.fromEntries([...tree.entries].map(([key, member]) => [key, plain(member.value)]))
    case 'hole':
      return undefined
  }
}

/** The value that lies one key or index below, or undefined. */
export function child(tree: Tree | undefined, key: string | number): Tree | undefined {
  if (tree?.kind === 'mapping') return tree.entries.get(String(key))?.value
  if (tree?.kind === 'list') return tree.items[Number(key)]
  return undefined
}

/** The value at the end of a path, or undefined. */
export const descend = (tree: Tree | undefined, path: Path): Tree | undefined => path.reduce<Tree | undefined>(child, tree)

/** The place of the last key on the path that was written out; `fallback` when there is none. */
export function keyPlace(tree: Tree, path: Path, fallback: Location): Location {
  let at = fallback
  let here = tree
  for (const key of path) {
    const member: Member | undefined = here.kind === 'mapping' ? here.entries.get(String(key)) : undefined
    const next = child(here, key)
    if (!next) return at
    at = member?.key ?? next.at
    here = next
  }
  return at
}

/** True where a path leads into a hole, or through one. */
export function inHole(tree: Tree | undefined, path: Path): boolean {
  let here = tree
  for (const key of path) {
    if (here?.kind === 'hole') return true
    here = child(here, key)
  }
  return here?.kind === 'hole'
}

/** A mapping with one entry set: a known key keeps its position. */
export const withEntry = (mapping: Mapping, key: string, member: Member): Mapping => ({
  ...mapping,
  entries: new Map(mapping.entries).set(key, member),
})
