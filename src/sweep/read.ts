import { isDeepStrictEqual } from 'node:util'
import type { Failure, Location } from '../failure.ts'
import { nearest } from '../nearest.ts'
import { parts, sweepShape } from '../pipeline/sweep-shape.ts'
import { child, plain, type Mapping, type Report, type Tree } from '../pipeline/tree.ts'
import type { Distribution, Space, SweepValue, Values } from './space.ts'

/** Where in its file a sweep writes the values of its params. */
export interface Places {
  /** The place of a value of a key; of the key, where the value is drawn; of the block, where the pipeline gives it. */
  value(key: string, value: SweepValue): Location
  key(key: string): Location
}

type Part = (typeof parts)[number]
/** A key under one part, and the values written for it. */
interface Written {
  readonly part: Part
  readonly key: string
  readonly at: Location
  readonly values: readonly Tree[]
}

/** The space of a `sweep:` block whose shape is right; `seed` is the pipeline's. Undefined when a mistake was reported. */
export function readSpace(block: Mapping, seed: number, report: Report): { readonly space: Space; readonly places: Places } | undefined {
  const mistakes: Failure[] = []
  const tell: Report = failure => mistakes.push(failure)
  const written = parts.flatMap(part => writtenIn(block, part))
  checkKeys(written, tell)
  checkZip(written, tell)
  checkConditions(block, written, tell)
  mistakes.forEach(report)
  return mistakes.length === 0 ? { space: spaceOf(block, seed), places: placesOf(block, written) } : undefined
}

function writtenIn(block: Mapping, part: Part): readonly Written[] {
  const under = child(block, part)
  if (part === 'folds') return entriesOf(under).flatMap(w => ['folds', 'fold'].map(p => ({ ...w, part, key: `${w.key}.${p}`, values: [] })))
  const entries = under?.kind === 'list' ? under.items.flatMap(entriesOf) : entriesOf(under)
  const isOne = part === 'list' || part === 'include'
  return entries.map(({ key, at, value }) => ({ part, key, at, values: isOne ? [value] : value.kind === 'list' ? value.items : [] }))
}

function entriesOf(tree: Tree | undefined): readonly { readonly key: string; readonly at: Location; readonly value: Tree }[] {
  return tree?.kind === 'mapping' ? [...tree.entries].map(([key, { key: at, value }]) => ({ key, at, value })) : []
}

/** As after `--set`; and no key by two parts, of which one would win unseen. */
function checkKeys(written: readonly Written[], report: Report): void {
  const first = new Map<string, Written>()
  for (const w of written) {
    const { key, part, at } = w
    if (key !== 'seed' && !/^[^.\s]+(\.[^.\s]+)+$/.test(key)) report({ kind: 'sweep-key', key, at })
    const before = first.get(key)
    if (!before) first.set(key, w)
    else if (before.part !== part && part !== 'include') report({ kind: 'swept-twice', key, parts: [before.part, part], at })
  }
}

function checkZip(written: readonly Written[], report: Report): void {
  const zip = written.filter(w => w.part === 'zip')
  if (new Set(zip.map(w => w.values.length)).size > 1)
    report({ kind: 'zip-lengths', lists: zip.map(({ key, values }) => ({ key, length: values.length })), at: zip[0]!.at })
}

/** What `exclude` and `when` name is varied: a slip would match nothing, and nobody would see it. */
function checkConditions(block: Mapping, written: readonly Written[], report: Report): void {
  const known = [...new Set(written.map(w => w.key))]
  const when = entriesOf(child(block, 'when'))
  const exclude = child(block, 'exclude')
  const named = [
    ...(exclude?.kind === 'list' ? exclude.items.flatMap(entriesOf) : []).map(e => ({ ...e, owner: 'sweep.exclude' })),
    ...when.flatMap(e => [e, ...entriesOf(e.value)]).map(e => ({ ...e, owner: 'sweep.when' })),
  ]
  for (const { key, at, owner } of named) {
    if (known.includes(key)) continue
    const near = nearest(key, known)
    report({ kind: 'not-swept', key, owner, known, ...(near ? { nearest: near } : {}), at })
  }
}

function spaceOf(block: Mapping, pipelineSeed: number): Space {
  const { samples = 0, seed, folds = {}, repeats } = sweepShape().parse(plain(block))
  const seeds = typeof repeats === 'number' ? Array.from({ length: repeats }, (_, i) => pipelineSeed + i) : (repeats ?? [])
  return {
    grid: listsOf(child(block, 'grid')),
    zip: listsOf(child(block, 'zip')),
    list: trialsOf(child(block, 'list')),
    draw: drawOf(block),
    include: trialsOf(child(block, 'include')),
    exclude: trialsOf(child(block, 'exclude')),
    when: Object.fromEntries(entriesOf(child(block, 'when')).map(({ key, value }) => [key, valuesOf(value)])),
    ...{ samples, seed, folds, seeds },
  }
}

function drawOf(block: Mapping): Space['draw'] {
  const of = {
    choice: listsOf(child(block, 'choice')),
    uniform: listsOf(child(block, 'uniform')),
    log: listsOf(child(block, 'log_uniform')),
  }
  const bounds = ([low, high]: readonly SweepValue[]) => ({ low: Number(low), high: Number(high) })
  return {
    ...mapped(of.choice, (values): Distribution => ({ kind: 'choice', of: values })),
    ...mapped(of.uniform, (values): Distribution => ({ kind: 'uniform', ...bounds(values) })),
    ...mapped(of.log, (values): Distribution => ({ kind: 'log_uniform', ...bounds(values) })),
  }
}

const mapped = <T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))

const listsOf = (tree: Tree | undefined): Readonly<Record<string, readonly SweepValue[]>> =>
  Object.fromEntries(entriesOf(tree).map(({ key, value }) => [key, value.kind === 'list' ? value.items.map(valueOf) : []]))

const trialsOf = (tree: Tree | undefined): readonly Values[] => (tree?.kind === 'list' ? tree.items.map(valuesOf) : [])

const valuesOf = (tree: Tree): Values => Object.fromEntries(entriesOf(tree).map(({ key, value }) => [key, valueOf(value)]))

function valueOf(tree: Tree): SweepValue {
  if (tree.kind === 'scalar') return tree.value
  if (tree.kind === 'list') return tree.items.map(valueOf)
  return valuesOf(tree)
}

function placesOf(block: Mapping, written: readonly Written[]): Places {
  const of = (key: string): readonly Written[] => written.filter(w => w.key === key)
  const keyAt = (key: string): Location => of(key)[0]?.at ?? block.entries.get('repeats')?.key ?? block.at
  const isDrawn = ({ part }: Written): boolean => part === 'uniform' || part === 'log_uniform'
  return {
    key: keyAt,
    value: (key, value) =>
      of(key)
        .filter(w => !isDrawn(w))
        .flatMap(w => w.values)
        .find(tree => isDeepStrictEqual(valueOf(tree), value))?.at ?? keyAt(key),
  }
}
