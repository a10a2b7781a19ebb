import { basename } from 'node:path'
import PQueue from 'p-queue'
import type { Artifact, Digest } from './artifact.ts'
import type { ElementCount, Listener, Why } from './event.ts'
import type { Executor, Session, Unit, UnitEvent, UnitResult } from './exec/job.ts'
import { makeJob } from './exec/make-job.ts'
import { SessionPool } from './exec/session-pool.ts'
import { describe, FailureError, type Failure } from './failure.ts'
import { failureOf, logPath } from './exec/unit.ts'
import { GpuSlots } from './gpu-slots.ts'
import type { StepGraph } from './graph.ts'
import type { Step } from './pipeline/pipeline.ts'
import {
  lookupElements,
  lookupStep,
  reason,
  sourceArtifact,
  type ElementLookup,
  type InputArtifacts,
  type Lookup,
  type Setting,
} from './resolve.ts'
import { Turns, type Turn } from './turns.ts'

/** What to run, and how. */
export interface RunOptions {
  readonly setting: Setting
  readonly graph: StepGraph
  readonly executor: Executor
  readonly emit: Listener
  /** Told of every artifact as soon as it is there, made or cached. */
  readonly show?: (step: string, artifact: Artifact<unknown>) => void
  /** Steps that may run; the rest are taken from the cache, or it is an error. */
  readonly wanted: ReadonlySet<string>
  /** Steps that run although the cache has their result. */
  readonly forced: ReadonlySet<string>
  readonly jobs: number
  readonly cores: number
  /** GPUs for steps that run networks, one a step; none: they share the processor, one at a time. */
  readonly gpus?: readonly string[]
  readonly keepGoing: boolean
  /** Asked of a step whose inputs are there: why it is not to run; undefined: it is. May take its time. */
  readonly gate?: (step: string) => Promise<string | undefined>
  readonly signal: AbortSignal
  readonly runDir: string
}

/** What became of each step. */
export type Outcome =
  | { readonly how: 'ran' | 'cached'; readonly artifact: Artifact<unknown> }
  | { readonly how: 'failed'; readonly failure: Failure }
  | { readonly how: 'skipped'; readonly because: string; readonly isMeant?: true }

/** Whether a step is as it should be: its result is there, or it was not to run. */
export const isWell = (outcome: Outcome): boolean => 'artifact' in outcome || (outcome.how === 'skipped' && outcome.isMeant === true)

/** Makes the artifacts of the wanted steps, each at most once, independent ones side by side; stale work only. */
export async function runPipeline(options: RunOptions): Promise<ReadonlyMap<string, Outcome>> {
  const scheduler = new Scheduler(options)
  return scheduler.run()
}

class Scheduler {
  readonly #o: RunOptions
  readonly #queue: PQueue
  /** On the processor networks take all cores: one at a time. */
  readonly #computeQueue = new PQueue({ concurrency: 1 })
  readonly #slots: GpuSlots | undefined
  readonly #outcomes = new Map<string, Promise<Outcome>>()
  readonly #run: string
  readonly #turns: Turns
  #stopped = false

  constructor(options: RunOptions) {
    this.#o = options
    this.#queue = new PQueue({ concurrency: options.jobs })
    this.#slots = options.gpus?.length ? new GpuSlots(options.gpus) : undefined
    this.#run = basename(options.runDir)
    this.#turns = new Turns({ ...options, cache: options.setting.cache, run: this.#run, isOver: () => this.#stopped })
  }

