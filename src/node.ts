import type { z } from 'zod'
import type { Artifact, ArtifactType, FileRef } from './artifact.ts'
import type { Progress } from './event.ts'

/** An input that takes one artifact, or a list of one kind (`many`). */
export interface InputSpec<T = unknown> {
  readonly type: ArtifactType<T>
  readonly many: boolean
  /** May be left out of the pipeline; the node then sees undefined. */
  readonly optional: boolean
}
type One<T> = InputSpec<T> & { readonly many: false; readonly optional: false }
type Many<T> = InputSpec<T> & { readonly many: true; readonly optional: false }
type Maybe<T> = InputSpec<T> & { readonly many: false; readonly optional: true }

/** An input that takes one artifact. */
export const one = <T>(type: ArtifactType<T>): One<T> => ({ type, many: false, optional: false })
/** An input that takes one or several artifacts, in the order of the pipeline file. */
export const many = <T>(type: ArtifactType<T>): Many<T> => ({ type, many: true, optional: false })
/** An input that may be left out. */
export const maybe = <T>(type: ArtifactType<T>): Maybe<T> => ({ type, many: false, optional: true })

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- variance: any spec is an input spec
export type Inputs = Readonly<Record<string, InputSpec<any>>>
export type Artifacts<I extends Inputs> = {
  readonly [K in keyof I]: I[K] extends Many<infer T>
    ? readonly Artifact<T>[]
    : I[K] extends Maybe<infer T>
      ? Artifact<T> | undefined
      : I[K] extends InputSpec<infer T>
        ? Artifact<T>
        : never
}

/** The compute engine and device that the run chose; for nodes with `computes`. */
export type Compute =
  { readonly engine: 'onnx'; readonly device: 'cpu' | 'webgpu' | 'cuda' } | { readonly engine: 'tfjs'; readonly device: 'cpu' | 'gpu' }

/** What every unit of work may see and touch. */
export interface Work {
  /** Empty at the start; becomes the artifact if the work succeeds, and vanishes if it does not. */
  readonly dir: string
  /** Keyed by the fingerprint; outlives a kill (checkpoints, partial downloads). Removed after success. */
  readonly scratch: string
  /** The pipeline's seed for a `seeded` node, else 0. */
  readonly seed: number
  readonly compute: Compute
  /** How many threads this unit may use. Never shapes the result. */
  readonly threads: number
  readonly signal: AbortSignal
  progress(p: Progress): void
  /** One line for the user: facts such as counts, and warnings that are worth reading. */
  log(line: string, level?: 'info' | 'warn'): void
}

/** One run of a node that works as a whole. */
export interface Job<P, I extends Inputs> extends Work {
  readonly params: P
  readonly inputs: Artifacts<I>
}

/**
 * One image or subject of an `each` node. `value` and the digests of `files` are all that its result may depend on,
 * beside the node's version and the inputs named in `shared`; so they are what is hashed, and all that `run` sees.
 */
export interface Element<V> {
  /** Unique within the step, stable between runs, made of letters, digits, `_`, `-`, `.`: an image id. */
  readonly id: string
  readonly value: V
  readonly files: Readonly<Record<string, FileRef | readonly FileRef[]>>
}

/** One element's work. */
export interface ElementJob<I extends Inputs, S extends keyof I, V> extends Work {
  readonly id: string
  readonly value: V
  readonly files: Readonly<Record<string, FileRef | readonly FileRef[]>>
  readonly inputs: Pick<Artifacts<I>, S>
}

/** The parts put together: `results` in the order of `elements`; their files already lie in `dir`. */
export interface CollectJob<P, I extends Inputs, R> extends Work {
  readonly params: P
  readonly inputs: Artifacts<I>
  readonly results: ReadonlyMap<string, R>
}

