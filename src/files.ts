import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { mkdir, open, readdir, readFile, realpath, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import type { Digest } from './artifact.ts'

/** Files up to this size are read in one piece: a stream costs more than they do. */
const ONE_PIECE = 1 << 20

/** The sha256 of a file's bytes. */
export async function hashFile(path: string): Promise<Digest> {
  const hash = createHash('sha256')
  if ((await stat(path)).size <= ONE_PIECE) hash.update(await readFile(path))
  else for await (const chunk of createReadStream(path, { highWaterMark: ONE_PIECE })) hash.update(chunk as Buffer)
  return hash.digest('hex') as Digest
}

/** As `hashFile`, where nothing can wait: of files that are read whole anyway. */
export const hashFileNow = (path: string): Digest => createHash('sha256').update(readFileSync(path)).digest('hex') as Digest

/** Writes a whole file so that a reader sees the old one or the new one, whatever happens between. */
export async function writeAtomically(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(data)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** The time by the clock of a folder's file system, which may be that of another machine, in ms. */
export async function clockOf(dir: string): Promise<number> {
  const made = join(dir, `${process.pid}-${randomBytes(6).toString('hex')}`)
  await makeFolder(made)
  const { mtimeMs } = await stat(made)
  await rmdir(made)
  return mtimeMs
}

/** Makes a rename or a new name in a folder survive a power cut. Where a folder cannot be opened (Windows), there is nothing to do. */
export async function syncFolder(dir: string): Promise<void> {
  try {
    const folder = await open(dir, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  } catch (error) {
    if (!['EPERM', 'EISDIR', 'EACCES', 'EINVAL'].includes(codeOf(error) ?? '')) throw error
  }
}

/** What `listFiles` leaves out, and whom it tells. */
export interface ListOptions {
  /** Names of files and folders that are left out. */
  readonly skip?: (name: string) => boolean
  /** Called with the path of every link that leads to nothing. */
  readonly lost?: (path: string) => void
}

/**
 * Makes a folder and those above it. Node's own `mkdir` with `recursive` never returns where the system says ENOENT for a
 * folder that it refuses to make (below /proc); this one stops at the first name that cannot be made.
 */
export async function makeFolder(dir: string): Promise<void> {
  const failure = await tryFolder(dir)
  if (failure === undefined) return
  if (codeOf(failure) !== 'ENOENT' || dirname(dir) === dir) throw failure
  await makeFolder(dirname(dir))
  // The folder above is there now, so that a second refusal is final.
  const again = await tryFolder(dir)
  if (again !== undefined) throw again
}

async function tryFolder(dir: string): Promise<Error | undefined> {
  try {
    await mkdir(dir)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const isThere = codeOf(error) === 'EEXIST' && (await stat(dir)).isDirectory()
    return isThere ? undefined : error
  }
  return undefined
}

/** Every file below a folder, as sorted relative paths with `/`; links are followed, but for those to a folder they lie in. */
export async function listFiles(root: string, { skip = () => false, lost = () => undefined }: ListOptions = {}): Promise<string[]> {
  const found: string[] = []
  /** `crossed`: the true folders of the links on the way here. */
  const walk = async (relative: string, crossed: readonly string[]): Promise<void> => {
    const entries = await readdir(join(root, relative), { withFileTypes: true })
    await Promise.all(
      entries.map(async entry => {
        if (skip(entry.name)) return
        const path = relative ? `${relative}/${entry.name}` : entry.name
        const isLink = entry.isSymbolicLink()
        const target = isLink ? await stat(join(root, path)).catch(() => undefined) : entry
        if (!target) lost(path)
        else if (target.isFile()) found.push(path)
        else if (target.isDirectory() && !isLink) await walk(path, crossed)
        else if (target.isDirectory()) {
          const [real, here] = await Promise.all([realpath(join(root, path)), realpath(join(root, relative))])
          const trail = [...crossed, here]
          if (!trail.some(folder => `${folder}${sep}`.startsWith(`${real}${sep}`))) await walk(path, trail)
        }
      }),
    )
  }
  await walk('', [])
  return found.sort((a, b) => (a < b ? -1 : 1))
}

/** `ENOENT`, `ENOSPC` ... of a system error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Work on many items with a bound on how many at a time; results in the order of the items. */
export async function mapLimited<T, R>(items: readonly T[], limit: number, work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length)
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const i = next++
      results[i] = await work(items[i]!, i)
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane))
  return results
}

/** The folder that holds a path. */
export const folderOf = dirname
