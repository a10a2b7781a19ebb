import { dirname, resolve, sep } from 'node:path'
import type { Artifact, Digest } from '../artifact.ts'
import type { Step } from '../pipeline/pipeline.ts'
import type { ElementLookup, InputArtifacts, Lookup, Setting } from '../resolve.ts'
import { isNodePath } from '../user-node.ts'
import type { JobFile } from './job.ts'

/** What a job is besides the step that it makes. */
export interface JobOptions {
  readonly run: string
  /** Made also where the cache has it. */
  readonly isForced: boolean
  readonly elements: readonly ElementLookup[]
  readonly threads: number
}

/** All that the process of a step needs to know. */
export function makeJob(step: Step, inputs: InputArtifacts, found: Lookup, setting: Setting, options: JobOptions): JobFile {
  const { pipeline, compute, cache } = setting
  return {
    format: 1,
    run: options.run,
    forced: options.isForced,
    step: step.id,
    nodeName: step.nodeName,
    ...(isNodePath(step.nodeName) ? { nodeFile: resolve(dirname(step.at.file), step.nodeName) } : {}),
    params: step.params,
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, list]) => [name, list.map(a => reference(a, cache.dir))])),
    fingerprint: found.fingerprint,
    key: found.key,
    elements: options.elements.map(({ element, fingerprint, key }) => ({ element, fingerprint, key })),
    seed: step.node.seeded ? (step.seed ?? pipeline.seed) : 0,
    compute,
    threads: options.threads,
    cache: { dir: cache.dir, results: cache.resultsAt },
  }
}

/** Cached artifacts travel by digest; those that lie elsewhere, such as a folder of the user's, by their listing. */
const reference = (artifact: Artifact<unknown>, cacheDir: string): Digest | Artifact<unknown> =>
  artifact.dir.startsWith(cacheDir + sep) ? artifact.digest : artifact
