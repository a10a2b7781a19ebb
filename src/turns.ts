import type { Digest } from './artifact.ts'
import type { Cache } from './cache.ts'
import type { Listener } from './event.ts'
import type { Busy, UnitResult } from './exec/job.ts'
import { BEAT_MS, runKey } from './lease.ts'

/** A piece of work that other runs may be at, too. */
export interface Turn {
  readonly step: string
  readonly node: string
  readonly element?: string
  readonly key: Digest
  /** Made also where another run has made it. */
  readonly isForced: boolean
}

/** The run that takes turns. */
export interface TurnOptions {
  readonly cache: Cache
  /** Its id. */
  readonly run: string
  readonly signal: AbortSignal
  readonly emit: Listener
  /** Whether nothing new is to begin, since another step failed. */
  readonly isOver: () => boolean
}

/** Lets a run do its work key by key, each when no other run is at it; what another run made meanwhile is taken. */
export class Turns {
  readonly #o: TurnOptions
  /** What the run's processes work on now. */
  readonly #working = new Set<Turn>()
  /** Runs that are waited for, by step: told once each. */
  readonly #told = new Set<string>()

  constructor(options: TurnOptions) {
    this.#o = options
  }

  /** Says again and again that the run lives, so that nobody removes what it uses, until the function that it gives is called. */
  async begin(): Promise<() => Promise<void>> {
    const { leases } = this.#o.cache
    const own = runKey(this.#o.run)
    const lease = await leases.take(own, this.#o.run)
    // Here, and not in the processes of the steps: a network's step may keep its process busy for long.
    const beats = setInterval(() => {
      for (const key of [own, ...[...this.#working].map(turn => turn.key)]) void leases.beat(key, this.#o.run).catch(() => undefined)
    }, BEAT_MS)
    return async () => {
      clearInterval(beats)
      if ('release' in lease) await lease.release()
      await leases.sweep()
    }
  }

  /** Whether another run is at it. */
  async isTaken(key: Digest): Promise<boolean> {
    return (await this.#o.cache.leases.holder(key)) !== undefined
  }

  /** Does the work when nobody else does. `work` queues for what it needs itself, so that who waits here keeps nobody from working. */
  async once(turn: Turn, work: () => Promise<UnitResult | Busy | undefined>): Promise<UnitResult | undefined> {
    const { cache, signal, isOver } = this.#o
    const { key, step } = turn
    for (;;) {
      const hasWaited = await this.#whenFree(turn)
      if (signal.aborted) return { ok: false, failure: { kind: 'cancelled', step } }
      if (isOver()) return undefined
      const record = hasWaited && !turn.isForced ? await cache.get(key) : undefined
      const opened = record && (await cache.open(record.artifact))
      if (opened && 'artifact' in opened) return { ok: true, digest: opened.artifact.digest, ms: 0, taken: true }
      this.#working.add(turn)
      const result = await work().finally(() => this.#working.delete(turn))
      if (!result || !('busy' in result)) return result
    }
  }

  /** Whether there was somebody to wait for. */
  async #whenFree({ step, node, element, key }: Turn): Promise<boolean> {
    let hasWaited = false
    await this.#o.cache.leases.whenFree(key, {
      signal: this.#o.signal,
      waits: ({ run, host, pid }) => {
        hasWaited = true
        // Two steps of one run may be the same work.
        if (run === this.#o.run) return
        const told = `${step} ${run}`
        if (this.#told.has(told)) return
        this.#told.add(told)
        const of = element === undefined ? {} : { element }
        this.#o.emit({ type: 'node-waits', step, node, ...of, for: { run, host, pid } })
      },
    })
    return hasWaited
  }
}
