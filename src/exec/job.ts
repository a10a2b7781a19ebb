import type { Artifact, Digest } from '../artifact.ts'
import type { Fingerprint } from '../fingerprint.ts'
import type { Failure } from '../failure.ts'
import type { Progress } from '../event.ts'
import type { Holder } from '../holder.ts'
import type { Compute, Element } from '../node.ts'

/** What is to be made: a step as a whole, one of its elements, or the step's document from its elements. */
export type Unit = { readonly kind: 'whole' } | { readonly kind: 'element'; readonly index: number } | { readonly kind: 'collect' }

/** An element of the job: made now, or (with `artifact`) already there. */
export interface JobElement {
  readonly element: Element<unknown>
  readonly fingerprint: Fingerprint
  readonly key: Digest
}

/** All that the process of a step needs to know; plain data, written as one JSON file that `pipe exec` takes. */
export interface JobFile {
  readonly format: 1
  /** The id of the run, for those who wait for it. */
  readonly run: string
  /** Made also where the cache has it. */
  readonly forced: boolean
  readonly step: string
  readonly nodeName: string
  /** Of a user's own node: its file. */
  readonly nodeFile?: string
  readonly params: unknown
  /** Input name -> artifacts, by digest where they are in the cache, whole where they are a folder of the user's. */
  readonly inputs: Readonly<Record<string, readonly (Digest | Artifact<unknown>)[]>>
  readonly fingerprint: Fingerprint
  readonly key: Digest
  readonly elements: readonly JobElement[]
  readonly seed: number
  readonly compute: Compute
  readonly threads: number
  readonly cache: { readonly dir: string; readonly results: string }
}

/** What a unit gave. `taken`: another run had made it meanwhile. */
export type UnitResult =
  | { readonly ok: true; readonly digest: Digest; readonly ms: number; readonly taken?: true }
  | { readonly ok: false; readonly failure: Failure; readonly trace?: string }

/** Nothing was done, since another run is at the same work. */
export interface Busy {
  readonly busy: Holder
}

/** What happens inside a unit while it runs. */
export type UnitEvent =
  | { readonly type: 'progress'; readonly element?: string; readonly progress: Progress }
  | { readonly type: 'log'; readonly element?: string; readonly level: 'info' | 'warn'; readonly line: string }

/** Runs the units of one step. Opened when the first is due, closed after the last. */
export interface Session {
  run(unit: Unit, emit: (event: UnitEvent) => void): Promise<UnitResult | Busy>
  close(): Promise<void>
}

/** How steps are run: child processes, or here (tests). `signal` ends what runs. */
export interface Executor {
  open(job: JobFile, options: { readonly logFile: string; readonly signal: AbortSignal; readonly timeout?: number }): Promise<Session>
}
