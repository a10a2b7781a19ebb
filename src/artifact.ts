import { join } from 'node:path'
import type { z } from 'zod'

/** The content hash of an artifact or a file: equal digests, equal bytes. Lower-case hexadecimal sha256. */
export type Digest = string & { readonly __digest: never }

/** What a node may hand to the next: one JSON document, and the files it names. */
export interface ArtifactType<T> {
  /** The word that pipelines and messages use: `dataset`, `index`, `split` ... */
  readonly kind: string
  readonly schema: z.ZodType<T>
}

/** One file of an artifact. `path` is relative to the artifact's folder, with `/` between names. */
export interface FileEntry {
  readonly path: string
  readonly size: number
  readonly digest: Digest
}

/** One artifact: its document, and its files where they lie now. Read-only. */
export interface Artifact<T> {
  readonly kind: string
  /** Over the document and the listing of files; never over where they lie. */
  readonly digest: Digest
  readonly dir: string
  readonly value: T
  /** Sorted by path. */
  readonly files: readonly FileEntry[]
}

/** Declares an artifact kind. */
export const artifact = <T>(kind: string, schema: z.ZodType<T>): ArtifactType<T> => ({ kind, schema })

/** A file of an artifact as something that a unit of work reads: where it is, and what it holds. */
export interface FileRef {
  readonly path: string
  readonly digest: Digest
}

/** The named file of an artifact; throws when the artifact has no such file (a bug of the node that made the document). */
export function fileOf(from: Artifact<unknown>, path: string): FileRef {
  const entry = findFile(from, path)
  if (!entry) throw new Error(`the ${from.kind} artifact ${from.digest.slice(0, 12)} has no file "${path}"`)
  return entry
}

/** The named file of an artifact, or undefined. */
export function findFile(from: Artifact<unknown>, path: string): FileRef | undefined {
  let low = 0
  let high = from.files.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const entry = from.files[middle]!
    if (entry.path === path) return { path: join(from.dir, path), digest: entry.digest }
    if (entry.path < path) low = middle + 1
    else high = middle - 1
  }
  return undefined
}
