/** The entities of BIDS 1.8 and of the microscopy and PET extensions, in the order they stand in file names. */
export const entityKeys = [
  ...['sub', 'ses', 'sample', 'task', 'tracksys', 'acq', 'nuc', 'voi', 'ce', 'trc', 'stain', 'rec', 'dir', 'run', 'mod', 'echo', 'flip'],
  ...['inv', 'mt', 'part', 'proc', 'hemi', 'space', 'split', 'recording', 'chunk', 'atlas', 'seg', 'scale', 'res', 'den', 'label', 'desc'],
] as const
const known: ReadonlySet<string> = new Set(entityKeys)

/** A BIDS file name in its parts: `sub-01_ses-02_T2w.nii.gz`. */
export interface BidsName {
  /** `{ sub: '01', ses: '02' }`, in the order of the name. */
  readonly entities: Readonly<Record<string, string>>
  /** The last word: `T2w`. */
  readonly suffix: string
  /** From the first dot on: `.nii.gz`. */
  readonly extension: string
  /** All before the first dot. */
  readonly stem: string
}

/** A file name before and from its first dot. */
export function splitExtension(name: string): readonly [stem: string, extension: string] {
  const dot = name.indexOf('.')
  return dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)]
}

/** The parts of a file name, or undefined where it is not one of BIDS: entities known, each once, then a suffix. */
export function parseName(name: string): BidsName | undefined {
  const [stem, extension] = splitExtension(name)
  const words = stem.split('_')
  const suffix = words.pop()!
  if (!/^[a-zA-Z0-9]+$/.test(suffix)) return undefined
  const entities: Record<string, string> = {}
  for (const word of words) {
    const [, key, value] = /^([a-z]+)-([a-zA-Z0-9+]+)$/.exec(word) ?? []
    if (key === undefined || value === undefined || !known.has(key) || key in entities) return undefined
    entities[key] = value
  }
  return { entities, suffix, extension, stem }
}

/**
 * The parts of a name that BIDS does not allow, as far as they go: words `key-value` are entities, known or not, others mean
 * nothing, and letters and digits at the end are the suffix. Undefined where it does not end so, or has none of the extensions.
 */
export function parseLoosely(name: string, extensions: readonly string[]): BidsName | undefined {
  const extension = extensions.filter(e => name.endsWith(e)).reduce((longest, e) => (e.length > longest.length ? e : longest), '')
  const stem = name.slice(0, name.length - extension.length)
  const [suffix] = /[a-zA-Z0-9]+$/.exec(stem) ?? []
  if (extension === '' || suffix === undefined) return undefined
  const words = stem.split('_').map(word => /^([a-zA-Z]+)-(.+)$/.exec(word))
  const pairs = words.flatMap(match => (match ? [[match[1]!, match[2]!] as const] : []))
  // The first of two counts.
  return { entities: Object.fromEntries(pairs.reverse()), suffix, extension, stem }
}

/** A path's last name. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** A path's folder; '' at the top. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))
