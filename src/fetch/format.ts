import type { Readable } from 'node:stream'
import type { ArchiveEntry } from './entries.ts'

/** A kind of archive: how to list what is in it, and how to read the files. */
export interface Format {
  /** All entries, without writing anything. `inflated` is told how many bytes were inflated so far, and may throw. */
  list(archive: string, signal: AbortSignal, inflated: (bytes: number) => void): Promise<readonly ArchiveEntry[]>
  /** Hands every file of the archive to `take`, in turn; `take` must read the whole stream, or be told false by `wanted`. */
  read(
    archive: string,
    signal: AbortSignal,
    wanted: (name: string) => boolean,
    take: (name: string, data: Readable) => Promise<void>,
  ): Promise<void>
}
