import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Digest } from '../artifact.ts'
import type { Cache, ResultRecord } from '../cache.ts'
import { codeOf, listFiles, mapLimited } from '../files.ts'

/** What lies in a cache: a result, the checkpoints of work that is not done, what was found damaged, what a kill left. */
export type EntryKind = 'result' | 'unfinished' | 'damaged' | 'leftover'

/** A file on the disk. Results share files, as hard links; equal inodes are one file. */
export interface StoredFile {
  readonly inode: string
  readonly bytes: number
}

/** One thing in a cache that can be removed on its own. */
export interface Entry {
  readonly kind: EntryKind
  /** Of a result its digest, of unfinished work its key. */
  readonly id: string
  readonly path: string
  readonly files: readonly StoredFile[]
  /** By the clock of the file system, in ms. */
  readonly lastUsed: number
  /** What of it says so, to see whether it was used since. */
  readonly stamp: number
  /** Its records, and those of the steps that it is an element of. */
  readonly records: readonly ResultRecord[]
}

/** All that lies in a cache. */
export interface Inventory {
  readonly entries: readonly Entry[]
  /** Undefined where the store cannot list them. */
  readonly records: readonly ResultRecord[] | undefined
  /** Keys of records that cannot be read. */
  readonly unreadable: readonly Digest[]
}

/** Looks at everything on the disk, and reads every record; opens no file of a result. */
export async function takeInventory(cache: Cache): Promise<Inventory> {
  const { records, unreadable } = await recordsOf(cache)
  const [results, unfinished, damaged, work, torn] = await Promise.all([
    entriesIn('result', await foldersOf(join(cache.dir, 'artifacts'), 2)),
    entriesIn('unfinished', await foldersOf(join(cache.dir, 'scratch'), 1)),
    entriesIn('damaged', [...(await foldersOf(join(cache.dir, 'damaged'), 1)), ...(await tornRecords(cache.dir, '.damaged'))]),
    entriesIn('leftover', await foldersOf(join(cache.dir, 'tmp'), 1)),
    entriesIn('leftover', await tornRecords(cache.dir, '.tmp')),
  ])
  return { entries: [...withRecords(results, records ?? []), ...unfinished, ...damaged, ...work, ...torn], records, unreadable }
}

async function recordsOf(cache: Cache): Promise<Pick<Inventory, 'records' | 'unreadable'>> {
  const listed = cache.records()
  if (!listed) return { records: undefined, unreadable: [] }
  const records: ResultRecord[] = []
  const unreadable: Digest[] = []
  for await (const [key, record] of listed) {
    if (record) records.push(record)
    else unreadable.push(key)
  }
  return { records, unreadable }
}

/** Each result with the records that lead to it. An element was used when a step that it is a part of was. */
function withRecords(entries: readonly Entry[], records: readonly ResultRecord[]): Entry[] {
  const byKey = new Map(records.map(record => [record.key, record]))
  const users = new Map<Digest, ResultRecord[]>()
  const add = (artifact: Digest, record: ResultRecord): void => void users.set(artifact, [...(users.get(artifact) ?? []), record])
  for (const record of records) {
    add(record.artifact, record)
    for (const key of Object.values(record.elements ?? {})) {
      const element = byKey.get(key)
      if (element) add(element.artifact, record)
    }
  }
  const used = new Map(entries.map(entry => [entry.id, entry.lastUsed]))
  return entries.map(entry => {
    const own = users.get(entry.id as Digest) ?? []
    return { ...entry, records: own, lastUsed: Math.max(entry.lastUsed, ...own.map(r => used.get(r.artifact) ?? 0)) }
  })
}

const entriesIn = async (kind: EntryKind, paths: readonly string[]): Promise<Entry[]> =>
  (await mapLimited(paths, 16, path => entryAt(kind, path))).filter(entry => entry !== undefined)

/** Undefined where it is gone meanwhile. */
async function entryAt(kind: EntryKind, path: string): Promise<Entry | undefined> {
  const found = await stat(path).catch(unlessGone)
  if (!found) return undefined
  const names = found.isDirectory() ? await listFiles(path).catch(unlessGone) : ['']
  const stats = (await mapLimited(names ?? [], 32, name => stat(join(path, name)).catch(unlessGone))).filter(s => s !== undefined)
  const files = stats.map(s => ({ inode: `${s.dev}:${s.ino}`, bytes: s.size }))
  // The files of a result have the time of their seal; those of unfinished work are written to.
  const stamp = kind === 'result' ? found.mtimeMs : Math.max(found.mtimeMs, ...stats.map(s => s.mtimeMs))
  return { kind, id: basename(path), path, files, lastUsed: stamp, stamp, records: [] }
}

/** The folders so many levels below. */
async function foldersOf(dir: string, levels: number): Promise<string[]> {
  const found = (await readdir(dir, { withFileTypes: true }).catch(unlessGone)) ?? []
  const folders = found.filter(entry => entry.isDirectory()).map(entry => join(dir, entry.name))
  return levels === 1 ? folders : (await Promise.all(folders.map(folder => foldersOf(folder, levels - 1)))).flat()
}

/** Files beside the records of the default store: those a kill left half written, or that were found damaged. */
async function tornRecords(cacheDir: string, ending: string): Promise<string[]> {
  const dir = join(cacheDir, 'results')
  return ((await listFiles(dir).catch(unlessGone)) ?? []).filter(name => name.endsWith(ending)).map(name => join(dir, name))
}

const unlessGone = (error: unknown): undefined => {
  if (!['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) throw error
}

/** The bytes of some entries, files that they share counted once. */
export const bytesOf = (entries: readonly Entry[]): number =>
  [...new Map(entries.flatMap(entry => entry.files).map(file => [file.inode, file.bytes])).values()].reduce((a, b) => a + b, 0)