/** A node whose work may be done in parts, each going on from the result of the one before: a training, by its epochs. */
export interface Parts<T> {
  /** Params, by their path, that are whole numbers: where the whole ends, and where a part does. */
  readonly total: string
  readonly until: string
  /** The input that takes the part before. */
  readonly from: string
  /** What parts are compared by, by name. Null: undefined. */
  readonly scores: Readonly<Record<string, { readonly better: 'lower' | 'higher'; of(value: T): number | null }>>
}

interface Common<P, I extends Inputs, T> {
  /** One sentence, for `pipe nodes`. */
  readonly summary: string
  /** Raise it when the same inputs would now give another result. Part of the fingerprint. */
  readonly version: number
  /** Validation, defaults, types, and the JSON Schema for editors. */
  readonly params: z.ZodType<P>
  readonly inputs: I
  readonly output: ArtifactType<T>
  /** The node draws random numbers: the pipeline's seed is part of the fingerprint. */
  readonly seeded?: boolean
  /** The node runs networks: the engine, its version and the kind of device are part of the fingerprint. */
  readonly computes?: boolean
  /** What the params mean for the result, and nothing else, where that is less than what they say (a mirror's URL beside a checksum). */
  meaning?(params: P): unknown
  /** A file of the artifact that people open in a browser, HTML: a run puts a copy of it into its folder, with what only the run knows. */
  readonly page?: string
  /** How the work may be done in parts, where it may. */
  readonly parts?: Parts<T>
  /** Files outside the cache that the node reads, by the params alone. Their contents are part of the fingerprint; one that is not there has none. */
  reads?(params: P): readonly string[]
  /** Says while planning what is wrong with these files; given at least one. */
  checkReads?(paths: readonly string[]): void
}

/** A stage that does its work in one go. */
export interface WholeNode<P, I extends Inputs, T> extends Common<P, I, T> {
  /** A pure function: reads `params` and `inputs`, writes under `dir`, returns the document. */
  run(job: Job<P, I>): Promise<T> | T
}

/** A stage that does the same work on every image: a key per element, elements in parallel, only changed ones run. */
export interface EachNode<P, I extends Inputs, T, V, R, S extends keyof I> extends Common<P, I, T> {
  readonly each: {
    /** Inputs that every element reads as a whole, such as the model. The others reach elements only through `value` and `files`. */
    readonly shared: readonly S[]
    /** False for work that uses all cores by itself (a network): then one process takes the elements in turn. */
    readonly parallel: boolean
    /** Pure and cheap; runs while planning. */
    elements(job: { readonly params: P; readonly inputs: Artifacts<I> }): readonly Element<V>[]
    run(job: ElementJob<I, S, V>): Promise<R> | R
    /** The step's document from the elements' documents. May add files to `dir`. */
    collect(job: CollectJob<P, I, R>): Promise<T> | T
  }
}

/** A stage that names a folder of the user's: the engine lists and hashes it (by the stat cache), and copies nothing. */
export interface SourceNode<P, T> extends Common<P, Readonly<Record<string, never>>, T> {
  source(params: P): { readonly dir: string; readonly value: T }
}

/** Gives a literal its types. Does nothing else. */
export const defineNode = <P, I extends Inputs, T>(node: WholeNode<P, I, T>): WholeNode<P, I, T> => node
/** Gives a literal its types. Does nothing else. */
export const defineEachNode = <P, I extends Inputs, T, V, R, S extends keyof I>(
  node: EachNode<P, I, T, V, R, S>,
): EachNode<P, I, T, V, R, S> => node
/** Gives a literal its types. Does nothing else. */
export const defineSourceNode = <P, T>(node: SourceNode<P, T>): SourceNode<P, T> => node

/* eslint-disable @typescript-eslint/no-explicit-any -- the machine handles nodes of every type; schemas check at its borders */
export type AnyNode = WholeNode<any, any, any> | EachNode<any, any, any, any, any, any> | SourceNode<any, any>
/* eslint-enable @typescript-eslint/no-explicit-any */

/** Nodes by the name that pipelines know them by. */
export type Registry = Readonly<Record<string, AnyNode>>
