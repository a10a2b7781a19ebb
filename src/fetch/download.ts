import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { fail } from '../failure.ts'
import { attempt, type Outcome } from './attempt.ts'
import { Partial } from './partial.ts'
import { parseSource, type Source } from './url.ts'

export interface DownloadOptions {
  /** Tried in order. */
  readonly urls: readonly string[]
  /** Lower-case hexadecimal; a file with another is refused. */
  readonly sha256?: string | undefined
  /** A folder that outlives a kill: partial downloads lie here. */
  readonly scratch: string
  readonly signal: AbortSignal
  /** Bytes; `total` is `done` where the server does not say. */
  readonly progress: (done: number, total: number) => void
  readonly log: (line: string, level?: 'info' | 'warn') => void
  /** Wait before the first retry; doubled for each that follows. */
  readonly backOffMs?: number
  /** Requests in a row that bring nothing new, before a URL is given up. */
  readonly attempts?: number
  /** A server that is silent for so long is taken for dead. */
  readonly silenceMs?: number
}

/** A file that is here and whole: where, and which URL it is from. */
export interface Downloaded {
  readonly path: string
  readonly url: string
  /** Removes it, if it is our copy; a file of the user's stays. */
  discard(): Promise<void>
}

/** Gets the file from the first URL that gives it whole and with the right checksum; a failure with every URL's reason if none does. */
export async function download(o: DownloadOptions): Promise<Downloaded> {
  const reasons: { url: string; reason: string }[] = []
  for (const text of o.urls) {
    const source = parseSource(text)
    const got = source ? await get(source, o) : 'not a URL that can be fetched: https:, http: or file:'
    if (typeof got !== 'string') return got
    const url = source?.shown ?? text
    reasons.push({ url, reason: got })
    if (reasons.length < o.urls.length) o.log(`${url}: ${got}; trying the next URL`, 'warn')
  }
  return fail({ kind: 'download-failed', reasons })
}

/** The file, or the reason that there is none. */
const get = (source: Source, o: DownloadOptions): Promise<Downloaded | string> =>
  source.kind === 'file' ? getFile(source.path, source.shown, o) : getWeb(source, o)

async function getFile(path: string, url: string, o: DownloadOptions): Promise<Downloaded | string> {
  if (!existsSync(path)) return `there is no file ${path}`
  try {
    return (await wrongChecksum(path, o)) ?? { path, url, discard: () => Promise.resolve() }
  } catch (error) {
    o.signal.throwIfAborted()
    return (error as Error).message
  }
}

async function getWeb(source: Extract<Source, { kind: 'web' }>, o: DownloadOptions): Promise<Downloaded | string> {
  const partial = new Partial(o.scratch, source.url)
  if (!partial.isWhole()) {
    const silenceMs = o.silenceMs ?? 60_000
    const dispatcher = await dispatcherFor(silenceMs)
    try {
      const last = await persist(() => attempt({ ...o, source, partial, dispatcher, silenceMs }), partial, source.shown, o)
      if (!last.ok) return last.reason
    } finally {
      // Not close(): that would wait for answers which nobody reads any more.
      await dispatcher.destroy()
    }
  }
  const wrong = await wrongChecksum(partial.whole, o)
  if (wrong === undefined) return { path: partial.whole, url: source.shown, discard: () => partial.discard() }
  await partial.discard()
  return wrong
}

/** Asks again and again, as long as that may help. An attempt that brought new bytes starts the count anew. */
async function persist(ask: () => Promise<Outcome>, partial: Partial, url: string, o: DownloadOptions): Promise<Outcome> {
  const limit = o.attempts ?? 5
  let furthest = partial.resumable()?.bytes ?? 0
  for (let fruitless = 0; ;) {
    const outcome = await ask()
    if (outcome.ok || !outcome.retry) return outcome
    const bytes = partial.resumable()?.bytes ?? 0
    fruitless = bytes > furthest ? 0 : fruitless + 1
    furthest = Math.max(furthest, bytes)
    if (fruitless >= limit) return { ...outcome, reason: `${outcome.reason}, ${limit} times in a row` }
    const wait = outcome.afterMs ?? (o.backOffMs ?? 500) * 2 ** Math.max(0, fruitless - 1)
    o.log(`${url}: ${outcome.reason}; asking again in ${(wait / 1000).toFixed(1)} s`)
    await sleep(wait, undefined, { signal: o.signal })
  }
}

async function dispatcherFor(silenceMs: number): Promise<Dispatcher> {
  const { EnvHttpProxyAgent } = await import('undici')
  const connect = { timeout: Math.min(silenceMs, 20_000) }
  // http: is asked of a proxy as curl asks, without a tunnel, which many proxies allow for https: only.
  return new EnvHttpProxyAgent({ headersTimeout: 0, bodyTimeout: silenceMs, connect, proxyTunnel: false })
}

/** Why the file is refused, or undefined where its checksum is right or none is asked for. */
async function wrongChecksum(path: string, { sha256, signal }: DownloadOptions): Promise<string | undefined> {
  if (sha256 === undefined) return undefined
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash, { signal })
  const found = hash.digest('hex')
  return found === sha256.toLowerCase() ? undefined : `its sha256 is ${found}, and not ${sha256.toLowerCase()}`
}
