import type { Registry } from '../node.ts'
import { isNodePath } from '../user-node.ts'
import type { Pipeline, Step } from './pipeline.ts'

/** What a checked pipeline is made from, where all of that is known: with the same, checking gives the same. */
export interface Origin {
  /** The digest of the code that checks. */
  readonly build: string
  readonly file: string
  /** What the file's paths are relative to. */
  readonly folder: string
  readonly text: string
  readonly sets: readonly string[]
}

/** A checked pipeline as JSON. */
export interface Kept {
  readonly name: string
  readonly seed: number
  readonly steps: readonly Omit<Step, 'node'>[]
  readonly resolved: string
}

/** A pipeline to be kept; undefined where checking it again may give something else, since it reads more than the file: nodes of the user's. */
export function keptOf({ name, seed, steps, resolved }: Pipeline): Kept | undefined {
  const all = [...steps.values()]
  if (all.some(step => isNodePath(step.nodeName))) return undefined
  return { name, seed, steps: all.map(({ node: _node, ...step }) => step), resolved: resolved() }
}

/** The pipeline again. */
export function fromKept({ name, seed, steps, resolved }: Kept, file: string, registry: Registry): Pipeline {
  const step = (kept: Omit<Step, 'node'>): [string, Step] => [kept.id, { ...kept, node: registry[kept.nodeName]! }]
  return { name, file, seed, steps: new Map(steps.map(step)), resolved: () => resolved }
}
