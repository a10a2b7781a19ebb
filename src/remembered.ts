import type Keyv from 'keyv'
import { canonical, digestText } from './fingerprint.ts'

/**
 * What costs more to work out than to keep, by what it is worked out from; losing it costs time only. It must fit into JSON. `what` names
 * the way it is made, and changes with it. Kept with its digest: nothing else would notice a bit that flipped.
 */
export async function remembered<T>(results: Keyv, what: string, from: unknown, make: () => Promise<T>): Promise<T> {
  const key = `${what}:${digestText(canonical(from))}`
  const found: unknown = await results.get(key)
  if (typeof found === 'string') {
    const text = found.slice(DIGEST)
    if (digestText(text) === found.slice(0, DIGEST)) return JSON.parse(text) as T
  }
  const made = await make()
  const text = JSON.stringify(made)
  await results.set(key, `${digestText(text)}${text}`)
  return made
}

/** Characters of a sha256. */
const DIGEST = 64
