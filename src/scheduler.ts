import { basename, dirname, resolve as resolvePath, sep } from 'node:path'
import PQueue from 'p-queue'
import type { Artifact, Digest } from './artifact.ts'
import type { ElementCount, Listener, Why } from './event.ts'
import type { Busy, Executor, JobFile, Session, Unit, UnitEvent, UnitResult } from './exec/job.ts'
import { describe, FailureError, type Failure } from './failure.ts'
import { failureOf, logPath } from './exec/unit.ts'
import type { StepGraph } from './graph.ts'
import { BEAT_MS } from './lease.ts'
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
  readonly keepGoing: boolean
  readonly signal: AbortSignal
  readonly runDir: string
}

/** What became of each step. */
export type Outcome =
  | { readonly how: 'ran' | 'cached'; readonly artifact: Artifact<unknown> }
  | { readonly how: 'failed'; readonly failure: Failure }
  | { readonly how: 'skipped'; readonly because: string }

/** Makes the artifacts of the wanted steps, each at most once, independent ones side by side; stale work only. */
export async function runPipeline(options: RunOptions): Promise<ReadonlyMap<string, Outcome>> {
  const scheduler = new Scheduler(options)
  return scheduler.run()
}

class Scheduler {
  readonly #o: RunOptions
  readonly #queue: PQueue
  /** Networks take all cores: one at a time. */
  readonly #computeQueue = new PQueue({ concurrency: 1 })
  readonly #outcomes = new Map<string, Promise<Outcome>>()
  readonly #run: string
  /** Keys that the run's processes work on now. */
  readonly #working = new Set<Digest>()
  /** Runs that are waited for, by step: told once each. */
  readonly #told = new Set<string>()
  #stopped = false

  constructor(options: RunOptions) {
    this.#o = options
    this.#queue = new PQueue({ concurrency: options.jobs })
    this.#run = basename(options.runDir)
  }

