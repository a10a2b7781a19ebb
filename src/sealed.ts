import { chmod, lstat, open, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artifact, Digest, FileEntry } from './artifact.ts'
import { codeOf, hashFile, mapLimited } from './files.ts'
import { digestText } from './fingerprint.ts'
import type { QuickDisk } from './quick-disk.ts'

/** Files of artifacts carry this time stamp, so that one that was written to later shows without reading it: 2000-01-01. */
const SEALED = new Date(Date.UTC(2000, 0, 1))
const SEALED_NS = BigInt(SEALED.getTime()) * 1_000_000n

/** Makes a finished file read-only and lasting, and lists it. */
export async function sealFile(work: string, path: string): Promise<FileEntry> {
  const full = join(work, path)
  if (!(await lstat(full)).isFile()) throw new Error(`${path} is a link; an artifact holds plain files only`)
  const digest = await hashFile(full)
  await closeFile(full)
  return { path, size: (await stat(full)).size, digest }
}

/** Flushes a file to the disk, and seals it. */
export async function closeFile(full: string): Promise<void> {
  const file = await open(full, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  await utimes(full, SEALED, SEALED)
  await chmod(full, 0o444)
}

/** Which folder it is, whatever its name. */
export type Inode = bigint

/** An artifact as its folder has it, or what is wrong with that. `damaged`: the folder that is there, and is not what it should be. */
export type Read = { readonly artifact: Artifact<unknown> } | { readonly lost: string; readonly damaged: Inode | undefined }

/** Reads an artifact's document, and checks its files with `check`: by default without reading those whose seal is whole. */
export async function readArtifact(dir: string, digest: Digest, disk: QuickDisk, check: FileCheck = ifTouched(disk)): Promise<Read> {
  // Before anything is read of it: what is found out is true of this folder, and of none that takes its place.
  const damaged = (await disk.stat(dir))?.ino
  const text = await disk.read(`${dir}/artifact.json`)
  if (text === undefined) return { lost: 'it is no longer in the cache', damaged }
  if (digestText(text) !== digest) return { lost: 'its document in the cache is damaged', damaged }
  const { kind, value, files } = JSON.parse(text) as { kind: string; value: unknown; files: FileEntry[] }
  const wrong = (await mapLimited(files, 32, f => check(`${dir}/${f.path}`, f))).find(w => w !== undefined)
  if (wrong !== undefined) return { lost: wrong, damaged }
  return { artifact: { kind, digest, dir, value, files } }
}

/** Says what is wrong with a file of an artifact. */
export type FileCheck = (path: string, entry: FileEntry) => Promise<string | undefined>

/** Reads a file only where its time stamp says that it was touched. */
const ifTouched =
  (disk: QuickDisk): FileCheck =>
  async (full, entry) => {
    const found = await disk.stat(full)
    if (found?.mtimeNs === SEALED_NS && Number(found.size) === entry.size) return undefined
    const wrong = await damage(full, entry)
    // Of another user's file the time cannot be set: then it is read again the next time, too.
    if (wrong === undefined) await utimes(full, SEALED, SEALED).catch(unlessRefused)
    return wrong
  }

/** What is wrong with the bytes of an artifact's file, which are read. `digestOf`: what hashes a file. */
export async function damage(full: string, { path, size, digest }: FileEntry, digestOf = hashFile): Promise<string | undefined> {
  const found = await stat(full).catch(() => undefined)
  if (!found) return `its file ${path} is gone from the cache`
  if (found.size !== size) return `its file ${path} in the cache has ${found.size} bytes instead of ${size}`
  return (await digestOf(full)) === digest ? undefined : `its file ${path} in the cache is damaged`
}

const unlessRefused = (error: unknown): void => {
  if (!['EPERM', 'EACCES', 'EROFS'].includes(codeOf(error) ?? '')) throw error
}
