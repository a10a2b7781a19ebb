import { createHash } from 'node:crypto'
import type { Digest } from './artifact.ts'

/** Raise it when the meaning of a fingerprint changes: every key changes with it. */
export const FINGERPRINT_FORMAT = 1

/**
 * Everything that decides what the output will be, and nothing else: no times, no paths, no machine. Two runs with
 * equal fingerprints may share one artifact. Kept whole beside the result, so that `pipe why` can name what changed.
 */
export interface Fingerprint {
  readonly format: number
  readonly node: string
  /** A built-in node's version number; the digest of its import closure for a user's own. */
  readonly code: string
  /** After defaults are filled in: writing a default out loud changes nothing. */
  readonly params: unknown
  /** By content, not by history: an upstream step that reran to the same bytes changes nothing. */
  readonly inputs: Readonly<Record<string, Digest | readonly Digest[]>>
  /** Files outside the cache, by content; in the order that the node names them. */
  readonly reads: readonly Digest[]
  /** Of a node that draws random numbers. */
  readonly seed?: number
  /** Of a node that runs networks: engine, its version, kind of device. */
  readonly engine?: string
  /** Of one element of an `each` step: what it works on. The id is here since files are named by it. */
  readonly element?: { readonly id: string; readonly value: unknown; readonly files: Readonly<Record<string, Digest | readonly Digest[]>> }
}

export const keyOf = (f: Fingerprint): Digest => digestText(canonical(f))

export const digestText = (text: string): Digest => createHash('sha256').update(text).digest('hex') as Digest

/**
 * JSON with keys sorted by code unit: the same value always gives the same text, in every locale.
 * Refuses what JSON would silently lose (NaN, functions, class instances), naming where it is. Undefined members are left out.
 */
export function canonical(x: unknown, path = '$'): string {
  if (x === null || typeof x === 'boolean' || typeof x === 'string') return JSON.stringify(x)
  if (typeof x === 'number') {
    if (!Number.isFinite(x)) throw new Error(`${path} is ${x}, which JSON cannot hold`)
    return JSON.stringify(x)
  }
  if (Array.isArray(x)) return `[${x.map((v, i) => canonical(v, `${path}[${i}]`)).join(',')}]`
  if (typeof x === 'object' && Object.getPrototypeOf(x) === Object.prototype) {
    const members = Object.entries(x)
      .filter(([, v]) => v !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${members.map(([k, v]) => `${JSON.stringify(k)}:${canonical(v, `${path}.${k}`)}`).join(',')}}`
  }
  throw new Error(`${path} is a ${typeof x === 'object' ? x.constructor.name : typeof x}, which JSON cannot hold`)
}
