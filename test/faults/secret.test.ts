import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { zipOf } from '../fetch/archives.ts'
import { expectMessage, Place, type Finished } from './place.ts'

const TOKEN = 'pa55-of the/user&co'
let place: Place
beforeEach(() => {
  place = new Place()
})
afterEach(() => place.remove())

const env = { TOKEN }
/** No file that a run left, and nothing that it printed, holds the secret in any spelling. */
function expectUntold(run: Finished, hasResults = true): void {
  const spellings = [TOKEN, encodeURIComponent(TOKEN), encodeURI(TOKEN), Buffer.from(TOKEN).toString('base64')]
  const told = (bytes: Buffer | string): boolean => spellings.some(s => bytes.includes(s))
  expect(told(run.out + run.err)).toBe(false)
  const files = readdirSync(place.dir, { recursive: true, encoding: 'utf8' }).filter(f => statSync(place.at(f)).isFile())
  expect(files.filter(f => told(f) || told(readFileSync(place.at(f))))).toEqual([])
  expect(files.some(f => f.startsWith(join('cache', 'results')))).toBe(hasResults)
}

/** A server that gives an archive to who has the password. */
async function withServer(work: (port: number, asked: IncomingHttpHeaders[]) => Promise<void>): Promise<void> {
  const asked: IncomingHttpHeaders[] = []
  const archive = zipOf([{ name: 'participants.tsv', data: 'participant_id\nsub-01\n' }])
  const server = createServer((request, response) => {
    asked.push(request.headers)
    const good = [`Basic ${Buffer.from(`me:${TOKEN}`).toString('base64')}`, undefined].includes(request.headers.authorization)
    const keyed = new URL(request.url ?? '', 'http://x').searchParams.get('key')
    if (good && (keyed === null || keyed === TOKEN)) response.end(archive)
    else response.writeHead(403, 'who asks?').end()
  }).listen(0, '127.0.0.1')
  await new Promise(done => server.once('listening', done))
  try {
    await work((server.address() as AddressInfo).port, asked)
  } finally {
    server.closeAllConnections()
    await new Promise(done => server.close(done))
  }
}
const download = (url: string): void =>
  place.pipeline(() => `name: small\nvars: { user: me }\nsteps:\n  dataset: { node: download, params: { urls: ["${url}"] } }\n`)

test('a download with a password gets the file; no key, record, log, page, document or event holds it, and the next run is cached', async () => {
  await withServer(async (port, asked) => {
    download(`http://127.0.0.1:${port}/a.zip?key=\${secret.KEY}`)
    const run = await place.pipe(['run', 'p.yaml', '--json'], { env: { ...env, KEY: encodeURIComponent(TOKEN) } })
    expectMessage(run, 0)
    expect(asked.length).toBe(1)
    expectUntold(run)
    expect(place.read('runs/small/latest/pipeline.yaml').toString()).toContain('${secret.KEY}')
    // Another password is no other data; and the resolved pipeline is the same pipeline.
    const again = await place.pipe(['run', 'runs/small/latest/pipeline.yaml', '--json'], { env: { KEY: 'other' } })
    expect(again.out).toContain('"how":"cached"')
  })
})

test('a wrong password is a message that tells where, and not what', async () => {
  await withServer(async port => {
    download(`http://127.0.0.1:${port}/a.zip?key=\${secret.TOKEN}-not`)
    const run = await place.pipe(['run', 'p.yaml'], { env })
    expectMessage(run, 1, '/a.zip?key=***-not: HTTP 403', 'check the URLs')
    expectUntold(run, false)
  })
})

test('a whole URL may be a secret', async () => {
  await withServer(async port => {
    download('${secret.URL}')
    const run = await place.pipe(['run', 'p.yaml'], { env: { URL: `http://127.0.0.1:${port}/a.zip?key=${encodeURIComponent(TOKEN)}` } })
    expectMessage(run, 0, 'from ***')
    expectUntold(run)
  })
})

const chatty = `import { writeFileSync } from 'node:fs'
import { artifact, defineNode, z } from ${JSON.stringify(new URL('../../dist/src/index.js', import.meta.url).pathname)}
export default defineNode({
  summary: 'tells', version: 1, params: z.object({ token: z.string(), how: z.string() }), inputs: {}, output: artifact('any', z.unknown()),
  run({ params: { token, how }, dir, log }) {
    console.log('printed ' + token)
    console.error('printed ' + encodeURIComponent(token))
    log('logged ' + token)
    if (how === 'throws') throw new Error('thrown ' + token)
    if (how === 'throws late') return new Promise(() => setTimeout(() => { throw new Error('late ' + token) }))
    if (how === 'file') writeFileSync(dir + '/a.bin', Buffer.concat([Buffer.alloc(1048570), Buffer.from(token)]))
    return how === 'document' ? { token } : { length: token.length }
  },
})`
const tells = (how: string): void => {
  writeFileSync(place.at('tells.mjs'), chatty)
  place.pipeline(() => `name: small\nsteps:\n  step: { node: ./tells.mjs, params: { token: "\${secret.TOKEN}", how: "${how}" } }\n`)
}

test('what a node prints, logs and throws has the secret taken out', async () => {
  tells('silent')
  const run = await place.pipe(['run', 'p.yaml'], { env })
  expectMessage(run, 0, 'logged ***')
  expect(JSON.parse(place.read('runs/small/latest/step/artifact.json').toString())).toMatchObject({ value: { length: TOKEN.length } })
  expect(place.read('runs/small/latest/logs/step.log').toString()).toBe('printed ***\nprinted ***\n')
  expectUntold(run)
  tells('throws')
  const thrown = await place.pipe(['run', 'p.yaml'], { env })
  expect(thrown.out).toContain('thrown ***')
  expectUntold(thrown)
  tells('throws late')
  const late = await place.pipe(['run', 'p.yaml'], { env })
  expect(late.out).toContain('late ***')
  expectUntold(late)
})

test('a result with a secret in it is not kept', async () => {
  for (const [how, where] of [
    ['document', 'it stands in its document'],
    ['file', 'it stands in its file a.bin'],
  ] as const) {
    tells(how)
    const run = await place.pipe(['run', 'p.yaml', '--json'], { env })
    expect(run.code).toBe(1)
    expect(run.out).toContain(where)
  }
})

test('a secret that the environment does not have is a mistake at its place, and nothing runs', async () => {
  download('http://me:${secret.TOKN}@127.0.0.1/a.zip')
  expectMessage(
    await place.pipe(['run', 'p.yaml'], { env }),
    2,
    'p.yaml:4:',
    'the environment has no variable "TOKN"',
    'did you mean "TOKEN"?',
  )
})

test('the password of a store for results is not written down', async () => {
  await place.phantom()
  place.pipeline()
  const run = await place.pipe(['run', 'p.yaml', '--results', 'foo://me:s3cret@host/0'])
  expect(run.out + run.err).not.toContain('s3cret')
})
