import { fail } from '../failure.ts'

/** The code of a system error (`ENOENT`, `ECONNRESET` ...), also of one that is the cause of another. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  return 'cause' in error ? codeOf(error.cause) : undefined
}

/** Stops with a failure if the error is that the disk, or the user's share of it, is full. */
export function failIfDiskFull(error: unknown, path: string): void {
  const code = codeOf(error)
  if (code === 'ENOSPC' || code === 'EDQUOT')
    fail({ kind: 'disk-full', path, detail: code === 'EDQUOT' ? 'the quota of this user is used up' : 'the disk is full' })
}
