import { join } from 'node:path'
import { curvesOf } from './curves.ts'
import { diceOf, imagesOf, type ShownImage } from './images.ts'
import { stepsOfKind } from './kinds.ts'
import { pagesOf } from './pages.ts'
import { readRun } from './run-folder.ts'
import type { Point } from './run-state.ts'
import { listRuns, type Place, type RunName, type RunSummary } from './runs.ts'
import { sweepIn } from './sweep-name.ts'
import { trialsOf, type PlannedTrial } from './sweeps.ts'

/** What the page of a run shows, but for its events. */
export interface RunPage {
  /** The worst first; of a sweep none: its trials have them. */
  readonly images: readonly ShownImage[]
  /** Which way the model cuts images into slices. */
  readonly axis: 'sagittal' | 'coronal' | 'axial'
  /** By step, of models that are done. */
  readonly curves: Readonly<Record<string, readonly Point[]>>
  /** What was trained, and how good it is, in sentences; empty before. */
  readonly facts: readonly string[]
  /** The steps that made a page of their own, which the run has: the report. */
  readonly pages: readonly string[]
  /** Of a sweep: its trials, each with its run where it has ended. */
  readonly trials?: readonly ShownTrial[]
}

/** A trial of a sweep. */
export interface ShownTrial extends PlannedTrial {
  readonly run?: RunSummary
}

/** Reads a run's folder. */
export async function runPage(dir: string, place: Place, name: RunName): Promise<RunPage> {
  const [steps, planned] = await Promise.all([readRun(dir), trialsOf(dir)])
  const curves = await curvesOf(steps)
  if (planned) return { images: [], axis: 'axial', curves, facts: [], pages: [], trials: await shownTrials(planned, place, name) }
  return {
    images: imagesOf(steps),
    axis: stepsOfKind('model', steps)[0]?.value.axis ?? 'axial',
    curves,
    facts: factsOf(steps),
    pages: Object.keys(await pagesOf(join(dir, 'events.jsonl'))),
  }
}

type Steps = Awaited<ReturnType<typeof readRun>>

function factsOf(steps: Steps): readonly string[] {
  const metrics = stepsOfKind('metrics', steps)[0]?.value
  const dice = metrics && diceOf(metrics.means)
  const good = metrics && dice !== undefined ? [`mean Dice ${dice.toFixed(4)} on ${metrics.rows.length} images`] : []
  const trained = stepsOfKind('model', steps).map(
    ({ step, value }) => `${step.name}: ${value.parameters} weights, ${value.axis} slices, epoch ${value.bestEpoch} of ${value.epochs}`,
  )
  return [...good, ...trained]
}

async function shownTrials(planned: readonly PlannedTrial[], place: Place, { pipeline, run }: RunName): Promise<readonly ShownTrial[]> {
  const sweep = sweepIn(run)
  const all = (await listRuns(place)).filter(found => found.pipeline === pipeline && found.trial?.sweep === sweep)
  const trials = planned.map(({ trial, values }): ShownTrial => {
    const found = all.find(({ trial: name }) => name?.trial === trial)
    return { trial, values, ...(found && { run: found }) }
  })
  // The best first, then those that have no Dice yet.
  return trials.sort((a, b) => (b.run?.dice ?? -1) - (a.run?.dice ?? -1) || a.trial - b.trial)
}
