import { cacheFailures } from './failures/cache.ts'
import { compareFailures } from './failures/compare.ts'
import { fileFailures } from './failures/files.ts'
import { imageFailures } from './failures/image.ts'
import { ivadomedFailures } from './failures/ivadomed.ts'
import { packageFailures } from './failures/package.ts'
import { pipelineFailures } from './failures/pipeline.ts'
import { runFailures } from './failures/run.ts'
import type { Sentence } from './failures/sentence.ts'
import { sweepFailures } from './failures/sweep.ts'
import { trainFailures } from './failures/train.ts'
import { userNodeFailures } from './failures/user-node.ts'

/** A place in a file the user wrote. Lines and columns count from 1; `length` is how many characters to underline. */
export interface Location {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly length?: number
  /** The line itself, where it is not one of a file: an option of the command line. */
  readonly text?: string
}

/** Everything that can go wrong through the user's own files or data: a closed table, kind -> what it says. */
export const failureKinds = {
  ...pipelineFailures,
  ...runFailures,
  ...fileFailures,
  ...imageFailures,
  ...trainFailures,
  ...userNodeFailures,
  ...ivadomedFailures,
  ...compareFailures,
  ...sweepFailures,
  ...packageFailures,
  ...cacheFailures,
} as const

type Kinds = typeof failureKinds
/** One expected failure, as data. `at` is where in the user's pipeline, when that is known. */
export type Failure = { [K in keyof Kinds]: { readonly kind: K; readonly at?: Location } & Readonly<Parameters<Kinds[K]>[0]> }[keyof Kinds]

/** Either a value, or the reasons there is none. Expected failures travel this way; bugs are thrown. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failures: readonly Failure[] }

export const ok = <T>(value: T): Result<T> => ({ ok: true, value })
export const failed = (...failures: readonly Failure[]): { readonly ok: false; readonly failures: readonly Failure[] } => ({
  ok: false,
  failures,
})

/** Carries a failure out of the depth of a node. Caught once, by what runs the node. */
export class FailureError extends Error {
  readonly failure: Failure

  /** By what it is: the command is bundled, so a user's node throws the class of another copy of this file. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'FailureError' && 'failure' in value
  }

  constructor(failure: Failure) {
    super(sentence(failure).what)
    this.name = 'FailureError'
    this.failure = failure
  }
}

/** Stops the work of a node with an expected failure. */
export function fail(failure: Failure): never {
  throw new FailureError(failure)
}

export type { Sentence } from './failures/sentence.ts'

/** What a failure says, in parts. */
export function sentence(failure: Failure): Sentence {
  // One cast: the table's value under a kind takes exactly the data of that kind.
  return (failureKinds[failure.kind] as (data: unknown) => Sentence)(failure)
}

/** What a failure says, as the lines that are printed after its place. */
export function describe(failure: Failure): string {
  const { what, facts = [], hint } = sentence(failure)
  return [what, ...facts.map(f => `    ${f}`), ...(hint ? [`  ${hint}`] : [])].join('\n')
}

/** Never reached: makes the compiler list every switch that misses a case. */
export function unreachable(x: never): never {
  throw new Error(`unreachable: ${JSON.stringify(x)}`)
}
