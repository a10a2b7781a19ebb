import { randomBytes } from 'node:crypto'
import { rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Digest } from '../artifact.ts'
import type { Cache, ResultRecord } from '../cache.ts'
import { codeOf, makeFolder } from '../files.ts'
import { unreachable } from '../failure.ts'
import type { Entry, Inventory } from './inventory.ts'

/** How much of a cache may stay. */
export interface Limits {
  readonly maxBytes?: number
  /** What was not used for so long goes. */
  readonly olderThanMs?: number
  /** Nothing may stay. */
  readonly all?: true
}

/** What may not go. */
export interface Kept {
  /** Results of pins. */
  readonly pinned: ReadonlySet<Digest>
  /** When the oldest run that lives began: what was used since then is in use. */
  readonly since?: number | undefined
}

/** Why something goes: it can never be used again, was not used for long, or something has to. */
export type Reason = 'useless' | 'old' | 'space'

/** One thing that goes, and what that frees: files that others share stay. */
export interface Removal {
  readonly entry: Entry
  readonly reason: Reason
  readonly bytes: number
}

/** Stamps of one file system may be a little apart. */
const SLACK_MS = 5000
/** A leftover may be somebody's who holds no lease: the work of a plan, or of a checking. */
const LEFTOVER_MS = 3600_000

/** What has to go so that the limits hold: the useless first, then what was used least recently. `now`: by the files' clock. */
export function chooseRemovals({ entries, records }: Inventory, kept: Kept, limits: Limits, now: number): readonly Removal[] {
  const links = new Map<string, number>()
  for (const { files } of entries) for (const { inode } of files) links.set(inode, (links.get(inode) ?? 0) + 1)
  const pinned = withElements(kept.pinned, records ?? [])
  const isKept = (entry: Entry): boolean =>
    pinned.has(entry.id as Digest) || (kept.since !== undefined && entry.lastUsed >= kept.since - SLACK_MS)
  let left = [...new Map(entries.flatMap(e => e.files).map(f => [f.inode, f.bytes])).values()].reduce((a, b) => a + b, 0)
  const removals: Removal[] = []
  const remove = (entry: Entry, reason: Reason): void => {
    let bytes = 0
    for (const file of entry.files) {
      const others = links.get(file.inode)! - 1
      links.set(file.inode, others)
      if (others === 0) bytes += file.bytes
    }
    left -= bytes
    removals.push({ entry, reason, bytes })
  }
  const candidates = entries.filter(entry => !isKept(entry))
  const useless = candidates.filter(entry => isUseless(entry, records !== undefined, now))
  for (const entry of useless) remove(entry, 'useless')
  const { maxBytes = Infinity, olderThanMs = Infinity } = limits
  for (const entry of candidates.filter(entry => !useless.includes(entry)).sort(leastRecent)) {
    if (now - entry.lastUsed > olderThanMs) remove(entry, 'old')
    else if (limits.all || left > maxBytes) remove(entry, 'space')
  }
  return removals
}

/** Of those used at the same time a step goes before its elements: these make it again. */
const leastRecent = (a: Entry, b: Entry): number =>
  a.lastUsed - b.lastUsed || Number(isElement(a)) - Number(isElement(b)) || (a.id < b.id ? -1 : 1)

const isElement = ({ id, records }: Entry): boolean => records.some(r => r.artifact === id && r.fingerprint.element !== undefined)

function isUseless({ kind, records, lastUsed }: Entry, areRecordsKnown: boolean, now: number): boolean {
  switch (kind) {
    case 'result':
      return areRecordsKnown && records.length === 0 && now - lastUsed > LEFTOVER_MS
    case 'leftover':
      return now - lastUsed > LEFTOVER_MS
    case 'unfinished':
    case 'damaged':
      return false
    default:
      return unreachable(kind)
  }
}

/** The results of pins, and those of their elements. */
function withElements(pinned: ReadonlySet<Digest>, records: readonly ResultRecord[]): ReadonlySet<Digest> {
  const byKey = new Map(records.map(record => [record.key, record]))
  const steps = records.filter(record => pinned.has(record.artifact))
  const elements = steps.flatMap(record => Object.values(record.elements ?? {}).flatMap(key => byKey.get(key)?.artifact ?? []))
  return new Set([...pinned, ...elements])
}

/** Removes one thing, unless it was used since it was looked at. Says whether it went. */
export async function removeEntry(cache: Cache, { path, stamp, kind, records, id }: Entry): Promise<boolean> {
  const aside = join(cache.dir, 'tmp', `${process.pid}-${randomBytes(6).toString('hex')}`)
  await makeFolder(join(cache.dir, 'tmp'))
  try {
    await rename(path, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
  // Looked at again only where nobody can use it any more: else somebody could between the look and the removal.
  if (kind === 'result' && (await stat(aside)).mtimeMs > stamp && (await putBack(aside, path))) return false
  for (const record of records) if (record.artifact === id) await cache.forget(record.key)
  await rm(aside, { recursive: true, force: true })
  return true
}

/** False where it was made again meanwhile. */
const putBack = (aside: string, path: string): Promise<boolean> =>
  rename(aside, path).then(
    () => true,
    (error: unknown) => {
      if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(codeOf(error) ?? '')) throw error
      return false
    },
  )

/** Records that lead to a result which is not there: of no use. */
export function deadRecords({ entries, records = [] }: Inventory): readonly ResultRecord[] {
  const there = new Set(entries.filter(entry => entry.kind === 'result').map(entry => entry.id))
  return records.filter(record => !there.has(record.artifact))
}
