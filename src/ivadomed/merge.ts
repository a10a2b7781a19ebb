import type { Location } from '../failure.ts'
import { child, descend, plain, type Mapping, type Member, type Path, type Report, type Scalar, type Tree } from '../pipeline/tree.ts'
import { defaults } from './defaults.ts'
import type { Say } from './note.ts'

/** Where the values of ivadomed's defaults come from. */
const defaultsAt: Location = { file: "ivadomed's config_default.json", line: 1, column: 1 }

/** True for what the user did not write. */
export const isDefault = (tree: Tree): boolean => tree.at.file === defaultsAt.file

/** A plain value as a tree, as if written at that place. */
export function treeOf(value: unknown, at: Location = defaultsAt): Tree {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(item => treeOf(item, at)), at }
  if (typeof value === 'object' && value !== null)
    return { kind: 'mapping', entries: new Map(Object.entries(value).map(([key, v]) => [key, { key: at, value: treeOf(v, at) }])), at }
  return { kind: 'scalar', value: value as Scalar['value'], source: JSON.stringify(value), at }
}

/** The mapping with the value at a path set or, without a member, removed; mappings on the way are made. */
export function withAt(tree: Mapping, [key, ...rest]: Path, member: Member | undefined): Mapping {
  const entries = new Map(tree.entries)
  const name = String(key)
  const below = entries.get(name)
  if (rest.length > 0) {
    const inner: Mapping = below?.value.kind === 'mapping' ? below.value : { kind: 'mapping', entries: new Map(), at: tree.at }
    entries.set(name, { key: below?.key ?? member?.key ?? tree.at, value: withAt(inner, rest, member) })
  } else if (member) entries.set(name, member)
  else entries.delete(name)
  return { ...tree, entries }
}

/** The key and value at a path. */
export const memberAt = (tree: Tree, path: Path): Member | undefined => {
  const owner = descend(tree, path.slice(0, -1))
  return owner?.kind === 'mapping' ? owner.entries.get(String(path.at(-1))) : undefined
}

/** Keys of earlier versions, under their names of today. */
const renames: readonly (readonly [old: string, now: string])[] = [
  ['UNet3D', 'Modified3DUNet'],
  ['log_directory', 'path_output'],
  ['loader_parameters.bids_path', 'loader_parameters.path_data'],
]

/** A configuration of any version, as ivadomed's version 2.9.10 understands it. Says what it changed. */
export function modernise(config: Mapping, say: Say, report: Report): Mapping {
  for (const [old, now] of renames) config = rename(config, old.split('.'), now.split('.'), say, report)
  return balanceSamples(centres(withoutNumpyToTensor(config, say), say), say)
}

function rename(config: Mapping, old: Path, now: Path, say: Say, report: Report): Mapping {
  const member = memberAt(config, old)
  if (!member) return config
  const twin = memberAt(config, now)
  if (twin) report({ kind: 'duplicate-key', key: now.join('.'), firstLine: twin.key.line, at: member.key })
  say({ level: 'note', text: `${old.join('.')} is called ${now.join('.')} today`, at: member.key })
  return withAt(withAt(config, old, undefined), now, member)
}

function withoutNumpyToTensor(config: Mapping, say: Say): Mapping {
  const path = ['transformation', 'NumpyToTensor']
  const member = memberAt(config, path)
  if (!member) return config
  say({ level: 'note', text: 'NumpyToTensor is left out, as in ivadomed: it does nothing any more', at: member.key })
  return withAt(config, path, undefined)
}

/** `method: per_center` and `center_test`: which centres to test on. */
function centres(config: Mapping, say: Say): Mapping {
  const at = (key: string): Path => ['split_dataset', ...key.split('.')]
  const method = memberAt(config, at('method'))
  const test = memberAt(config, at('center_test'))
  if (method && plain(method.value) === 'per_center') {
    const value = treeOf('institution_id', method.value.at)
    config = withAt(config, at('data_testing.data_type'), { key: method.key, value })
    say({ level: 'note', text: 'method per_center is data_testing.data_type institution_id today', at: method.key })
  } else if (method) say({ level: 'note', text: 'method has no effect in ivadomed: split_method says how to split', at: method.key })
  if (test && plain(descend(config, at('data_testing.data_type')) ?? treeOf(null)) === 'institution_id') {
    config = withAt(config, at('data_testing.data_value'), test)
    say({ level: 'note', text: 'center_test is data_testing.data_value today', at: test.key })
  } else if (test) say({ level: 'note', text: 'center_test has no effect in ivadomed without method per_center', at: test.key })
  return withoutPaths(config, [at('method'), at('center_test')])
}

const withoutPaths = (config: Mapping, gone: readonly Path[]): Mapping =>
  gone.reduce((c, path) => (memberAt(c, path) ? withAt(c, path, undefined) : c), config)

/** `balance_samples: false` of earlier versions; ivadomed drops it silently, since a mapping is expected. */
function balanceSamples(config: Mapping, say: Say): Mapping {
  const path = ['training_parameters', 'balance_samples']
  const member = memberAt(config, path)
  if (member?.value.kind !== 'scalar' || typeof member.value.value !== 'boolean') return config
  say({ level: 'note', text: 'balance_samples is balance_samples.applied today', at: member.key })
  return withAt(withAt(config, path, undefined), [...path, 'applied'], member)
}

/** The configuration laid over ivadomed's defaults: mappings key by key, in the order of the defaults, then its own. */
export const withDefaults = (config: Mapping): Mapping => overlay(treeOf(defaults) as Mapping, config)

function overlay(base: Mapping, over: Mapping): Mapping {
  const entries = new Map(base.entries)
  for (const [key, member] of over.entries) {
    const below = child(base, key)
    const both = below?.kind === 'mapping' && member.value.kind === 'mapping'
    entries.set(key, both ? { ...member, value: overlay(below, member.value) } : member)
  }
  return { ...over, entries }
}
