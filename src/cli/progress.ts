import type { ElementCount, Event, Progress } from '../event.ts'

/** The unit that counts within another: its numbers start anew with every epoch. */
const INNER = 'batch'

/** What is shown of one step that runs: gathered from its events. */
export class StepProgress {
  readonly step: string
  readonly started: number
  readonly elements: ElementCount | undefined
  elementsDone = 0
  /** The last line that the step said of itself as a whole. */
  lastLine = ''
  warnings = 0
  readonly #history = new Map<string, number[]>()
  readonly #units = new Map<string, { latest: Progress; readonly from: number; readonly since: number }>()

  constructor(event: Extract<Event, { type: 'node-started' }>, now: number) {
    this.step = event.step
    this.started = now
    this.elements = event.elements
  }

  /** Progress of the step as a whole; an element's own is too much to show. */
  note(progress: Progress, now: number): void {
    if (progress.unit !== INNER) this.#remember(progress.metrics ?? {})
    const known = this.#units.get(progress.unit)
    // Counting starts anew (the batches of the next epoch, another file): so does the clock.
    if (known && progress.done >= known.latest.done && progress.total === known.latest.total) known.latest = progress
    // The first of many is the work since the start; of a count that began before (a resumed training) only what follows is timed.
    else if (!known && progress.done === 1) this.#units.set(progress.unit, { latest: progress, from: 0, since: this.started })
    else this.#units.set(progress.unit, { latest: progress, from: progress.done, since: now })
  }

  #remember(metrics: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(metrics)) {
      const values = this.#history.get(name)
      if (values) values.push(value)
      else this.#history.set(name, [value])
    }
  }

  /** All values of a metric of the slowest count so far, oldest first. */
  history(name: string): readonly number[] {
    return this.#history.get(name) ?? []
  }

  /** The slowest count first: epochs before the batches within one. */
  get counts(): Progress[] {
    return [...this.#units.values()].map(u => u.latest).sort((a, b) => Number(a.unit === INNER) - Number(b.unit === INNER))
  }

  /** The numbers of the slowest count that has any: those of an epoch rather than those of a batch. */
  get metrics(): Readonly<Record<string, number>> {
    return this.counts.find(c => c.metrics)?.metrics ?? {}
  }

  /** 0 to 1, or undefined when nothing is counted. */
  get fraction(): number | undefined {
    if (this.elements) return ratio(this.elements.cached + this.elementsDone, this.elements.total)
    const [outer, inner] = this.counts
    if (!outer) return undefined
    // Between two epochs the batches say how far the next one is.
    const partial = inner && outer.done < outer.total ? (ratio(inner.done, inner.total) ?? 0) % 1 : 0
    return ratio(outer.done + partial, outer.total)
  }

  /** Milliseconds still to go at the pace so far, or undefined while that is a guess. */
  remaining(now: number): number | undefined {
    if (this.elements) return pace(this.elementsDone, this.elements.total - this.elements.cached - this.elementsDone, now - this.started)
    const outer = this.counts[0]
    const unit = outer && this.#units.get(outer.unit)
    // The clock of a count starts at its first report, when one was done already.
    return outer && unit ? pace(outer.done - unit.from, outer.total - outer.done, now - unit.since) : undefined
  }
}

const ratio = (done: number, total: number): number | undefined => (total > 0 ? Math.min(1, done / total) : undefined)
const pace = (done: number, left: number, ms: number): number | undefined => (done > 0 && left > 0 ? (ms / done) * left : undefined)
