import type { ElementCount, Event, Progress } from '../event.ts'

/** An event with its time, as `events.jsonl` has it. */
export type TimedEvent = Event & { readonly time: string }

/** How a step stands. */
export interface StepState {
  readonly name: string
  readonly node?: string
  readonly state: 'waiting' | 'running' | 'done' | 'cached' | 'failed' | 'skipped'
  readonly ms?: number
  readonly elements?: ElementCount
  /** Of a step with elements that runs: how many were made so far. */
  readonly made: number
  /** The last report of the slowest count. */
  readonly progress?: Progress
  /** Why it failed or was skipped. */
  readonly why?: string
}

/** The numbers of one epoch (or of one step of another slow count), as they were reported. */
export interface Point {
  readonly at: number
  readonly metrics: Readonly<Record<string, number>>
}

/** A run as far as its events go: plain data, the same on the server and on the page. */
export interface RunState {
  readonly pipeline: string
  readonly started?: string
  readonly ended?: string
  /** Undefined until it ends. */
  readonly ok?: boolean
  readonly steps: readonly StepState[]
  /** By step: what it measured, in order. */
  readonly curves: Readonly<Record<string, readonly Point[]>>
}

export const emptyRun: RunState = { pipeline: '', steps: [], curves: {} }

/** Counted within another: its numbers start anew with every epoch, and make no curve. */
const isInner = ({ unit }: Progress): boolean => unit === 'batch'

/** The state after one more event. */
export function afterEvent(run: RunState, event: TimedEvent): RunState {
  switch (event.type) {
    case 'run-started':
      return { ...run, pipeline: event.pipeline, started: event.time, steps: event.steps.map(waiting) }
    case 'node-started':
      return withStep(run, event.step, step => ({ ...step, node: event.node, state: 'running', ...counted(event) }))
    case 'element-done':
      return withStep(run, event.step, step => ({ ...step, made: step.made + 1 }))
    case 'node-progress':
      return event.element === undefined ? afterProgress(run, event.step, event.progress) : run
    case 'node-done': {
      const state = event.how === 'cached' ? 'cached' : 'done'
      return withStep(run, event.step, step => ({ ...step, node: event.node, state, ms: event.ms, ...counted(event) }))
    }
    case 'node-failed':
      return withStep(run, event.step, step => ({ ...step, node: event.node, state: 'failed', why: event.message }))
    case 'node-skipped':
      return withStep(run, event.step, step => ({ ...step, node: event.node, state: 'skipped', why: event.because }))
    case 'run-done':
      return { ...run, ended: event.time, ok: event.ok }
    case 'node-log':
    case 'node-waits':
      return run
  }
}

const waiting = (name: string): StepState => ({ name, state: 'waiting', made: 0 })
const counted = ({ elements }: { readonly elements?: ElementCount }) => (elements ? { elements } : {})

/** Steps that are needed and were not asked for come up with their first event. */
function withStep(run: RunState, name: string, change: (step: StepState) => StepState): RunState {
  const isKnown = run.steps.some(step => step.name === name)
  const steps = isKnown ? run.steps : [...run.steps, waiting(name)]
  return { ...run, steps: steps.map(step => (step.name === name ? change(step) : step)) }
}

function afterProgress(run: RunState, name: string, progress: Progress): RunState {
  const shown = withStep(run, name, step => (step.progress && isInner(progress) ? step : { ...step, progress }))
  if (isInner(progress) || !progress.metrics) return shown
  const point = { at: progress.done, metrics: progress.metrics }
  return { ...shown, curves: { ...run.curves, [name]: [...(run.curves[name] ?? []), point] } }
}

/** Whether an event changes more than a moment's picture: others need not be told again to who comes later. */
export const isLasting = (event: TimedEvent): boolean =>
  event.type !== 'node-log' && !(event.type === 'node-progress' && (event.element !== undefined || isInner(event.progress)))
