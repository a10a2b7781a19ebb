/**
 * What a node of your own is written with: `import { artifact, defineNode, one, z } from 'voxelpipe'`.
 * `voxelpipe/artifacts` has the kinds that the built-in nodes exchange.
 */
export { z } from 'zod'
export { artifact, fileOf, findFile } from './artifact.ts'
export type { Artifact, ArtifactType, Digest, FileEntry, FileRef } from './artifact.ts'
export type { Progress } from './event.ts'
export { defineEachNode, defineNode, defineSourceNode, many, maybe, one } from './node.ts'
export type { Artifacts, CollectJob, EachNode, Element, ElementJob, InputSpec, Inputs, Job, SourceNode, WholeNode, Work } from './node.ts'
export { readNpy, writeNpy } from './npy.ts'
export { ordered } from './ordered.ts'
export { Random } from './random.ts'
import { fail as failWith } from './failure.ts'

/**
 * Stops a node with a message for its user: what happened, and what to do. The step fails with these words and no stack trace,
 * which is for mistakes in the user's data; a bug is thrown as any error is.
 */
export const fail = (what: string, more: { readonly facts?: readonly string[]; readonly hint?: string } = {}): never =>
  failWith({ kind: 'user-node-says', what, ...more })
