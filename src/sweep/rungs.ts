import { EventEmitter, once } from 'node:events'
import type { Artifact } from '../artifact.ts'
import type { Event } from '../event.ts'
import { Halving, type Standing } from './halving.ts'
import type { Halved } from './read-halving.ts'

/** How far a trial's training has come, and how good it was there. */
export interface Reached {
  /** 0: it failed before the first rung. */
  readonly epoch: number
  readonly metric: string
  readonly better: 'lower' | 'higher'
  readonly score: number | null
}

interface Place {
  readonly training: number
  readonly rung: number
}

/** The rungs of a sweep that runs: hears how trainings do, and says of each part of them whether it is to run. */
export class Rungs {
  readonly #of: Halved
  readonly #halving: Halving
  /** By merged step. */
  readonly #places = new Map<string, Place>()
  /** Of each trial. */
  readonly #trainings: readonly number[]
  readonly #heard = new EventEmitter().setMaxListeners(0)

  /** `trials`: of each, its step's name -> the merged step's. Trials that share a training go together. */
  constructor(of: Halved, trials: readonly ReadonlyMap<string, string>[]) {
    this.#of = of
    const numbers = new Map<string, number>()
    this.#trainings = trials.map(steps => {
      const first = steps.get(of.names[0]!)!
      const training = numbers.get(first) ?? numbers.size
      numbers.set(first, training)
      of.names.forEach((name, rung) => this.#places.set(steps.get(name)!, { training, rung }))
      return training
    })
    const { better, reduction } = of
    this.#halving = new Halving(numbers.size, { better, reduction, rungs: of.ends.length })
  }

  /** Why a step is not to run, once that is decided. */
  readonly gate = async (step: string): Promise<string | undefined> => {
    const place = this.#places.get(step)
    if (!place || place.rung === 0) return undefined
    const before = { training: place.training, rung: place.rung - 1 }
    for (;;) {
      const decision = this.#standing(before)?.decision
      if (decision === 'up') return undefined
      if (decision !== undefined) return this.#why(before)
      await once(this.#heard, 'score')
    }
  }

  show(step: string, artifact: Artifact<unknown>): void {
    this.#note(step, () => this.#of.scoreOf(artifact.value))
  }

  readonly listener = (event: Event): void => {
    if (event.type === 'node-failed' || event.type === 'node-skipped') this.#note(event.step, () => null)
  }

  /** A part that is not to run, or that lacks the one before, is on no rung. */
  #note(step: string, score: () => number | null): void {
    const place = this.#places.get(step)
    if (!place || !this.#standing(place)) return
    this.#halving.note(place.training, place.rung, score())
    this.#heard.emit('score')
  }

  #standing({ training, rung }: Place): Standing | undefined {
    return this.#halving.standings(rung).find(s => s.training === training)
  }

  #why({ training, rung }: Place): string {
    const { ends, metric, better } = this.#of
    const scores = this.#halving.standings(rung).flatMap(s => s.score ?? [])
    const score = this.#halving.standings(rung).find(s => s.training === training)?.score ?? null
    if (score === null) return `stopped at epoch ${ends[rung]}: no ${metric}`
    const above = scores.filter(other => (better === 'lower' ? other < score : other > score)).length
    return `stopped at epoch ${ends[rung]}: ${metric} ${score.toFixed(4)}, no. ${above + 1} of ${scores.length}`
  }

  /** How far the training of a trial has come; trials are counted from 0. */
  reached(trial: number): Reached {
    const { ends, metric, better } = this.#of
    const training = this.#trainings[trial]!
    for (let rung = ends.length - 1; rung >= 0; rung--) {
      const score = this.#standing({ training, rung })?.score
      if (typeof score === 'number') return { epoch: ends[rung]!, metric, better, score }
    }
    return { epoch: 0, metric, better, score: null }
  }

  /** All decisions, as plain data; trials are counted from 1. */
  record(): object {
    const { step, metric, better, reduction, ends } = this.#of
    const trialsOf = (training: number): readonly number[] => this.#trainings.flatMap((t, trial) => (t === training ? [trial + 1] : []))
    const rungs = ends.map((epoch, rung) => ({
      epoch,
      trainings: this.#halving.standings(rung).map(({ training, score, decision }) => ({ trials: trialsOf(training), score, decision })),
    }))
    return { format: 1, step, metric, better, reduction, rungs }
  }
}
