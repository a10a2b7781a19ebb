import { stat } from 'node:fs/promises'
import type { Digest } from '../artifact.ts'
import type { Cache, ResultRecord } from '../cache.ts'
import { hashFile, mapLimited } from '../files.ts'
import { keyOf } from '../fingerprint.ts'
import { QuickDisk } from '../quick-disk.ts'
import { damage, readArtifact } from '../sealed.ts'
import type { Entry, Inventory } from './inventory.ts'

/** Something in a cache that is not what it should be, and what was done about it. */
export interface Fault {
  readonly kind: 'result' | 'record'
  readonly id: Digest
  readonly detail: string
  /** Where it was moved; a record is removed. */
  readonly movedTo?: string
  /** What has to be made again: `slices`, `slices sub-01_T2w`. */
  readonly affected: readonly string[]
}

/** What was read, and what was wrong. */
export interface Checked {
  readonly results: number
  readonly records: number
  readonly bytes: number
  readonly faults: readonly Fault[]
}

/** Reads every byte of every result, and every record; sets aside what is wrong, so that it is made again. */
export async function checkCache(cache: Cache, inventory: Inventory, progress: (done: number, total: number) => void): Promise<Checked> {
  const results = inventory.entries.filter(entry => entry.kind === 'result')
  const read = { bytes: 0, results: 0 }
  const digestOf = onceAFile(bytes => (read.bytes += bytes))
  const found = await mapLimited(results, 4, async entry => {
    const fault = await checkResult(cache, entry, digestOf)
    progress(++read.results, results.length)
    return fault
  })
  const records = inventory.records ?? []
  const wrong = await mapLimited(records, 4, async record => checkRecord(cache, record))
  const unreadable = await mapLimited(inventory.unreadable, 4, async key => unreadableRecord(cache, key))
  const faults = [...found, ...wrong, ...unreadable].filter(fault => fault !== undefined)
  return { results: results.length, records: records.length + unreadable.length, bytes: read.bytes, faults }
}

/** Hashes each file once, whatever the number of results that share it. */
function onceAFile(read: (bytes: number) => void): (path: string) => Promise<Digest> {
  const known = new Map<string, Promise<Digest>>()
  return async path => {
    const { dev, ino, size } = await stat(path)
    const name = `${dev}:${ino}`
    if (!known.has(name)) {
      read(size)
      known.set(name, hashFile(path))
    }
    return known.get(name)!
  }
}

async function checkResult(cache: Cache, entry: Entry, digestOf: (path: string) => Promise<Digest>): Promise<Fault | undefined> {
  // One cast: a folder of that name in that place; any other is not what its name says.
  const id = entry.id as Digest
  const found = await readArtifact(entry.path, id, new QuickDisk(), (path, file) => damage(path, file, digestOf))
  // Not damaged and not there: it was removed meanwhile; or made again.
  const movedTo = 'artifact' in found || found.damaged === undefined ? undefined : await cache.setAside(id, found.damaged)
  if ('artifact' in found || movedTo === undefined) return undefined
  return { kind: 'result', id, detail: found.lost, movedTo, affected: namesOf(entry.records) }
}

/** A record that lies about what it was made from says the wrong reasons; without it the result is made again. */
async function checkRecord(cache: Cache, record: ResultRecord): Promise<Fault | undefined> {
  if (keyOf(record.fingerprint) === record.key) return undefined
  await cache.forget(record.key)
  return { kind: 'record', id: record.key, detail: 'its fingerprint is not that of its key', affected: namesOf([record]) }
}

/** What it was the record of is not known any more. */
async function unreadableRecord(cache: Cache, key: Digest): Promise<Fault> {
  await cache.forget(key)
  return { kind: 'record', id: key, detail: 'it cannot be read', affected: [] }
}

/** The steps, with their elements, that some records are of. */
export const namesOf = (records: readonly ResultRecord[]): readonly string[] =>
  [...new Set(records.map(({ step, fingerprint: { element } }) => (element ? `${step} ${element.id}` : step)))].sort()
