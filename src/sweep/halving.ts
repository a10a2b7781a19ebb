/** Early stopping of trainings at rungs, by asynchronous successive halving (Li et al., A System for Massively Parallel Hyperparameter Tuning, 2020). */
export interface HalvingRule {
  readonly better: 'lower' | 'higher'
  /** One of so many goes on from each rung to the next. */
  readonly reduction: number
  /** How many rungs; who is on the last goes nowhere. */
  readonly rungs: number
}

/** A training on a rung. */
export interface Standing {
  readonly training: number
  /** Undefined: it has not come there yet. Null: it failed, or has no score. */
  readonly score: number | null | undefined
  /** On the last rung: `top`. Undefined: not decided yet. */
  readonly decision: 'up' | 'stopped' | 'top' | undefined
}

interface Entry {
  readonly training: number
  score?: number | null
  decision?: 'up' | 'stopped' | 'top'
}

/** A rung: who came to it, in order; how many of them have been looked at; whether nobody else can come. */
interface Rung {
  readonly entries: Entry[]
  seen: number
  isOver: boolean
}

/**
 * Who goes on from which rung. As the paper's algorithm has it for one worker: whenever one more training of a rung is looked at, those
 * among the best n / reduction of the n seen so far go up, that have not yet. They are looked at in a fixed order (on the first rung that
 * of the sweep, on others that of going up), whenever they end: so decisions are the same whatever ran side by side, and wait for nobody
 * who comes later in that order. A rung that is over and has sent nobody up sends its best, so that one training goes all the way.
 */
export class Halving {
  readonly #rule: HalvingRule
  readonly #rungs: readonly Rung[]

  constructor(trainings: number, rule: HalvingRule) {
    this.#rule = rule
    this.#rungs = Array.from({ length: rule.rungs }, (_, rung) => ({
      entries: rung === 0 ? Array.from({ length: trainings }, (_, training) => ({ training })) : [],
      seen: 0,
      isOver: false,
    }))
  }

  /** A training has come to its end on a rung: null where it has no score. */
  note(training: number, rung: number, score: number | null): void {
    const entry = this.#rungs[rung]?.entries.find(e => e.training === training)
    if (!entry) throw new Error(`training ${training} is not on rung ${rung}`)
    entry.score = score
    this.#rungs.forEach((_, r) => this.#look(r))
  }

  /** Everyone on a rung, in the order of coming to it. */
  standings(rung: number): readonly Standing[] {
    return this.#rungs[rung]!.entries.map(({ training, score, decision }) => ({ training, score, decision }))
  }

  #look(r: number): void {
    const rung = this.#rungs[r]!
    const next = this.#rungs[r + 1]
    for (let entry = rung.entries[rung.seen]; entry && entry.score !== undefined; entry = rung.entries[rung.seen]) {
      rung.seen++
      if (!next) entry.decision = 'top'
      else
        for (const good of this.#best(rung).slice(0, Math.floor(rung.seen / this.#rule.reduction)))
          if (!good.decision) this.#send(good, next)
    }
    if (rung.isOver || rung.seen < rung.entries.length || (r > 0 && !this.#rungs[r - 1]!.isOver)) return
    rung.isOver = true
    if (next && next.entries.length === 0)
      this.#best(rung)
        .slice(0, 1)
        .forEach(best => this.#send(best, next))
    for (const entry of rung.entries) entry.decision ??= 'stopped'
  }

  #send(entry: Entry, next: Rung): void {
    entry.decision = 'up'
    next.entries.push({ training: entry.training })
  }

  /** Those seen that have a score, best first; of equal ones who came first. */
  #best(rung: Rung): readonly Entry[] {
    const sign = this.#rule.better === 'lower' ? 1 : -1
    const scored = rung.entries.slice(0, rung.seen).filter(entry => typeof entry.score === 'number')
    return scored.sort((a, b) => sign * (a.score! - b.score!))
  }
}
