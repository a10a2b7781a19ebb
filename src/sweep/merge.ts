import { canonical } from '../fingerprint.ts'
import { StepGraph } from '../graph.ts'
import type { Pipeline, Step } from '../pipeline/pipeline.ts'

/** All trials as one graph: a step that several have in common is there once. */
export interface Merged {
  readonly steps: ReadonlyMap<string, Step>
  /** Of each trial: its step's name -> the merged step's. */
  readonly names: readonly ReadonlyMap<string, string>[]
}

/**
 * Two steps are one when their name, node, code, params, timeout, seed (of a seeded node) and inputs are: the same structure gives the same fingerprint,
 * before anything has run. The first of a name keeps it; another is called `step@2`, by the trial (from 1) that brought it.
 */
export function merge(trials: readonly Pipeline[]): Merged {
  const steps = new Map<string, Step>()
  const known = new Map<string, string>()
  const names = trials.map((pipeline, i) => addTrial(pipeline, i + 1, steps, known))
  return { steps, names }
}

function addTrial(pipeline: Pipeline, trial: number, steps: Map<string, Step>, known: Map<string, string>): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const id of new StepGraph(pipeline.steps).order()) {
    const step = seededStep(pipeline.steps.get(id)!, pipeline.seed, names)
    const identity = identityOf(step)
    const name = known.get(identity) ?? (steps.has(id) ? `${id}@${trial}` : id)
    known.set(identity, name)
    names.set(id, name)
    if (!steps.has(name)) steps.set(name, { ...step, id: name })
  }
  return names
}

/** The step with its inputs' merged names, and the seed that its trial gives it. */
function seededStep(step: Step, seed: number, names: ReadonlyMap<string, string>): Step {
  const inputs = Object.fromEntries(Object.entries(step.inputs).map(([input, sources]) => [input, sources.map(s => names.get(s)!)]))
  return { ...step, inputs, ...(step.node.seeded ? { seed } : {}) }
}

function identityOf({ id, nodeName, code, params, timeout, inputs, seed }: Step): string {
  return canonical({ id, nodeName, code, params, timeout, inputs, seed })
}
