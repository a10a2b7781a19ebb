import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { describe as say, FailureError } from '../../src/failure.ts'
import { failIfDiskFull } from '../../src/fetch/disk.ts'
import { download, type DownloadOptions } from '../../src/fetch/download.ts'
import { parseSource } from '../../src/fetch/url.ts'

const root = mkdtempSync(join(tmpdir(), 'download-'))
const content = randomBytes(300_000)
const sha256 = createHash('sha256').update(content).digest('hex')

type Handler = (request: IncomingMessage, response: ServerResponse) => void
let server: Server
let base: string
let handler: Handler
/** The requests of the test: method, path, range. */
let asked: string[] = []

beforeAll(async () => {
  // The machine's own proxy must not stand between the test and its server.
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy']) Reflect.deleteProperty(process.env, name)
  server = createServer((request, response) => {
    asked.push([request.method, request.url, request.headers.range].filter(Boolean).join(' '))
    handler(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(root, { recursive: true })
})

interface Seen {
  readonly lines: string[]
  readonly progress: (readonly [number, number])[]
  readonly scratch: string
}

async function get(urls: readonly string[], answer: Handler, options: Partial<DownloadOptions> = {}) {
  handler = answer
  asked = []
  const seen: Seen = { lines: [], progress: [], scratch: options.scratch ?? mkdtempSync(join(root, 'scratch-')) }
  const o: DownloadOptions = {
    urls,
    scratch: seen.scratch,
    signal: new AbortController().signal,
    progress: (done, total) => seen.progress.push([done, total]),
    log: line => seen.lines.push(line),
    backOffMs: 1,
    attempts: 3,
    silenceMs: 2000,
    ...options,
  }
  try {
    const got = await download(o)
    return { ...seen, got, bytes: readFileSync(got.path), message: '' }
  } catch (error) {
    if (!(error instanceof FailureError)) throw error
    return { ...seen, got: undefined, bytes: undefined, message: say(error.failure) }
  }
}

/** A server that knows ranges and an ETag, and drops the connection after `most` bytes of an answer. */
const ranged =
  (most: number, etag: () => string = () => '"v1"', body: () => Buffer = () => content): Handler =>
  (request, response) => {
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
    const start = range && request.headers['if-range'] === etag() ? Number(range[1]) : 0
    const headers = { etag: etag(), 'content-length': body().length - start }
    if (start > 0) response.writeHead(206, { ...headers, 'content-range': `bytes ${start}-${body().length - 1}/${body().length}` })
    else response.writeHead(200, headers)
    const part = body().subarray(start, start + most)
    response.write(part, () => (start + part.length === body().length ? response.end() : setTimeout(() => response.destroy(), 100)))
  }

describe('a download', () => {
  test('gives the bytes of the server, and tells how it goes on', async () => {
    const { bytes, progress, message } = await get([`${base}/a.zip`], ranged(Infinity), { sha256: sha256.toUpperCase() })
    assert.equal(message, '')
    assert.ok(bytes!.equals(content))
    assert.deepEqual(progress.at(-1), [content.length, content.length])
  })

  test('asks again where the server is busy', async () => {
    let busy = 2
    const { bytes, lines } = await get([`${base}/a`], (request, response) => {
      if (busy-- > 0) response.writeHead(503).end()
      else ranged(Infinity)(request, response)
    })
    assert.ok(bytes!.equals(content))
    assert.equal(asked.length, 3)
    assert.match(lines[0]!, /HTTP 503 Service Unavailable; asking again in 0.0 s/)
  })

  test('goes on where the connection broke, as often as it takes', async () => {
    const { bytes } = await get([`${base}/a`], ranged(100_000), { sha256 })
    assert.ok(bytes!.equals(content))
    assert.equal(asked[0], 'GET /a')
    assert.ok(asked.length >= 3 && asked.slice(1).every(line => /^GET \/a bytes=\d+-$/.test(line)), asked.join('\n'))
  })

  test('goes on after the program was killed', async () => {
    const scratch = mkdtempSync(join(root, 'scratch-'))
    const kill = new AbortController()
    const partSize = () => readdirSync(scratch).reduce((sum, f) => sum + (f.endsWith('.part') ? statSync(join(scratch, f)).size : 0), 0)
    // The server sends a part and then nothing; once that part is on disk, the program goes.
    const first = get(
      [`${base}/a`],
      (_, response) => {
        response.writeHead(200, { 'content-length': content.length, etag: '"v1"' }).write(content.subarray(0, 100_000))
        const poll = setInterval(() => {
          if (partSize() < 100_000) return
          clearInterval(poll)
          kill.abort()
        }, 5)
      },
      { scratch, signal: kill.signal, silenceMs: 20_000 },
    )
    await assert.rejects(first, { name: 'AbortError' })
    const { bytes } = await get([`${base}/a`], ranged(Infinity), { scratch, sha256 })
    assert.ok(bytes!.equals(content))
    assert.equal(asked[0], 'GET /a bytes=100000-')
  })

  test('starts anew where the file has become another in between', async () => {
    const other = randomBytes(250_000)
    let version = 1
    const now = ranged(
      100_000,
      () => `"v${version}"`,
      () => (version === 1 ? content : other),
    )
    const { bytes } = await get([`${base}/a`], (request, response) => {
      if (asked.length === 2) version = 2
      now(request, response)
    })
    assert.ok(bytes!.equals(other))
  })

  test('starts anew where the server knows no ranges', async () => {
    let drops = 1
    const { bytes } = await get([`${base}/a`], (_, response) => {
      response.writeHead(200, { 'content-length': content.length, etag: '"v1"' })
      if (drops-- > 0) response.write(content.subarray(0, 1000), () => setTimeout(() => response.destroy(), 100))
      else response.end(content)
    })
    assert.ok(bytes!.equals(content))
  })

  test('is not asked for again once it is whole', async () => {
    const { scratch } = await get([`${base}/a`], ranged(Infinity))
    const { bytes } = await get([`${base}/a`], ranged(Infinity), { scratch, sha256 })
    assert.ok(bytes!.equals(content))
    assert.deepEqual(asked, [])
  })

  test('takes the next URL where the first is dead', async () => {
    const { got, lines } = await get([`${base}/dead`, `${base}/mirror`], (request, response) => {
      if (request.url === '/dead') response.writeHead(404).end()
      else ranged(Infinity)(request, response)
    })
    assert.equal(got!.url, `${base}/mirror`)
    assert.deepEqual(asked, ['GET /dead', 'GET /mirror'])
    assert.match(lines[0]!, /dead: HTTP 404 Not Found; trying the next URL/)
  })

  test('refuses a file with another checksum, and keeps nothing of it', async () => {
    const { message, scratch } = await get([`${base}/a`], ranged(Infinity), { sha256: '0'.repeat(64) })
    assert.match(message, new RegExp(`the URL gives nothing\n    ${base}/a: its sha256 is ${sha256}, and not 0000`))
    assert.deepEqual(readdirSync(scratch), [])
  })

  test('that no URL gives fails with the reason of each', async () => {
    const closed = 'http://127.0.0.1:1/a'
    const { message } = await get(
      [`${base}/gone`, `${base}/busy`, closed, 'file:no/such.zip', 'ftp://example.org/a'],
      (request, response) => {
        response.writeHead(request.url === '/gone' ? 410 : 503).end()
      },
    )
    assert.match(message, /^none of the 5 URLs gives the file\n/)
    assert.match(message, /gone: HTTP 410 Gone\n/)
    assert.match(message, /busy: HTTP 503 Service Unavailable, 3 times in a row\n/)
    assert.match(message, /127.0.0.1:1\/a: .*(ECONNREFUSED|bad port).*\n/)
    assert.match(message, /file:no\/such.zip: there is no file \/.*no\/such.zip\n/)
    assert.match(message, /ftp:\/\/example.org\/a: not a URL that can be fetched/)
  })

  test('gives up a server that says nothing', async () => {
    const { message } = await get([`${base}/a`], () => undefined, { silenceMs: 200, attempts: 2 })
    assert.match(message, /a: no answer for 0.2 s, 2 times in a row\n/)
  })

  test('stops when it is told to', async () => {
    const stopped = get([`${base}/a`], () => undefined, { signal: AbortSignal.timeout(50) })
    await assert.rejects(stopped, (error: Error) => ['TimeoutError', 'AbortError'].includes(error.name))
  })

  test('of a file of the user reads it where it is', async () => {
    const path = join(root, 'a file.zip')
    writeFileSync(path, content)
    const { got } = await get([`file://${path.replaceAll(' ', '%20')}`], ranged(0), { sha256 })
    assert.equal(got!.path, path)
    await got!.discard()
    assert.ok(existsSync(path))
    assert.match((await get([`file:${path}`], ranged(0), { sha256: '1'.repeat(64) })).message, /its sha256 is/)
  })

  test('goes through the proxy that the environment names', async () => {
    process.env.HTTP_PROXY = base
    try {
      const { bytes, message } = await get(['http://nowhere.invalid/a.zip'], ranged(Infinity))
      assert.equal(message, '')
      assert.ok(bytes!.equals(content))
      assert.equal(asked[0], 'GET http://nowhere.invalid/a.zip')
    } finally {
      delete process.env.HTTP_PROXY
    }
  })

  test('sends a name and password as a header, and never shows them', async () => {
    let header: string | undefined
    const { message } = await get([`${base.replace('//', '//me:secret@')}/a`], (request, response) => {
      header = request.headers.authorization
      response.writeHead(403).end()
    })
    assert.equal(header, `Basic ${Buffer.from('me:secret').toString('base64')}`)
    assert.match(message, /\/a: HTTP 403 Forbidden/)
    assert.ok(!message.includes('secret'))
  })
})

test('a relative path after file: starts at the current folder', () => {
  assert.deepEqual(parseSource('file:data/a.zip'), { kind: 'file', path: join(process.cwd(), 'data/a.zip'), shown: 'file:data/a.zip' })
  assert.deepEqual(parseSource('file:/data/a.zip'), { kind: 'file', path: '/data/a.zip', shown: 'file:/data/a.zip' })
  assert.equal(parseSource('data/a.zip'), undefined)
})

test.skipIf(!existsSync('/dev/full'))('a full disk is a failure that says so', () => {
  let message = ''
  try {
    writeFileSync('/dev/full', 'x')
  } catch (error) {
    try {
      failIfDiskFull(new Error('terminated', { cause: error }), 'cache/x.part')
    } catch (failure) {
      message = say((failure as FailureError).failure)
    }
  }
  assert.match(message, /^no space is left to write cache\/x.part\n {4}the disk is full\n {2}free some space/)
  failIfDiskFull(new Error('something else'), 'x')
})
