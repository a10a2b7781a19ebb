/** One entry of an archive, as its own listing has it. */
export interface ArchiveEntry {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  /** Bytes inflated, as declared. */
  readonly size: number
  /** Bytes in the archive; undefined where they are not counted entry by entry (.tar.gz). */
  readonly packed?: number
  /** Where a link leads, as written. */
  readonly target?: string
}

/** How large an archive may become. */
export interface Limits {
  readonly entries: number
  readonly bytes: number
  /** Inflated bytes per packed byte, once more than `ratioFrom` bytes would be written. */
  readonly ratio: number
  readonly ratioFrom: number
}

/** Deflate can reach a ratio of 1032; images, even empty masks, stay far below this over a whole dataset. */
export const defaultLimits: Limits = { entries: 5_000_000, bytes: 2 ** 41, ratio: 200, ratioFrom: 2 ** 30 }

/** What is wrong with an archive, and where. */
export interface Hostile {
  readonly entry: string
  readonly detail: string
}

/** Where the entries go, or what is wrong: entry name -> path below the target folder. */
export interface UnpackPlan {
  readonly files: ReadonlyMap<string, string>
  /** Links that lead to a file of the archive: path of the link -> path of that file. They become copies. */
  readonly links: ReadonlyMap<string, string>
  readonly bytes: number
}

/**
 * Decides where every entry goes before anything is written: names checked, junk of macOS left out, a single root folder
 * stripped. Nothing that a name or a link can say leads out of the folder.
 */
export function planUnpack(
  entries: readonly ArchiveEntry[],
  archiveBytes: number,
  stripRoot: boolean,
  limits: Limits,
): UnpackPlan | Hostile {
  const tooLarge = checkSizes(entries, archiveBytes, limits)
  if (tooLarge) return tooLarge
  const paths = new Map<ArchiveEntry, string>()
  for (const entry of entries) {
    const path = cleanPath(entry.name)
    if (typeof path !== 'string') return { entry: entry.name, detail: path.detail }
    if (entry.kind === 'other') return { entry: entry.name, detail: 'is neither a file nor a folder' }
    if (path !== '' && entry.kind !== 'folder' && !isJunk(path)) paths.set(entry, path)
  }
  const clash = findClash(paths)
  if (clash) return clash
  const named = new Map([...paths].map(([entry, path]) => [path, entry]))
  const links = new Map<string, string>()
  let bytes = entries.reduce((sum, e) => sum + e.size, 0)
  for (const [entry, path] of paths) {
    if (entry.kind !== 'link') continue
    const target = followLink(path, named)
    if (target === undefined)
      return { entry: entry.name, detail: `is a link to ${JSON.stringify(entry.target)}, which is no file of the archive` }
    links.set(path, target)
    // Copies count too: thousands of links to one large file are a bomb as well.
    bytes += named.get(target)!.size
    const problem = sizeProblem(bytes, archiveBytes, limits)
    if (problem !== undefined) return { entry: entry.name, detail: problem }
  }
  const root = stripRoot ? singleRoot([...paths.values()]) : ''
  const strip = (path: string) => path.slice(root.length)
  const files = new Map([...paths].filter(([e]) => e.kind === 'file').map(([e, path]) => [e.name, strip(path)]))
  return {
    files,
    links: new Map([...links].map(([path, target]) => [strip(path), strip(target)])),
    bytes,
  }
}

function checkSizes(entries: readonly ArchiveEntry[], archiveBytes: number, limits: Limits): Hostile | undefined {
  let bytes = 0
  let packed = 0
  for (const entry of entries) {
    bytes += entry.size
    packed += entry.packed ?? 0
    const problem = sizeProblem(bytes, archiveBytes, limits)
    if (problem !== undefined) return { entry: entry.name, detail: problem }
    // Entries that overlap: one deflated block named many times (Fifield, "A better zip bomb", WOOT 2019).
    if (packed > archiveBytes) return { entry: entry.name, detail: 'shares its bytes with another entry: a zip bomb' }
  }
  const tooMany = entries[limits.entries]
  return tooMany && { entry: tooMany.name, detail: `is one of ${entries.length} entries, and at most ${limits.entries} are unpacked` }
}

/** Why so many inflated bytes are too many, or undefined. */
export function sizeProblem(bytes: number, archiveBytes: number, limits: Limits): string | undefined {
  if (bytes > limits.bytes) return `brings the unpacked size above the limit of ${limits.bytes} bytes`
  if (bytes > limits.ratioFrom && bytes > archiveBytes * limits.ratio)
    return `brings the unpacked size to more than ${limits.ratio} times the archive's: a zip bomb`
  return undefined
}

/** The name as a relative path with `/`, without empty and `.` parts; or what is wrong with it. */
function cleanPath(name: string): string | { readonly detail: string } {
  if (/[\u0000-\u001f\u007f]/.test(name)) return { detail: 'has control characters in its name' }
  if (name.includes('\\')) return { detail: 'has a backslash in its name' }
  if (name.startsWith('/')) return { detail: 'has an absolute path' }
  if (/^[a-zA-Z]:/.test(name)) return { detail: 'names a drive' }
  const parts = name.split('/').filter(part => part !== '' && part !== '.')
  if (parts.includes('..')) return { detail: 'leads out of the folder with ".."' }
  if (parts.some(part => Buffer.byteLength(part) > 255)) return { detail: 'has a name of more than 255 bytes' }
  const path = parts.join('/')
  return Buffer.byteLength(path) > 1024 ? { detail: 'has a path of more than 1024 bytes' } : path
}

/** What macOS adds: resource forks and folder settings. */
const isJunk = (path: string): boolean =>
  path.split('/').some(part => part === '__MACOSX' || part === '.DS_Store' || (part.startsWith('._') && part.length > 2))

/** Two entries that would be one file on some file system, or a file that another entry needs as a folder. */
function findClash(paths: ReadonlyMap<ArchiveEntry, string>): Hostile | undefined {
  const fold = (path: string) => path.normalize('NFC').toLowerCase()
  const seen = new Map<string, string>()
  for (const [entry, path] of paths) {
    const other = seen.get(fold(path))
    if (other !== undefined) return { entry: entry.name, detail: other === path ? 'is there twice' : `differs from ${other} in case only` }
    seen.set(fold(path), path)
  }
  for (const [entry, path] of paths) {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      const file = seen.get(fold(path.slice(0, at)))
      if (file !== undefined) return { entry: entry.name, detail: `lies in ${file}, which is a file or a link` }
    }
  }
  return undefined
}

/** The file that a link leads to, also by way of other links, if it is one of the archive's. */
function followLink(path: string, entries: ReadonlyMap<string, ArchiveEntry>, steps = 0): string | undefined {
  const entry = entries.get(path)
  if (entry?.kind !== 'link') return entry && path
  const next = linkTarget(path, entry.target ?? '')
  // Links in a circle lead nowhere; 40 steps are what Linux follows.
  return next === undefined || steps === 40 ? undefined : followLink(next, entries, steps + 1)
}

/** Where a link leads, from the top of the archive; undefined where it leads out. */
function linkTarget(path: string, target: string): string | undefined {
  if (target.startsWith('/') || target.includes('\\')) return undefined
  const parts = path.split('/').slice(0, -1)
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.join('/')
}

/** `folder/` if all lies in one folder, and that is not itself a part of a dataset; else ''. */
function singleRoot(paths: readonly string[]): string {
  const root = paths[0]?.slice(0, paths[0].indexOf('/') + 1) ?? ''
  return root !== '' && !/^(sub-|derivatives\/)/.test(root) && paths.every(path => path.startsWith(root)) ? root : ''
}
