import type { Failure, Location } from '../failure.ts'
import type { Registry } from '../node.ts'
import { failuresOf } from '../pipeline/issues.ts'
import { schemaAt } from '../pipeline/schemas.ts'
import { plain, type Mapping, type Member, type Path, type Report, type Tree } from '../pipeline/tree.ts'
import { givenWords } from '../pipeline/words.ts'
import { rows } from './keys.ts'
import { isDefault, memberAt, treeOf, withAt } from './merge.ts'
import type { Say } from './note.ts'
import { offWhenEmpty, type Row } from './row.ts'
import { shapeOf, type Placed } from './shape.ts'

/** What a configuration comes to, row by row. */
export interface Draft {
  readonly placed: readonly Placed[]
  /** Keys of the user's that are no param, and what stands for them. */
  readonly here: readonly { readonly key: string; readonly value: Tree; readonly here: string }[]
  /** Keys of the user's that are off, or mean nothing. */
  readonly off: readonly string[]
}

/** Goes through the table. `config` has the defaults below it. */
export function draft(config: Mapping, registry: Registry, say: Say, report: Report): Draft {
  const placed: Placed[] = []
  const here: Draft['here'][number][] = []
  const off: string[] = []
  for (const row of rows) {
    const { key, to } = row
    const member = memberAt(config, key.split('.'))
    if (!member) {
      if (row.absent && to !== undefined) placed.push({ to: to.split('.'), value: treeOf(row.absent.value), key, why: row.absent.why })
      continue
    }
    // What is empty by ivadomed's default is empty by the params' own.
    if (isDefault(member.value) && offWhenEmpty(plain(member.value))) continue
    if (isOff(row, member, { config, registry, say, report })) {
      if (!isDefault(member.value)) off.push(key)
      continue
    }
    if (row.here !== undefined && !isDefault(member.value)) here.push({ key, value: member.value, here: row.here })
    const value = row.convert ? row.convert(member.value, config) : member.value
    if (to !== undefined && value)
      placed.push({ to: to.split('.'), value, key, ...(isDefault(member.value) ? { why: "ivadomed's default" } : {}) })
    else if (to !== undefined && !isDefault(member.value) && !here.some(other => other.key === key)) off.push(key)
  }
  return { placed, here, off }
}

interface Around {
  readonly config: Mapping
  readonly registry: Registry
  readonly say: Say
  readonly report: Report
}

/** Says and reports what there is to say of a key; true when nothing becomes of it. */
function isOff(row: Row, { key: at, value }: Member, { config, registry, say, report }: Around): boolean {
  const plainly = plain(value)
  const waits = row.of !== undefined && !isParam(row.to, registry)
  const refusal = waits ? undefined : row.notYet
  const asked = refusal === undefined || !refusal.off(plainly, config)
  const idle = asked ? row.idle?.(plainly, config) : undefined
  if (idle !== undefined) {
    if (!isDefault(value)) say({ level: 'note', text: `${row.key} has no effect, as in ivadomed: ${idle}`, at })
    return true
  }
  const warning = row.warns?.(plainly, config)
  if (warning !== undefined) say({ level: 'warn', text: `${row.key}: ${warning}`, at })
  if (refusal && asked) {
    const { what, hint } = refusal
    report({ kind: 'not-yet', key: row.key, given: givenWords(value), what, ...(hint === undefined ? {} : { off: hint }), at })
    return true
  }
  return waits || (row.notYet !== undefined && row.to === undefined)
}

/** Whether the step's node has that param. */
export function isParam(to: string | undefined, registry: Registry): boolean {
  const [step, ...path] = to?.split('.') ?? []
  const node = shapeOf(['dataset']).find(({ id }) => id === step)?.node
  return node !== undefined && schemaAt(registry[node]!.params as Parameters<typeof schemaAt>[0], path) !== undefined
}

/** The params of one step as a tree, whose values know their places in the configuration. */
export function paramsOf(step: string, placed: readonly Placed[], at: Location): Mapping {
  const empty: Mapping = { kind: 'mapping', entries: new Map(), at }
  return placed
    .filter(({ to }) => to[0] === step)
    .reduce((params, { to, value }) => {
      if (to.length > 1) return withAt(params, to.slice(1), { key: value.at, value })
      return value.kind === 'mapping' ? value : params
    }, empty)
}

/** What a step's node says of the params, under the names of the configuration and at their places there. */
export function checkParams(step: string, nodeName: string, draft: Draft, registry: Registry, at: Location): Failure[] {
  const node = registry[nodeName]
  if (!node) throw new Error(`no node is called ${nodeName}`)
  const tree = paramsOf(step, draft.placed, at)
  const parsed = node.params.safeParse(plain(tree)) as { success: boolean; error?: { issues: never[] } }
  if (parsed.success) return []
  const name = (path: Path): string => keyOf([step, ...path], draft.placed)
  return failuresOf({ tree, schema: node.params, name, at }, parsed.error!.issues).map(laterOf)
}

/** The configuration's name of a param, or of what holds some: `tensors.CenterCrop.size` is `transformation.CenterCrop.size`. */
function keyOf(path: Path, placed: readonly Placed[]): string {
  const origin = placed.filter(({ to }) => to.every((part, i) => part === path[i])).sort((a, b) => b.to.length - a.to.length)[0]
  if (origin) return [origin.key, ...path.slice(origin.to.length)].join('.')
  const member = placed.find(({ to }) => path.every((part, i) => part === to[i]))
  return member
    ? member.key
        .split('.')
        .slice(0, path.length - member.to.length)
        .join('.')
    : path.join('.')
}

/** A name that ivadomed knows and the node does not is no slip. */
function laterOf(failure: Failure): Failure {
  if (failure.kind === 'unknown-key') {
    const names = rows.find(row => row.key === failure.owner)?.names
    if (!names?.known.includes(failure.key)) return failure
    return { kind: 'not-yet', key: `${failure.owner}.${failure.key}`, given: 'asked for', what: names.what, ...placeOf(failure) }
  }
  if (failure.kind === 'wrong-value') {
    const names = rows.find(row => row.key === failure.name)?.names
    const given = /"(.*)"/.exec(failure.given)?.[1]
    if (given === undefined || !names?.known.includes(given)) return failure
    return { kind: 'not-yet', key: failure.name, given: failure.given, what: names.what, off: 'write "Unet"', ...placeOf(failure) }
  }
  return failure
}

const placeOf = ({ at }: Failure): { at?: Location } => (at ? { at } : {})

/**
 * Says of every transform without `applied_to` that it is done to the image alone, where ivadomed does it to the label too:
 * the default of what changes intensities.
 */
export function labelNotes({ placed }: Draft, registry: Registry, say: Say): void {
  const written = placed.find(({ key }) => key === 'transformation')?.value
  const parsed = registry['transform']?.params.safeParse(written && plain(written)) as { data?: unknown } | undefined
  if (written?.kind !== 'mapping' || !Array.isArray(parsed?.data)) return
  for (const { name, applied_to } of parsed.data as readonly { name: string; applied_to?: readonly string[] }[]) {
    const member = written.entries.get(name)
    if (!member || member.value.kind !== 'mapping' || member.value.entries.has('applied_to') || applied_to?.includes('gt') !== false)
      continue
    const text = `transformation.${name} has no applied_to: here it is done to ${applied_to.join(', ')}, in ivadomed to the label as well`
    say({ level: 'note', text, at: member.key })
  }
}
