import type Keyv from 'keyv'
import { canonical, digestText } from './fingerprint.ts'

/**
 * What costs more to work out than to keep, by what it is worked out from; losing it costs time only. It must fit into JSON. `what` names
 * the way it is made, and changes with it.
 */
export class Memory {
  readonly #results: Keyv

  constructor(results: Keyv) {
    this.#results = results
  }

  /** What was kept, or what is made now, and kept. */
  async get<T>(what: string, from: unknown, make: () => Promise<T>): Promise<T> {
    const found = await this.recall<T>(what, from)
    if (found !== undefined) return found
    const made = await make()
    await this.keep(what, from, made)
    return made
  }

  /** What was kept, or undefined. */
  async recall<T>(what: string, from: unknown): Promise<T | undefined> {
    const found: unknown = await this.#results.get(keyOf(what, from))
    if (typeof found !== 'string') return undefined
    const text = found.slice(DIGEST)
    return digestText(text) === found.slice(0, DIGEST) ? (JSON.parse(text) as T) : undefined
  }

  /** Kept with its digest: nothing else would notice a bit that flipped. */
  async keep(what: string, from: unknown, made: unknown): Promise<void> {
    const text = JSON.stringify(made)
    await this.#results.set(keyOf(what, from), `${digestText(text)}${text}`)
  }
}

const keyOf = (what: string, from: unknown): string => `${what}:${digestText(canonical(from))}`

/** Characters of a sha256. */
const DIGEST = 64
