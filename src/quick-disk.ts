import { readFileSync, statSync, utimesSync, type BigIntStats } from 'node:fs'
import { readFile, stat, utimes } from 'node:fs/promises'
import { codeOf } from './files.ts'

/** How long an answer of the disk is waited for. Going through the thread pool costs a good part of it. */
const PATIENCE_MS = 0.25
/** How many answers are timed before it is decided; by most of them, since any one may be late because the processor is busy. */
const PROBE = 16
/** How many calls go through the thread pool before the disk is timed again. */
const REST = 1000

/**
 * Small reads of one disk, of which there are tens of thousands: each directly, which costs the least, while the disk answers
 * at once; side by side, through the thread pool, where it lets one wait (a network, a disk that sleeps).
 */
export class QuickDisk {
  readonly #patienceMs: number
  #timed = 0
  #late = 0
  /** Calls that are still to go through the thread pool. */
  #resting = 0

  constructor(patienceMs = PATIENCE_MS) {
    this.#patienceMs = patienceMs
  }

  /** What the system says of a file; undefined where there is none. */
  stat(path: string): Promise<BigIntStats | undefined> {
    return this.#call(
      () => statSync(path, { bigint: true, throwIfNoEntry: false }),
      () => stat(path, { bigint: true }),
    )
  }

  /** The text of a file; undefined where there is none. */
  read(path: string): Promise<string | undefined> {
    return this.#call(
      () => readFileSync(path, 'utf8'),
      () => readFile(path, 'utf8'),
    )
  }

  /** Makes the time of a file or folder now; where there is none, nothing. */
  touch(path: string): Promise<void> {
    const now = new Date()
    return this.#call(
      () => utimesSync(path, now, now),
      () => utimes(path, now, now),
    )
  }

  async #call<T>(now: () => T, later: () => Promise<T>): Promise<T | undefined> {
    try {
      if (this.#resting === 0) return this.#timedCall(now)
      this.#resting--
      return await later()
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
      throw error
    }
  }

  #timedCall<T>(now: () => T): T {
    const started = performance.now()
    try {
      return now()
    } finally {
      if (performance.now() - started > this.#patienceMs) this.#late++
      if (++this.#timed === PROBE) {
        if (this.#late > PROBE / 2) this.#resting = REST
        this.#timed = this.#late = 0
      }
    }
  }
}
