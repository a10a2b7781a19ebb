import { describe, FailureError } from '../src/failure.ts'

/** What work that fails says of it. */
export function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof FailureError) return describe(error.failure)
    throw error
  }
  throw new Error('it did not fail')
}
