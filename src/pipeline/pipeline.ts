import type { Location } from '../failure.ts'
import type { AnyNode } from '../node.ts'

/** One step of a pipeline, checked: a node, where its inputs come from, and its params with defaults filled in. */
export interface Step {
  readonly id: string
  /** As written in the file: a built-in node's name, or a path such as `./my-node.ts`. */
  readonly nodeName: string
  readonly node: AnyNode
  /** For the fingerprint: a built-in node's version, or the digest of a user's node's import closure. */
  readonly code: string
  /** After validation, with defaults. */
  readonly params: unknown
  /** Input name -> the steps it comes from: one, or several for a `many` input. Optional inputs that are absent are left out. */
  readonly inputs: Readonly<Record<string, readonly string[]>>
  /** Seconds after which the step is stopped; undefined: never. Not part of the fingerprint. */
  readonly timeout?: number
  /** Of a step of a sweep, whose trials may differ in it; undefined: the pipeline's. */
  readonly seed?: number
  readonly at: Location
}

/** A pipeline file, read and checked. */
export interface Pipeline {
  readonly name: string
  readonly file: string
  readonly seed: number
  /** In the order of the file. Every input names a step that is here; there is no cycle. */
  readonly steps: ReadonlyMap<string, Step>
  /** The pipeline as it runs (variables replaced, `--set` applied, defaults filled in), as YAML that `pipe run` takes again; written when asked for. */
  readonly resolved: () => string
}
