import { z } from 'zod'
import { fail } from '../failure.ts'
import { readJsonFile } from './json-file.ts'
import type { BidsName } from './name.ts'

/** How a pybids configuration finds the parts of a name: a pattern an entity, matched with the whole path. */
export interface BidsConfig {
  /** The entity as names have it (`acq`, not `acquisition`), and the pattern whose first group is its value. */
  readonly entities: readonly { readonly name: string; readonly pattern: RegExp }[]
}

/** What pybids calls entities of BIDS, and what names call them. */
const shortNames: Readonly<Record<string, string>> = {
  ...{ subject: 'sub', session: 'ses', acquisition: 'acq', ceagent: 'ce', staining: 'stain', tracer: 'trc', reconstruction: 'rec' },
  ...{ direction: 'dir', modality: 'mod' },
}
/** What pybids has patterns for that is no entity of ours. */
const unused: ReadonlySet<string> = new Set(['sub', 'extension', 'scans', 'fmap', 'datatype'])

const file = z.object({ entities: z.array(z.object({ name: z.string().min(1), pattern: z.string().min(1) })) })

/** Reads a configuration of pybids, such as ivadomed's config_bids.json: its entities; its path patterns are for writing only. */
export function readBidsConfig(path: string): BidsConfig {
  const read = readJsonFile(path, 'the file of bids_config', file, detail => ({ kind: 'bad-bids-config', path, detail }))
  const entities = read.entities.map(({ name, pattern }) => ({ name: shortNames[name] ?? name, pattern: compiled(pattern, path) }))
  return { entities: entities.filter(e => !unused.has(e.name)) }
}

function compiled(pattern: string, path: string): RegExp {
  try {
    // Python writes named groups with a P.
    return new RegExp(pattern.replaceAll('(?P<', '(?<'))
  } catch (e) {
    return fail({ kind: 'bad-bids-config', path, detail: `${JSON.stringify(pattern)}: ${(e as Error).message}` })
  }
}

/** The name with what the patterns find in its path: entities, and the suffix. */
export function nameBy(config: BidsConfig, path: string, name: BidsName): BidsName {
  const found = config.entities.flatMap(({ name: entity, pattern }) => {
    const value = pattern.exec(`/${path}`)?.[1]
    return value === undefined || value === '' ? [] : [[entity, value] as const]
  })
  const { suffix = name.suffix, ...entities } = Object.fromEntries(found) as Record<string, string>
  return { ...name, suffix, entities: { ...name.entities, ...entities } }
}
