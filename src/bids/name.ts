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

/** A path's last name. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** A path's folder; '' at the top. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))
