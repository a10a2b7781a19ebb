import type { Artifact } from '../artifact.ts'
import { runMeans, type Means } from '../compare/run-means.ts'
import { readRun, type RunState } from '../compare/run.ts'
import { openAll } from '../compare/stored.ts'
import type { Event, Listener } from '../event.ts'
import { fail } from '../failure.ts'
import { StepGraph } from '../graph.ts'
import { openRun, type RunFolder } from '../runs.ts'
import type { Outcome } from '../scheduler.ts'
import type { Trial } from '../sweep/load.ts'
import type { Merged } from '../sweep/merge.ts'
import type { Reached, Rungs } from '../sweep/rungs.ts'
import type { Values } from '../sweep/space.ts'
import type { Opened } from './context.ts'
import { pagesOf, Remembered } from './pages.ts'
import { asError, plainLog } from './run.ts'

/** What became of a trial. */
export interface TrialResult {
  /** From 1, in the order of the sweep. */
  readonly trial: number
  /** Of a trial that was stopped early there is no run. */
  readonly run?: string
  readonly dir?: string
  readonly state: RunState
  readonly values: Values
  readonly metrics: Means
  /** Where trainings are stopped early. */
  readonly reached?: Reached
}

/** A sweep that is being run. */
export interface Sweeping {
  readonly opened: Opened
  readonly trials: readonly Trial[]
  readonly merged: Merged
  readonly file: string
  readonly out: string
  readonly environment: Readonly<Record<string, unknown>>
  readonly rungs: Rungs | undefined
}

type StepEvent = Exclude<Event, { type: 'run-started' } | { type: 'run-done' }>
type Timed<E> = E & { readonly time: string }
const isStepEvent = (event: Event): event is StepEvent => event.type !== 'run-started' && event.type !== 'run-done'
const endings: readonly Event['type'][] = ['node-done', 'node-failed', 'node-skipped']

/** Writes the folder of each trial, as `pipe run` would have, as soon as its last step has ended. A sweep that is killed leaves no half one. */
export class TrialRuns {
  readonly #sweeping: Sweeping
  readonly #events: Timed<StepEvent>[] = []
  readonly #artifacts = new Map<string, Artifact<unknown>>()
  /** Of each trial: the merged steps that have not ended. */
  readonly #open: readonly Set<string>[]
  readonly #results: Promise<TrialResult | Error>[] = []

  constructor(sweeping: Sweeping) {
    this.#sweeping = sweeping
    this.#open = sweeping.merged.names.map(names => new Set(names.values()))
  }

  readonly listener: Listener = event => {
    if (!isStepEvent(event)) return
    this.#events.push({ ...event, time: new Date().toISOString() })
    if (!endings.includes(event.type)) return
    for (const [i, open] of this.#open.entries())
      if (open.delete(event.step) && open.size === 0) this.#results.push(this.#write(i).catch(asError))
  }

  show(step: string, artifact: Artifact<unknown>): void {
    this.#artifacts.set(step, artifact)
  }

  /** In the order of the trials. */
  async results(): Promise<readonly TrialResult[]> {
    const results = await Promise.all(this.#results)
    const error = results.find(r => r instanceof Error)
    if (error) throw error
    return results.flatMap(r => (r instanceof Error ? [] : [r])).sort((a, b) => a.trial - b.trial)
  }

  async #write(i: number): Promise<TrialResult> {
    const { opened, trials, file, out, environment, rungs } = this.#sweeping
    const { pipeline, values } = trials[i]!
    const events = this.#eventsOf(i)
    const head = { trial: i + 1, values, ...(rungs && { reached: rungs.reached(i) }) }
    if (events.some(event => event.type === 'node-skipped' && event.isMeant)) return { ...head, state: 'stopped', metrics: {} }
    const [first, last] = [events[0]!.time, events.at(-1)!.time]
    const folder = await openRun(out, pipeline, environment, new Date(first))
    const remembered = new Remembered(new Date(first))
    const listeners = [folder.listener, remembered.listener, await plainLog({ pipeline }, folder)]
    const emit = (event: Timed<Event>): void => listeners.forEach(listener => listener(event))
    const { setting, graph, device } = { ...opened, graph: new StepGraph(pipeline.steps) }
    const engine = [...pipeline.steps.values()].some(step => step.node.computes) && { engine: `${setting.engine}: ${device.why}` }
    const start = { pipeline: pipeline.name, file, run: folder.id, dir: folder.dir, steps: [...pipeline.steps.keys()] }
    emit({ type: 'run-started', ...start, ...engine, time: first })
    events.forEach(emit)
    const outcomes = await this.#show(i, events, folder)
    const trialOpened = { ...opened, pipeline, graph, setting: { ...setting, pipeline } }
    const pages = await pagesOf({ opened: trialOpened, folder, environment, outcomes, remembered })
    const count = (how: Outcome['how']): number => [...outcomes.values()].filter(o => o.how === how).length
    const ok = count('failed') + count('skipped') === 0
    const counts = { ran: count('ran'), cached: count('cached'), failed: count('failed') }
    emit({ type: 'run-done', ok, ms: Date.parse(last) - Date.parse(first), ...counts, ...(pages && { pages }), time: last })
    // None of them is the latest run of the pipeline: nobody said which.
    await folder.close(false)
    return { ...head, run: folder.id, dir: folder.dir, ...(await measured(folder.dir)) }
  }

  /** What happened to the steps of a trial, under its own names for them. */
  #eventsOf(i: number): readonly Timed<StepEvent>[] {
    const own = new Map([...this.#sweeping.merged.names[i]!].map(([id, name]) => [name, id]))
    return this.#events.flatMap(event => (own.has(event.step) ? [{ ...event, step: own.get(event.step)! }] : []))
  }

  async #show(i: number, events: readonly StepEvent[], folder: RunFolder): Promise<ReadonlyMap<string, Outcome>> {
    const outcomes = new Map(events.flatMap(event => this.#outcomeOf(i, event)))
    for (const [step, outcome] of outcomes) if ('artifact' in outcome) await folder.show(step, outcome.artifact)
    return outcomes
  }

  #outcomeOf(i: number, event: StepEvent): [string, Outcome][] {
    const { step } = event
    if (event.type === 'node-failed') return [[step, { how: 'failed', failure: event.failure }]]
    if (event.type === 'node-skipped') return [[step, { how: 'skipped', because: event.because }]]
    if (event.type !== 'node-done') return []
    return [[step, { how: event.how, artifact: this.#artifacts.get(this.#sweeping.merged.names[i]!.get(step)!)! }]]
  }
}

/** From the folder, as `pipe compare` will read it. */
async function measured(dir: string): Promise<Pick<TrialResult, 'state' | 'metrics'>> {
  const run = await readRun(dir)
  if (!run.ok) return fail(run.failures[0]!)
  return { state: run.value.state, metrics: runMeans(run.value, await openAll(run.value)) }
}
