import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Digest, FileEntry } from './artifact.ts'
import { hashFile, makeFolder, mapLimited, writeAtomically } from './files.ts'
import { digestText } from './fingerprint.ts'
import { QuickDisk } from './quick-disk.ts'

/** A file as the system sees it without reading it; while this stays the same, so do the bytes. */
type Stamp = readonly [size: number, mtimeNs: string, ctimeNs: string, inode: string, digest: Digest]

/** Files younger than this when they were hashed may change again within the clock's resolution, so they are not remembered. */
const RACE_MS = 1000

/**
 * Digests of files that are not ours, remembered by size, times and inode, so that unchanged files are not read again.
 * One file per root folder below `dir`. Only an accelerator: losing it costs reading, never correctness; the last writer wins.
 */
export async function digestFiles(dir: string, root: string, paths: readonly string[]): Promise<FileEntry[]> {
  const memory = join(dir, `${digestText(root).slice(0, 24)}.json`)
  const disk = new QuickDisk()
  const known = await load(memory, disk)
  const fresh: Record<string, Stamp> = {}
  const read: string[] = []
  const entries = await mapLimited(paths, 32, async path => {
    const full = join(root, path)
    const before = await disk.stat(full)
    if (!before) throw Object.assign(new Error(`ENOENT: no such file or directory, stat '${full}'`), { code: 'ENOENT', path: full })
    const [size, mtime, ctime, inode] = [Number(before.size), String(before.mtimeNs), String(before.ctimeNs), String(before.ino)]
    const old = known[path]
    if (old?.[0] === size && old[1] === mtime && old[2] === ctime && old[3] === inode) {
      fresh[path] = old
      return { path, size, digest: old[4] }
    }
    const digest = await hashFile(full)
    read.push(path)
    const after = await stat(full, { bigint: true })
    const settled = after.mtimeNs === before.mtimeNs && after.ctimeNs === before.ctimeNs && Date.now() - Number(after.ctimeMs) > RACE_MS
    if (settled) fresh[path] = [size, mtime, ctime, inode, digest]
    return { path, size: Number(after.size), digest }
  })
  if (read.length > 0 || Object.keys(known).length !== Object.keys(fresh).length) {
    // A cache that cannot be written costs speed here; the commit of a result is where it is told.
    await makeFolder(dir)
      .then(() => writeAtomically(memory, sealed(JSON.stringify(fresh))))
      .catch(() => undefined)
  }
  return entries
}

/** Its digest first: what is remembered decides keys, and nothing else would notice a bit that flipped. */
const sealed = (text: string): string => `${digestText(text)}\n${text}`

async function load(path: string, disk: QuickDisk): Promise<Record<string, Stamp>> {
  const text = (await disk.read(path).catch(() => undefined)) ?? ''
  const body = text.slice(text.indexOf('\n') + 1)
  return text !== '' && text === sealed(body) ? (JSON.parse(body) as Record<string, Stamp>) : {}
}
