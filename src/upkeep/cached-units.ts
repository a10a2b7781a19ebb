import type { Artifact, Digest } from '../artifact.ts'
import type { ResultRecord } from '../cache.ts'
import type { Unit } from '../exec/job.ts'
import type { StepGraph } from '../graph.ts'
import type { Step } from '../pipeline/pipeline.ts'
import {
  lookupElements,
  lookupStep,
  sourceArtifact,
  type ElementLookup,
  type InputArtifacts,
  type Lookup,
  type Setting,
} from '../resolve.ts'

/** A piece of a pipeline's work whose result is in the cache. */
export interface CachedUnit {
  readonly step: Step
  readonly inputs: InputArtifacts
  readonly found: Lookup
  readonly elements: readonly ElementLookup[]
  readonly unit: Unit
  readonly element?: string
  readonly key: Digest
  readonly artifact: Artifact<unknown>
  readonly record: ResultRecord
}

/** What of a pipeline is cached: its units, the steps of which nothing is, and what was found damaged by looking it up. */
export interface CachedWork {
  readonly units: readonly CachedUnit[]
  readonly missing: readonly string[]
  readonly lost: readonly { readonly step: string; readonly element?: string; readonly detail: string }[]
}

/** Looks up all of a pipeline; makes nothing. */
export async function cachedWork(graph: StepGraph, setting: Setting): Promise<CachedWork> {
  const artifacts = new Map<string, Artifact<unknown>>()
  const units: CachedUnit[] = []
  const missing: string[] = []
  const lost: CachedWork['lost'][number][] = []
  for (const id of graph.order()) {
    const step = setting.pipeline.steps.get(id)!
    if ('source' in step.node) {
      artifacts.set(id, await sourceArtifact(step, setting))
      continue
    }
    const inputs = inputsOf(step, artifacts)
    const found = inputs && (await lookupStep(step, inputs, setting))
    const elements = inputs && 'each' in step.node ? await lookupElements(step, inputs, setting) : []
    const of = inputs && found ? unitsOf(step, inputs, found, elements) : []
    units.push(...of)
    if (found?.lost !== undefined) lost.push({ step: id, detail: found.lost })
    lost.push(...elements.flatMap(({ element, lost: detail }) => (detail === undefined ? [] : [{ step: id, element: element.id, detail }])))
    if (found?.artifact) artifacts.set(id, found.artifact)
    if (of.length === 0) missing.push(id)
  }
  return { units, missing, lost }
}

/** Undefined where one of them is not there. */
function inputsOf(step: Step, artifacts: ReadonlyMap<string, Artifact<unknown>>): InputArtifacts | undefined {
  const entries = Object.entries(step.inputs).map(([name, ids]) => [name, ids.flatMap(id => artifacts.get(id) ?? [])] as const)
  const isWhole = Object.entries(step.inputs).every(([name, ids]) => entries.find(([n]) => n === name)![1].length === ids.length)
  return isWhole ? Object.fromEntries(entries) : undefined
}

function unitsOf(step: Step, inputs: InputArtifacts, found: Lookup, elements: readonly ElementLookup[]): CachedUnit[] {
  const common = { step, inputs, found, elements }
  const parts = elements.flatMap(({ element: { id }, key, artifact, record }, index): CachedUnit[] =>
    artifact && record ? [{ ...common, unit: { kind: 'element', index }, element: id, key, artifact, record }] : [],
  )
  const { key, artifact, record } = found
  // Put together again from elements that are all there.
  if (!artifact || !record || elements.some(e => !e.artifact)) return parts
  return [...parts, { ...common, unit: { kind: 'each' in step.node ? 'collect' : 'whole' }, key, artifact, record }]
}
