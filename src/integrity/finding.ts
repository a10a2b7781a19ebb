import { describe, FailureError } from '../failure.ts'

/** How bad: an error would stop a run, a warning should be looked at, a note is worth knowing. */
export const levels = ['error', 'warning', 'note'] as const

/** Something about the data, in a sentence that names the file. */
export interface Finding {
  readonly level: (typeof levels)[number]
  readonly what: string
}

export const warning = (what: string): Finding => ({ level: 'warning', what })
export const note = (what: string): Finding => ({ level: 'note', what })

/** What a piece of work gives; or, where it fails as a run would, what it says then. Bugs are thrown on. */
export async function orFinding<T>(work: () => Promise<T>): Promise<T | Finding> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof FailureError) return { level: 'error', what: describe(error.failure) }
    throw error
  }
}

export const isFinding = (x: unknown): x is Finding => typeof x === 'object' && x !== null && 'level' in x && 'what' in x