  async run(): Promise<ReadonlyMap<string, Outcome>> {
    const needed = this.#o.graph.upstream([...this.#o.wanted])
    const order = this.#o.graph.order().filter(id => needed.has(id))
    const end = await this.#turns.begin()
    for (const id of order) this.#outcomes.set(id, this.#make(this.#o.setting.pipeline.steps.get(id)!))
    const done = new Map<string, Outcome>()
    for (const id of order) done.set(id, await this.#outcomes.get(id)!)
    await end()
    return done
  }

  async #make(step: Step): Promise<Outcome> {
    const sources = [...new Set(Object.values(step.inputs).flat())]
    const outcomes = await Promise.all(sources.map(id => this.#outcomes.get(id)!))
    const broken = sources.find((_, i) => !isWell(outcomes[i]!))
    const missing = broken ?? sources.find((_, i) => !('artifact' in outcomes[i]!))
    if (missing !== undefined) return this.#skip(step, `it needs "${missing}"`, broken === undefined)
    const barred = await this.#o.gate?.(step.id)
    // After a failure the gate hears of steps that did not run as of steps that failed: what it says then decides nothing.
    if (barred !== undefined && !this.#stopped) return this.#skip(step, barred, true)
    const artifacts = new Map(sources.map((id, i) => [id, (outcomes[i] as { artifact: Artifact<unknown> }).artifact]))
    const inputs = Object.fromEntries(Object.entries(step.inputs).map(([name, ids]) => [name, ids.map(id => artifacts.get(id)!)]))
    try {
      const outcome = await this.#makeFrom(step, inputs)
      if (outcome.how === 'failed') this.#fail(step, outcome.failure)
      return outcome
    } catch (error) {
      const { failure } = failureOf(error, step.id)
      this.#fail(step, failure)
      return { how: 'failed', failure }
    }
  }

  async #makeFrom(step: Step, inputs: InputArtifacts): Promise<Outcome> {
    const started = performance.now()
    const { setting, forced, wanted } = this.#o
    if ('source' in step.node) {
      const artifact = await sourceArtifact(step, setting, line => this.#relay(step, { type: 'log', level: 'warn', line }))
      return this.#done(step, 'cached', artifact, started)
    }
    const found = await lookupStep(step, inputs, setting)
    await setting.cache.use(found.artifact ? [found.artifact.digest] : [])
    const isForced = forced.has(step.id)
    if (found.artifact && !isForced) return this.#done(step, 'cached', found.artifact, started, countCached(found))
    if (!wanted.has(step.id)) {
      const user = [...this.#o.graph.downstream([step.id])].find(id => wanted.has(id)) ?? step.id
      throw new FailureError({ kind: 'upstream-stale', step: user, needs: step.id })
    }
    if (this.#stopped) return this.#skip(step, 'another step failed')
    const why: Why = isForced ? { kind: 'forced' } : await reason(found, setting)
    if (!('each' in step.node)) return this.#runWhole(step, inputs, found, why)
    const run = (gpu?: string): Promise<Outcome> => this.#runElements(step, inputs, found, why, gpu)
    return step.node.computes && this.#slots ? this.#slots.use(run) : run()
  }

  async #runWhole(step: Step, inputs: InputArtifacts, found: Lookup, why: Why): Promise<Outcome> {
    let started: number | undefined
    const result = await this.#turns.once(this.#turn(step, found.key), () =>
      this.#queued(step, undefined, async gpu => {
        if (this.#stopped) return undefined
        if (started === undefined) this.#o.emit({ type: 'node-started', step: step.id, node: step.nodeName, why })
        started ??= performance.now()
        const session = await this.#open(step, inputs, found, { elements: [], threads: this.#threads(gpu), why, gpu })
        try {
          return await session.run({ kind: 'whole' }, event => this.#relay(step, event))
        } finally {
          await session.close()
        }
      }),
    )
    return result ? this.#settle(step, result, started ?? performance.now()) : this.#skip(step, 'another step failed')
  }

  #turn(step: Step, key: Digest, element?: string): Turn {
    return { step: step.id, node: step.nodeName, key, isForced: this.#o.forced.has(step.id), ...(element === undefined ? {} : { element }) }
  }

  /** The elements that are not in the cache side by side, then the document from all of them. */
  async #runElements(step: Step, inputs: InputArtifacts, found: Lookup, why: Why, gpu?: string): Promise<Outcome> {
    const started = performance.now()
    const elements = await lookupElements(step, inputs, this.#o.setting)
    await this.#o.setting.cache.use(elements.flatMap(e => e.artifact?.digest ?? []))
    const stale = elements.flatMap((e, i) => (e.artifact && why.kind !== 'forced' ? [] : [i]))
    const count: ElementCount = { total: elements.length, ran: stale.length, cached: elements.length - stale.length }
    const isParallel = 'each' in step.node && step.node.each.parallel
    const lanes = isParallel ? Math.min(this.#o.jobs, Math.max(stale.length, 1)) : 1
    const threads = isParallel ? 1 : this.#threads(gpu)
    this.#o.emit({ type: 'node-started', step: step.id, node: step.nodeName, why, elements: count })

    const pool = new SessionPool(() => this.#open(step, inputs, found, { elements, threads, why, gpu }))
    const runUnit = (unit: Unit, key: Digest, element?: string): Promise<UnitResult | undefined> =>
      this.#turns.once(this.#turn(step, key, element), () =>
        this.#queued(step, gpu, async () =>
          this.#stopped || this.#o.signal.aborted ? undefined : pool.use(s => s.run(unit, event => this.#relay(step, event))),
        ),
      )
    let failure: Failure | undefined
    let taken = 0
    const next = [...stale]
    const postponed = new Set<number>()
    const lane = async (): Promise<void> => {
      for (let index = next.shift(); index !== undefined; index = next.shift()) {
        if (failure) return
        const { element, key } = elements[index]!
        // What another run is at comes last: two runs at once share the work.
        if (!postponed.has(index) && (await this.#turns.isTaken(key))) {
          postponed.add(index)
          next.push(index)
          continue
        }
        const result = await runUnit({ kind: 'element', index }, key, element.id)
        if (!result) return
        if (!result.ok) failure ??= result.failure
        else {
          const meanwhile = result.taken ? { taken: result.taken } : {}
          taken += result.taken ? 1 : 0
          this.#o.emit({ type: 'element-done', step: step.id, element: element.id, ms: Math.round(result.ms), ...meanwhile })
        }
      }
    }
    try {
      await Promise.all(Array.from({ length: lanes }, lane))
      if (failure) return { how: 'failed', failure }
      const result = await runUnit({ kind: 'collect' }, found.key)
      if (!result) return this.#skip(step, 'another step failed')
      return await this.#settle(step, result, started, { ...count, ran: count.ran - taken, cached: count.cached + taken })
    } finally {
      await pool.close()
    }
  }

  /** One that holds a GPU has waited for it, and does not wait again. */
  #queued<T>(step: Step, gpu: string | undefined, work: (gpu?: string) => Promise<T>): Promise<T> {
    if (gpu !== undefined) return work(gpu)
    if (step.node.computes && this.#slots) return this.#slots.use(work)
    return (step.node.computes ? this.#computeQueue : this.#queue).add(() => work())
  }

  /** All cores; with several GPUs each step has its share. */
  #threads(gpu: string | undefined): number {
    return gpu === undefined ? this.#o.cores : Math.max(1, Math.floor(this.#o.cores / this.#o.gpus!.length))
  }

  #open(
    step: Step,
    inputs: InputArtifacts,
    found: Lookup,
    { elements, threads, why, gpu }: { elements: readonly ElementLookup[]; threads: number; why: Why; gpu: string | undefined },
  ): Promise<Session> {
    const { setting, executor, signal, runDir } = this.#o
    const job = makeJob(step, inputs, found, setting, { run: this.#run, isForced: why.kind === 'forced', elements, threads })
    return executor.open(job, {
      logFile: logPath(runDir, step.id),
      signal,
      ...(step.timeout === undefined ? {} : { timeout: step.timeout }),
      ...(gpu === undefined ? {} : { gpu }),
    })
  }

  async #settle(step: Step, result: UnitResult, started: number, count?: ElementCount): Promise<Outcome> {
    if (!result.ok) return { how: 'failed', failure: result.failure }
    const opened = await this.#o.setting.cache.open(result.digest)
    if ('lost' in opened) throw new Error(`the result of step ${step.id} was committed and cannot be opened: ${opened.lost}`)
    return this.#done(step, result.taken ? 'cached' : 'ran', opened.artifact, started, count)
  }

  #done(step: Step, how: 'ran' | 'cached', artifact: Artifact<unknown>, started: number, elements?: ElementCount): Outcome {
    const ms = Math.round(performance.now() - started)
    const base = { type: 'node-done', step: step.id, node: step.nodeName, how, digest: artifact.digest, ms } as const
    this.#o.show?.(step.id, artifact)
    this.#o.emit(elements ? { ...base, elements } : base)
    return { how, artifact }
  }

  #fail(step: Step, failure: Failure): void {
    if (!this.#o.keepGoing) this.#stopped = true
    this.#o.emit({ type: 'node-failed', step: step.id, node: step.nodeName, failure, message: describe(failure) })
  }

  #skip(step: Step, because: string, isMeant = false): Outcome {
    const why = { because, ...(isMeant && { isMeant }) } as const
    this.#o.emit({ type: 'node-skipped', step: step.id, node: step.nodeName, ...why })
    return { how: 'skipped', ...why }
  }

  #relay(step: Step, event: UnitEvent): void {
    const from = { step: step.id, ...(event.element === undefined ? {} : { element: event.element }) }
    if (event.type === 'progress') this.#o.emit({ type: 'node-progress', ...from, progress: event.progress })
    else this.#o.emit({ type: 'node-log', ...from, level: event.level, line: event.line })
  }
}

const countCached = ({ record }: Lookup): ElementCount | undefined => {
  const total = record?.elements ? Object.keys(record.elements).length : undefined
  return total === undefined ? undefined : { total, ran: 0, cached: total }
}
