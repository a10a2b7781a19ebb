import { createWriteStream } from 'node:fs'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Dispatcher, Response } from 'undici'
import { codeOf, failIfDiskFull } from './disk.ts'
import type { Partial, Validator } from './partial.ts'
import type { Source } from './url.ts'

/** What became of one request: the whole file, or why not, and whether asking again may help. */
export type Outcome =
  { readonly ok: true } | { readonly ok: false; readonly reason: string; readonly retry: boolean; readonly afterMs?: number }

export interface Attempt {
  readonly source: Extract<Source, { kind: 'web' }>
  readonly partial: Partial
  readonly dispatcher: Dispatcher
  readonly signal: AbortSignal
  /** A server that does not start to answer for so long is taken for dead. */
  readonly silenceMs: number
  readonly progress: (done: number, total: number) => void
}

const retryStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])
/** Errors that will be the same next time: no such host, a certificate that does not fit. */
const finalCodes = /^(ENOTFOUND|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_INVALID)/

/** Asks once, going on from what is there, and writes what comes. */
export async function attempt(a: Attempt): Promise<Outcome> {
  const resume = a.partial.resumable()
  try {
    const response = await request(a, resume)
    if (resume && response.status === 416) return await startAnew(a, response)
    if (response.status !== 200 && response.status !== 206) return await refusal(response)
    const start = startOf(response, resume?.bytes)
    if (start === undefined) return await startAnew(a, response)
    if (start === 0) await a.partial.begin(validatorOf(response))
    return await receive(a, response, start)
  } catch (error) {
    a.signal.throwIfAborted()
    failIfDiskFull(error, a.partial.part)
    return { ok: false, reason: reasonOf(error), retry: !finalCodes.test(codeOf(error) ?? '') }
  }
}

async function request(a: Attempt, resume: (Validator & { bytes: number }) | undefined): Promise<Response> {
  const { fetch } = await import('undici')
  const headers: Record<string, string> = {
    // The bytes as they are: else lengths and ranges would count something else.
    'accept-encoding': 'identity',
    'user-agent': 'voxelpipe',
    ...(a.source.authorization === undefined ? {} : { authorization: a.source.authorization }),
    ...(resume ? { range: `bytes=${resume.bytes}-`, 'if-range': resume.value } : {}),
  }
  // A clock of our own: undici's starts with the connection, and a proxy that hangs up before one never starts it.
  const silence = new AbortController()
  const clock = setTimeout(() => silence.abort(new Error(`no answer for ${a.silenceMs / 1000} s`)), a.silenceMs)
  try {
    const signal = AbortSignal.any([a.signal, silence.signal])
    return await fetch(a.source.url, { headers, dispatcher: a.dispatcher, signal, redirect: 'follow' })
  } finally {
    clearTimeout(clock)
  }
}

/** Where in the file the answer starts; undefined if that is not what was asked for. */
function startOf(response: Response, asked: number | undefined): number | undefined {
  if (response.status === 200) return 0
  const from = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1]
  return asked !== undefined && from !== undefined && Number(from) === asked ? asked : undefined
}

/** If-Range takes strong ETags only (RFC 9110, 13.1.5), or a date. */
function validatorOf(response: Response): Validator | undefined {
  const etag = response.headers.get('etag')
  const value = etag !== null && !etag.startsWith('W/') ? etag : response.headers.get('last-modified')
  return value === null ? undefined : { value }
}

async function startAnew({ partial }: Attempt, response: Response): Promise<Outcome> {
  await response.body?.cancel()
  await partial.discard()
  return { ok: false, reason: 'the server did not go on from where the download stopped', retry: true, afterMs: 0 }
}

async function refusal(response: Response): Promise<Outcome> {
  await response.body?.cancel()
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  const afterMs = Number.isFinite(seconds) ? { afterMs: Math.min(60, Math.max(0, seconds)) * 1000 } : {}
  const reason = `HTTP ${response.status} ${response.statusText}`.trim()
  return { ok: false, reason, retry: retryStatuses.has(response.status), ...afterMs }
}

/** Writes the body after the `start` bytes that are there, and looks whether it was all. */
async function receive({ partial, signal, progress }: Attempt, response: Response, start: number): Promise<Outcome> {
  const length = response.headers.get('content-length')
  const total = length === null ? undefined : start + Number(length)
  let done = start
  let shown = 0
  const count = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length
      if (Date.now() - shown > 200) progress(done, Math.max(done, total ?? 0))
      if (Date.now() - shown > 200) shown = Date.now()
      next(null, chunk)
    },
  })
  const body = response.body === null ? Readable.from([]) : Readable.fromWeb(response.body as never)
  await pipeline(body, count, createWriteStream(partial.part, { flags: start > 0 ? 'a' : 'w' }), { signal })
  progress(done, Math.max(done, total ?? 0))
  if (total !== undefined && done !== total) return { ok: false, reason: `${done} of ${total} bytes came`, retry: true }
  await partial.complete()
  return { ok: true }
}

/** The innermost message: undici's own says no more than "fetch failed" or "terminated". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause instanceof Error) return reasonOf(error.cause)
  const code = codeOf(error)
  if (code === undefined || error.message.includes(code)) return error.message
  return error.message === '' ? code : `${error.message} (${code})`
}