  async run(): Promise<ReadonlyMap<string, Outcome>> {
    const needed = this.#o.graph.upstream([...this.#o.wanted])
    const order = this.#o.graph.order().filter(id => needed.has(id))
    // Here, and not in the processes of the steps: a network's step may keep its process busy for long.
    const beats = setInterval(() => {
      for (const key of this.#working) void this.#o.setting.cache.leases.beat(key, this.#run).catch(() => undefined)
    }, BEAT_MS)
    for (const id of order) this.#outcomes.set(id, this.#make(this.#o.setting.pipeline.steps.get(id)!))
    const done = new Map<string, Outcome>()
    for (const id of order) done.set(id, await this.#outcomes.get(id)!)
    clearInterval(beats)
    return done
  }

  async #make(step: Step): Promise<Outcome> {
    const sources = [...new Set(Object.values(step.inputs).flat())]
    const outcomes = await Promise.all(sources.map(id => this.#outcomes.get(id)!))
    const broken = sources.find((_, i) => !('artifact' in outcomes[i]!))
    if (broken !== undefined) return this.#skip(step, `it needs "${broken}"`)
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
    const isForced = forced.has(step.id)
    if (found.artifact && !isForced) return this.#done(step, 'cached', found.artifact, started, countCached(found))
    if (!wanted.has(step.id)) {
      const user = [...this.#o.graph.downstream([step.id])].find(id => wanted.has(id)) ?? step.id
      throw new FailureError({ kind: 'upstream-stale', step: user, needs: step.id })
    }
    if (this.#stopped) return this.#skip(step, 'another step failed')
    const why: Why = isForced ? { kind: 'forced' } : await reason(found, setting)
    return 'each' in step.node ? this.#runElements(step, inputs, found, why) : this.#runWhole(step, inputs, found, why)
  }

  async #runWhole(step: Step, inputs: InputArtifacts, found: Lookup, why: Why): Promise<Outcome> {
    const started = performance.now()
    let begun: number | undefined
    const result = await this.#once(step, found.key, async (): Promise<UnitResult | Busy | undefined> => {
      if (this.#stopped) return undefined
      if (begun === undefined) this.#o.emit({ type: 'node-started', step: step.id, node: step.nodeName, why })
      begun ??= performance.now()
      const session = await this.#open(step, inputs, found, { elements: [], threads: this.#o.cores, why })
      try {
        return await session.run({ kind: 'whole' }, event => this.#relay(step, event))
      } finally {
        await session.close()
      }
    })
    return result ? this.#settle(step, result, begun ?? started) : this.#skip(step, 'another step failed')
  }

  /**
   * Does the work under a key when no other run does, and in the queue of its kind only then: who waits keeps nobody from working.
   * What another run made meanwhile is taken.
   */
  async #once(
    step: Step,
    key: Digest,
    work: () => Promise<UnitResult | Busy | undefined>,
    element?: string,
  ): Promise<UnitResult | undefined> {
    const queue = step.node.computes ? this.#computeQueue : this.#queue
    const { cache } = this.#o.setting
    for (;;) {
      const hasWaited = await this.#whenFree(step, key, element)
      if (this.#stopped || this.#o.signal.aborted) return this.#o.signal.aborted ? cancelled(step) : undefined
      const record = hasWaited && !this.#o.forced.has(step.id) ? await cache.get(key) : undefined
      const opened = record && (await cache.open(record.artifact))
      if (opened && 'artifact' in opened) return { ok: true, digest: opened.artifact.digest, ms: 0, taken: true }
      const result = await queue.add(async () => {
        this.#working.add(key)
        return work().finally(() => this.#working.delete(key))
      })
      if (!result || !('busy' in result)) return result
    }
  }

  /** Whether there was somebody to wait for. */
  async #whenFree(step: Step, key: Digest, element?: string): Promise<boolean> {
    let hasWaited = false
    await this.#o.setting.cache.leases.whenFree(key, {
      signal: this.#o.signal,
      waits: ({ run, host, pid }) => {
        hasWaited = true
        const told = `${step.id} ${run}`
        if (this.#told.has(told)) return
        this.#told.add(told)
        const of = element === undefined ? {} : { element }
        this.#o.emit({ type: 'node-waits', step: step.id, node: step.nodeName, ...of, for: { run, host, pid } })
      },
    })
    return hasWaited
  }

  /** The elements that are not in the cache side by side, then the document from all of them. */
  async #runElements(step: Step, inputs: InputArtifacts, found: Lookup, why: Why): Promise<Outcome> {
    const started = performance.now()
    const elements = await lookupElements(step, inputs, this.#o.setting)
    const stale = elements.flatMap((e, i) => (e.artifact && why.kind !== 'forced' ? [] : [i]))
    const count: ElementCount = { total: elements.length, ran: stale.length, cached: elements.length - stale.length }
    const isParallel = 'each' in step.node && step.node.each.parallel
    const lanes = isParallel ? Math.min(this.#o.jobs, Math.max(stale.length, 1)) : 1
    const threads = isParallel ? 1 : this.#o.cores
    this.#o.emit({ type: 'node-started', step: step.id, node: step.nodeName, why, elements: count })

    const pool = new SessionPool(() => this.#open(step, inputs, found, { elements, threads, why }))
    const runUnit = (unit: Unit, key: Digest, element?: string): Promise<UnitResult | undefined> =>
      this.#once(
        step,
        key,
        async () => (this.#stopped || this.#o.signal.aborted ? undefined : pool.use(s => s.run(unit, event => this.#relay(step, event)))),
        element,
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
        if (!postponed.has(index) && (await this.#o.setting.cache.leases.holder(key))) {
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

  #open(
    step: Step,
    inputs: InputArtifacts,
    found: Lookup,
    { elements, threads, why }: { elements: readonly ElementLookup[]; threads: number; why: Why },
  ): Promise<Session> {
    const { setting, executor, signal, runDir } = this.#o
    const job: JobFile = {
      format: 1,
      run: this.#run,
      forced: why.kind === 'forced',
      step: step.id,
      nodeName: step.nodeName,
      ...(isOwn(step) ? { nodeFile: resolvePath(dirname(step.at.file), step.nodeName) } : {}),
      params: step.params,
      inputs: Object.fromEntries(Object.entries(inputs).map(([name, list]) => [name, list.map(a => reference(a, setting))])),
      fingerprint: found.fingerprint,
      key: found.key,
      elements: elements.map(({ element, fingerprint, key }) => ({ element, fingerprint, key })),
      seed: step.node.seeded ? setting.pipeline.seed : 0,
      compute: setting.compute,
      threads,
      cache: { dir: setting.cache.dir, results: setting.cache.resultsAt },
    }
    return executor.open(job, {
      logFile: logPath(runDir, step.id),
      signal,
      ...(step.timeout === undefined ? {} : { timeout: step.timeout }),
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

  #skip(step: Step, because: string): Outcome {
    this.#o.emit({ type: 'node-skipped', step: step.id, node: step.nodeName, because })
    return { how: 'skipped', because }
  }

  #relay(step: Step, event: UnitEvent): void {
    const from = { step: step.id, ...(event.element === undefined ? {} : { element: event.element }) }
    if (event.type === 'progress') this.#o.emit({ type: 'node-progress', ...from, progress: event.progress })
    else this.#o.emit({ type: 'node-log', ...from, level: event.level, line: event.line })
  }
}

/** The sessions of one step: opened as they are needed, used by one unit at a time, closed together. */
class SessionPool {
  readonly #open: () => Promise<Session>
  readonly #idle: Session[] = []
  readonly #all: Promise<Session>[] = []

  constructor(open: () => Promise<Session>) {
    this.#open = open
  }

  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    let session = this.#idle.pop()
    if (!session) {
      const opening = this.#open()
      this.#all.push(opening)
      session = await opening
    }
    try {
      return await work(session)
    } finally {
      this.#idle.push(session)
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map(async opening => (await opening).close()))
  }
}

const cancelled = (step: Step): UnitResult => ({ ok: false, failure: { kind: 'cancelled', step: step.id } })

/** A node given by the path of its file. */
const isOwn = (step: Step): boolean => /[\\/]/.test(step.nodeName)

/** Cached artifacts travel by digest; a folder of the user's by its listing. */
const reference = (artifact: Artifact<unknown>, setting: Setting): Digest | Artifact<unknown> =>
  artifact.dir.startsWith(setting.cache.dir + sep) ? artifact.digest : artifact

const countCached = ({ record }: Lookup): ElementCount | undefined => {
  const total = record?.elements ? Object.keys(record.elements).length : undefined
  return total === undefined ? undefined : { total, ran: 0, cached: total }
}
