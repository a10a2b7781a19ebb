import type { Artifact } from './artifact.ts'
import type { ElementCount, Why } from './event.ts'
import type { StepGraph } from './graph.ts'
import type { Step } from './pipeline/pipeline.ts'
import { lookupElements, lookupStep, reason, sourceArtifact, type Lookup, type Setting } from './resolve.ts'

/** What a run would do with a step. */
export type StepPlan =
  | { readonly step: Step; readonly state: 'fresh'; readonly artifact: Artifact<unknown>; readonly elements?: number }
  | {
      readonly step: Step
      readonly state: 'stale'
      readonly why: Why
      readonly found: Lookup
      readonly elements?: ElementCount
      readonly expectedMs?: number
    }
  | { readonly step: Step; readonly state: 'waits'; readonly for: readonly string[]; readonly expectedMs?: number }

/** For every step, in order: fresh, stale and why, or waiting for a stale step. Runs nothing. */
export async function planPipeline(graph: StepGraph, setting: Setting): Promise<StepPlan[]> {
  const plans = new Map<string, StepPlan>()
  for (const id of graph.order()) {
    const step = setting.pipeline.steps.get(id)!
    plans.set(id, await planStep(step, plans, setting))
  }
  return [...plans.values()]
}

async function planStep(step: Step, plans: ReadonlyMap<string, StepPlan>, setting: Setting): Promise<StepPlan> {
  const sources = [...new Set(Object.values(step.inputs).flat())]
  const waits = sources.filter(id => plans.get(id)!.state !== 'fresh')
  if (waits.length > 0) return { step, state: 'waits', for: waits, ...(await expected(step, setting)) }
  if ('source' in step.node) return { step, state: 'fresh', artifact: await sourceArtifact(step, setting) }
  const artifactOf = (id: string): Artifact<unknown> => (plans.get(id) as { artifact: Artifact<unknown> }).artifact
  const inputs = Object.fromEntries(Object.entries(step.inputs).map(([name, ids]) => [name, ids.map(artifactOf)]))
  const found = await lookupStep(step, inputs, setting)
  if (found.artifact) {
    const elements = found.record?.elements ? { elements: Object.keys(found.record.elements).length } : {}
    return { step, state: 'fresh', artifact: found.artifact, ...elements }
  }
  const why = await reason(found, setting)
  const elements = await lookupElements(step, inputs, setting)
  const ran = elements.filter(e => !e.artifact).length
  const count = elements.length > 0 ? { elements: { total: elements.length, ran, cached: elements.length - ran } } : {}
  return { step, state: 'stale', why, found, ...count, ...(await expected(step, setting)) }
}

/** How long the step took the last time: the newest result of the same name, else of the same node. */
async function expected(step: Step, setting: Setting): Promise<{ readonly expectedMs?: number }> {
  const recent = await setting.cache.recent(step.nodeName)
  const record = recent.find(r => r.step === step.id) ?? recent[0]
  return record ? { expectedMs: record.ms } : {}
}
