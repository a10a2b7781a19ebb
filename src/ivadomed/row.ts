import { descend, plain, type Mapping, type Tree } from '../pipeline/tree.ts'

/** What becomes of one key of a configuration. A key with several rows becomes several params. */
export interface Row {
  /** Its path: `loader_parameters.slice_axis`. */
  readonly key: string
  /** It may hold any keys: those are checked by the param, or mean nothing here. */
  readonly open?: true
  /** The param that takes it: `slices.slice_axis`; a step alone takes it as all of its params; `seed` is the pipeline's own. */
  readonly to?: string
  /** The value for the param; undefined: the param's own default. */
  readonly convert?: (value: Tree, config: Mapping) => Tree | undefined
  /** For the params when the key is in neither the configuration nor ivadomed's defaults, and why. */
  readonly absent?: { readonly value: unknown; readonly why: string }
  /** Cannot be done yet, unless `off` says that it is not asked for. `hint`: how to switch it off. */
  readonly notYet?: { readonly what: string; readonly off: (value: unknown, config: Mapping) => boolean; readonly hint?: string }
  /** Names that ivadomed knows in this place, as the value or as keys below; one that the node does not know is for later. */
  readonly names?: { readonly what: string; readonly known: readonly string[] }
  /** Why this value has no effect in ivadomed itself, if so. */
  readonly idle?: (value: unknown, config: Mapping) => string | undefined
  /** What is not as one might think, if so. */
  readonly warns?: (value: unknown, config: Mapping) => string | undefined
  /** What stands for it here, where that is no param. */
  readonly here?: string
  /** It only means something where this other key, which has a row of its own, is on; so it may wait for its param in silence. */
  readonly of?: string
}

/** The plain value at a path such as `uncertainty.n_it`, or undefined. */
export function valueAt(config: Mapping, key: string): unknown {
  const found = descend(config, key.split('.'))
  return found && plain(found)
}

/** One of these values means off. */
export const offAt =
  (...values: readonly unknown[]) =>
  (value: unknown): boolean =>
    values.includes(value)

/** An empty list or mapping means off, and so does null. */
export const offWhenEmpty = (value: unknown): boolean => value === null || (typeof value === 'object' && Object.keys(value).length === 0)
