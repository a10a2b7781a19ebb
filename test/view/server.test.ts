import { appendFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunPage } from '../../src/view/run-page.ts'
import type { RunSummary } from '../../src/view/runs.ts'
import { placeOf } from '../../src/view/runs.ts'
import { isLoopback, openViewer, type Viewer } from '../../src/view/server.ts'
import type { SliceErrors } from '../../src/qc/errors.ts'
import { decodeRgbPng } from '../image/png.ts'
import { begun, block, epochs, makeRuns, rowOf, runId, type Runs } from './site.ts'

let runs: Runs
let viewer: Viewer
const pageDir = join(import.meta.dirname, '../../dist/bundle/view')
beforeAll(async () => {
  runs = await makeRuns()
  viewer = await openViewer({ place: { root: runs.root }, pageDir }, { host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await viewer.close()
  runs.close()
})

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** Asks as it is written: `fetch` would tidy the path up. */
const raw = (path: string, options: { headers?: Record<string, string>; method?: string } = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: viewer.port, path, ...options }, answer => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) }))
    })
    asked.on('error', reject)
    asked.end()
  })
const get = (path: string): Promise<Answer> => raw(`${path}?token=${viewer.token}`)
const json = async <T>(path: string): Promise<T> => JSON.parse((await get(path)).body.toString()) as T
const api = `/api/runs/demo/${runId}`

test('without the token nothing is answered, whatever is asked; a wrong one is none', async () => {
  for (const path of ['/', '/assets/page.js', '/api/runs', api, `${api}/events`, '/nowhere']) {
    expect((await raw(path)).status, path).toBe(401)
    expect((await raw(`${path}?token=${viewer.token.slice(0, -1)}`)).status, path).toBe(401)
    expect((await raw(path, { headers: { cookie: 'voxelpipe-00000000=x' } })).status, path).toBe(401)
  }
})

test('a page that is opened with the token goes on with a cookie, and without the token in its address', async () => {
  const opened = await get(`/runs/demo/${runId}`)
  expect([opened.status, opened.headers['location']]).toEqual([303, `/runs/demo/${runId}`])
  const [cookie = ''] = opened.headers['set-cookie'] as string[]
  expect(cookie).toMatch(/^voxelpipe-[0-9a-f]{8}=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax$/)
  const page = await raw(`/runs/demo/${runId}`, { headers: { cookie: cookie.split(';')[0]! } })
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=UTF-8'])
  expect(page.body.toString()).toContain('id="canvas"')
})

test('two viewers have two tokens', async () => {
  const other = await openViewer({ place: { root: runs.root }, pageDir }, { host: '127.0.0.1', port: 0 })
  expect(other.token).not.toBe(viewer.token)
  expect(other.url).toBe(`http://127.0.0.1:${other.port}/?token=${other.token}`)
  await other.close()
})

test('only its own names are answered (a name elsewhere may lead here), only GET and HEAD', async () => {
  const token = `?token=${viewer.token}`
  expect((await raw(`/api/runs${token}`, { headers: { host: `evil.example:${viewer.port}` } })).status).toBe(403)
  expect((await raw(`/api/runs${token}`, { headers: { host: `localhost:${viewer.port}` } })).status).toBe(200)
  expect((await raw(`/api/runs${token}`, { method: 'POST' })).status).toBe(405)
  expect((await raw(`/api/runs${token}`, { method: 'HEAD' })).status).toBe(200)
})

test('it listens on this machine alone', () => {
  expect(viewer.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//)
  expect(['127.0.0.1', '127.8.0.1', '::1', 'localhost', '0.0.0.0', '192.168.1.4', '127.0.0.1.evil.example'].map(isLoopback)).toEqual([
    ...[true, true, true, true, false, false, false],
  ])
})

test('every answer forbids scripts, frames and requests from elsewhere, refusals too', async () => {
  for (const answer of [await get('/api/runs'), await raw('/')]) {
    expect(answer.headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'self';/)
    expect(answer.headers['content-security-policy']).not.toMatch(/unsafe|https?:|\*/)
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
    expect(answer.headers['referrer-policy']).toBe('no-referrer')
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  }
})

test('the runs are listed, the newest first, with how they ended and how good they are', async () => {
  runs.addRun('demo', '20261125-080000-000001', [{ ...begun[0]! }, { type: 'run-done', ok: false, ms: 7, ran: 0, cached: 0, failed: 1 }])
  const running = runs.addRun('other', '20261127-080000-000002', [])
  writeFileSync(join(running, 'events.jsonl'), `${JSON.stringify({ time: '2026-11-27T08:00:00.000Z', ...begun[0]! })}\n{"time":"2026`)
  mkdirSync(join(runs.root, 'demo', 'not-a-run'))
  const list = await json<RunSummary[]>('/api/runs')
  expect(list.map(({ pipeline, run, state, dice }) => [pipeline, run, state, dice])).toEqual([
    ['other', '20261127-080000-000002', 'running', undefined],
    ['demo', runId, 'done', 0.875],
    ['demo', '20261125-080000-000001', 'failed', undefined],
  ])
})

test('the images of a run come with what lies over them, the worst first, and with the curves of the model', async () => {
  const { images, axis, curves } = await json<RunPage>(api)
  expect(axis).toBe('axial')
  expect(images.map(({ id, dice }) => [id, dice])).toEqual([
    ['sub-01_T2w', 0.75],
    ['sub-02_T2w', 1],
  ])
  expect(images[0]!.layers).toEqual([
    { role: 'image', label: 'T2w', step: 'dataset', path: 'sub-01/anat/sub-01_T2w.nii.gz', volume: 0 },
    {
      role: 'truth',
      label: '_seg-manual',
      step: 'dataset',
      path: 'derivatives/labels/sub-01/anat/sub-01_T2w_seg-manual.nii.gz',
      volume: 0,
    },
    { role: 'mask', label: '_seg-manual', step: 'masks', path: 'sub-01_T2w_pred.nii.gz', volume: 0 },
  ])
  expect(curves['model']).toEqual([
    { at: 1, metrics: { train_loss: -0.1, validation_loss: -0.2, validation_dice_global: 0.3, learning_rate: 0.01 } },
    {
      at: 2,
      metrics: { train_loss: -0.5, validation_loss: -0.4, validation_dice: 0.45, validation_dice_global: 0.5, learning_rate: 0.005 },
    },
  ])
})

test('the worst slice is that of the wrong block, and its point is the middle of it; a mask that is right has none', async () => {
  const found = await json<SliceErrors>(`${api}/slices/sub-01_T2w`)
  const size = (block.x[1] - block.x[0]) * (block.y[1] - block.y[0])
  expect(found.wrong).toEqual(Array.from({ length: 10 }, (_, k) => (k === block.slice ? size : 0)))
  // Voxels of 1 x 1 x 2 mm around the centre of a grid of 40 x 36 x 10; the phantom's centre is where its affine says.
  const { readHeader } = await import('../../src/image/nifti.ts')
  const { affine } = await readHeader(join(runs.dataset, 'sub-01/anat/sub-01_T2w.nii.gz'))
  const middle = [(block.x[0] + block.x[1] - 1) / 2, (block.y[0] + block.y[1] - 1) / 2, block.slice]
  const expected = [0, 1, 2].map(r => middle.reduce((sum, v, c) => sum + v * affine[4 * r + c]!, affine[4 * r + 3]!))
  found.worst!.pointRas.forEach((mm, i) => expect(mm).toBeCloseTo(expected[i]!, 4))
  expect(found.worst!.slice).toBe(block.slice)
  expect((await json<SliceErrors>(`${api}/slices/sub-02_T2w`)).worst).toBeUndefined()
  expect((await get(`${api}/slices/sub-09_T2w`)).status).toBe(404)
})

test('a NIfTI file goes as it lies: bytes, without an encoding that a browser would undo', async () => {
  const { status, headers, body } = await get(`${api}/files/masks/sub-01_T2w_pred.nii.gz`)
  expect([status, headers['content-type'], headers['content-encoding']]).toEqual([200, 'application/octet-stream', undefined])
  expect(headers['content-length']).toBe(String(body.length))
  expect([body[0], body[1]]).toEqual([0x1f, 0x8b])
  expect(
    (await raw(`${api}/files/masks/sub-01_T2w_pred.nii.gz?token=${viewer.token}`, { headers: { 'accept-encoding': 'gzip' } })).body,
  ).toEqual(body)
})

test('of a run nothing is given away but the files that its artifacts name, whatever the path', async () => {
  writeFileSync(join(runs.home, 'secret.txt'), 'secret')
  writeFileSync(join(runs.dataset, 'sub-01', 'notes.txt'), 'secret')
  const paths = [
    `${api}/files/masks/../../../../secret.txt`,
    `${api}/files/masks/..%2f..%2f..%2f..%2fsecret.txt`,
    `${api}/files/masks/%2e%2e/%2e%2e/%2e%2e/%2e%2e/secret.txt`,
    `${api}/files/masks/..%5c..%5csecret.txt`,
    `${api}/files/masks/%252e%252e/secret.txt`,
    `${api}/files/masks/${encodeURIComponent(join(runs.home, 'secret.txt'))}`,
    `${api}/files/masks//etc/passwd`,
    `${api}/files/masks/sub-01_T2w_pred.nii.gz%00.png`,
    `${api}/files/masks/artifact.json`,
    `${api}/files/../pipeline.yaml`,
    `${api}/files/./events.jsonl`,
    `${api}/files/dataset/participants.tsv`,
    `${api}/files/dataset/sub-01/notes.txt`,
    `${api}/files/dataset/../secret.txt`,
    `${api}/files/nostep/x`,
    `/api/runs/..%2f..%2fdata/${runId}`,
    `/api/runs/demo/..%2f${runId}`,
    `/api/runs/demo/not-a-run`,
    `/api/runs/demo/latest/files/masks/sub-01_T2w_pred.nii.gz`,
    '/assets/..%2fpipe.js',
    '/assets/constructor',
    '/assets/index.html',
    '/../package.json',
  ]
  for (const path of paths) {
    const answer = await get(path)
    expect(answer.body.toString(), path).not.toMatch(/secret|root:|kind|"name"/)
    expect(answer.status, path).toBe(404)
  }
})

test('a link in an artifact that leads out of it is not followed', async () => {
  const dir = runs.artifact('masks', { targets: [], images: {} }, { 'plain.nii.gz': 'x', 'link.nii.gz': 'x' })
  const { rmSync } = await import('node:fs')
  rmSync(join(dir, 'link.nii.gz'))
  symlinkSync(join(runs.dataset, 'sub-01/anat/sub-01_T2w.nii.gz'), join(dir, 'link.nii.gz'))
  runs.addRun('links', '20261126-080000-00000a', begun, { masks: dir })
  const files = '/api/runs/links/20261126-080000-00000a/files/masks'
  expect((await get(`${files}/plain.nii.gz`)).status).toBe(200)
  expect((await get(`${files}/link.nii.gz`)).status).toBe(404)
})

test('in a folder of the user a link out is followed to an image, and to nothing else, though an index names it', async () => {
  const data = join(runs.home, 'linked')
  mkdirSync(data)
  writeFileSync(join(runs.home, 'packed.txt.gz'), gzipSync('secret'))
  const links = {
    image: join(runs.dataset, 'sub-01/anat/sub-01_T2w.nii.gz'),
    text: join(runs.home, 'secret.txt'),
    packed: join(runs.home, 'packed.txt.gz'),
    folder: runs.home,
    nothing: join(runs.home, 'nothing'),
  }
  writeFileSync(links.text, 'secret')
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(data, `${name}.nii.gz`))
  const row = (name: string) => ({ id: name, dataset: 0, subject: 's', contrast: 'T2w', image: `${name}.nii.gz`, labels: [] })
  const escaping = { ...row('up'), image: '../secret.txt' }
  const index = runs.artifact('index', { targets: [], images: [...Object.keys(links).map(row), escaping] })
  runs.addRun('links', '20261126-080000-00000b', begun, { dataset: data, index })
  const files = '/api/runs/links/20261126-080000-00000b/files/dataset'
  const statuses = await Promise.all(
    [...Object.keys(links).map(name => `${name}.nii.gz`), '..%2fsecret.txt'].map(async f => (await get(`${files}/${f}`)).status),
  )
  expect(statuses).toEqual([200, 404, 404, 404, 404, 404])
})

test("a folder of the user's that holds an artifact.json of its own is not taken for an artifact", async () => {
  const data = join(runs.home, 'forged')
  mkdirSync(data)
  writeFileSync(join(data, 'secret.txt'), 'secret')
  writeFileSync(join(data, 'artifact.json'), JSON.stringify({ kind: 'masks', value: {}, files: [{ path: 'secret.txt', size: 6 }] }))
  runs.addRun('links', '20261126-080000-00000c', begun, { dataset: data })
  expect((await get('/api/runs/links/20261126-080000-00000c/files/dataset/secret.txt')).status).toBe(404)
})

test('the events of a run are told from its beginning, then as they come, without those of a moment; then the stream ends', async () => {
  const dir = runs.addRun('live', '20261126-080000-00000d', begun)
  const answer = await fetch(`http://127.0.0.1:${viewer.port}/api/runs/live/20261126-080000-00000d/events?token=${viewer.token}`)
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  const add = (...events: object[]): void =>
    appendFileSync(join(dir, 'events.jsonl'), events.map(e => `${JSON.stringify({ time: '2026-11-26T08:00:09.000Z', ...e })}\n`).join(''))
  const [first, second] = epochs
  setTimeout(() => {
    add({ type: 'node-log', step: 'model', level: 'info', line: 'hello' }, first!)
    appendFileSync(join(dir, 'events.jsonl'), '{"time":"x","type":"node-')
  }, 50)
  setTimeout(() => {
    appendFileSync(join(dir, 'events.jsonl'), 'log","step":"model","level":"info","line":"cut in two"}\n')
    add(second!, { type: 'run-done', ok: true, ms: 1, ran: 1, cached: 0, failed: 0 })
  }, 500)
  const text = await answer.text()
  const told = [...text.matchAll(/^data: (.*)$/gm)].map(([, line]) => JSON.parse(line!) as { type: string; progress?: { done: number } })
  expect(told.map(({ type, progress }) => [type, progress?.done])).toEqual([
    ...begun.map(({ type }) => [type, undefined]),
    ['node-progress', 1],
    ['node-progress', 2],
    ['run-done', undefined],
  ])

  // A connection that is lost goes on where it was.
  const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id!)
  const again = await fetch(answer.url, { headers: { 'last-event-id': ids[3]! } })
  expect([...(await again.text()).matchAll(/"done":(\d)/g)].map(([, done]) => done)).toEqual(['2'])
})

test('the first look is the worst slice, drawn with the outline of what is wrong; without an id that of the worst image', async () => {
  const [first, named] = await Promise.all([get(`${api}/look`), get(`${api}/look/sub-01_T2w`)])
  expect([first.status, first.headers['content-type']]).toEqual([200, 'image/png'])
  expect(first.body.equals(named.body)).toBe(true)
  const { height, width, pixels } = decodeRgbPng(first.body)
  // 40 x 36 voxels of 1 mm, 12 pixels each; the picture with outlines is the right one.
  expect([height, width]).toEqual([36 * 12, 2 * 40 * 12 + 8])
  const [x, y] = [40 * 12 + 8 + 12 * block.x[0], height - 12 * block.y[0] - 1]
  expect([...pixels.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)]).toEqual([230, 159, 0])
  expect((await get(`${api}/look/sub-09_T2w`)).status).toBe(404)
  expect((await get(`/runs/demo/${runId}`)).status).toBe(303)
})

test('an image without a mask has a look, too: the slice with the most label', async () => {
  const index = runs.artifact('index', { targets: ['_seg-manual'], images: [rowOf('sub-02_T2w')] })
  runs.addRun('early', '20261126-080000-00000e', begun, { dataset: runs.dataset, index })
  const { body, status } = await get('/api/runs/early/20261126-080000-00000e/look')
  expect(status).toBe(200)
  const { pixels } = decodeRgbPng(body)
  const blue = pixels.findIndex((_, i) => i % 3 === 0 && pixels[i] === 86 && pixels[i + 1] === 180 && pixels[i + 2] === 233)
  expect(blue).toBeGreaterThan(0)
})

test('a page that a step made is shown in a place of its own, and nothing else of the folder is', async () => {
  const pages = { report: '/elsewhere/report.html', link: 'link.html', up: '../../../secret.txt' }
  const done = { type: 'run-done', ok: true, ms: 1, ran: 1, cached: 0, failed: 0, pages } as const
  const dir = runs.addRun('paged', '20261126-080000-00000f', [begun[0]!, done])
  writeFileSync(join(dir, 'report.html'), '<p>how good it is</p>')
  writeFileSync(join(runs.home, 'secret.txt'), 'secret')
  symlinkSync(join(runs.home, 'secret.txt'), join(dir, 'link.html'))
  const page = '/runs/paged/20261126-080000-00000f/pages'
  const [cookie = ''] = (await get(page)).headers['set-cookie'] as string[]
  const headers = { cookie: cookie.split(';')[0]! }
  const report = await raw(`${page}/report`, { headers })
  expect([report.status, report.body.toString()]).toEqual([200, '<p>how good it is</p>'])
  expect(report.headers['content-security-policy']).toMatch(/^sandbox allow-scripts; default-src 'none';/)
  for (const step of ['link', 'up', 'events.jsonl', 'constructor', '..%2freport', '%2e%2e'])
    expect((await raw(`${page}/${step}`, { headers })).status, step).toBe(404)
  expect((await json<RunPage>('/api/runs/paged/20261126-080000-00000f')).pages).toEqual(['report'])
})

test('a sweep is listed with its trials, and its page has their values, the best first', async () => {
  const [sweep, one, two] = ['20261126-080000-0000a0', '20261126-080000-0000a1', '20261126-080000-0000a2'] as const
  const ended = { type: 'run-done', ok: true, ms: 1, ran: 1, cached: 0, failed: 0 } as const
  const dir = runs.addRun(join('swept', 'sweeps'), sweep, [begun[0]!, ended])
  const values = [0.001, 0.01, 0.1].map((lr, i) => ({ trial: i + 1, values: { 'model.lr': lr }, steps: {} }))
  writeFileSync(join(dir, 'sweep.json'), JSON.stringify({ format: 1, file: 's.yaml', trials: values }))
  for (const [i, run] of [one, two].entries()) {
    const metrics = runs.artifact('metrics', { rows: [], means: { dice_class0: 0.5 + i / 10 } })
    const of = runs.addRun('swept', run, [begun[0]!, ended], { metrics })
    writeFileSync(join(of, 'environment.json'), JSON.stringify({ sweep: { id: sweep, trial: i + 1 } }))
  }
  const list = (await json<RunSummary[]>('/api/runs')).filter(({ pipeline }) => pipeline === 'swept')
  expect(list.map(({ run, trial }) => [run, trial?.sweep, trial?.trial]).sort()).toEqual([
    [one, sweep, 1],
    [two, sweep, 2],
    [`sweep-${sweep}`, undefined, undefined],
  ])
  const { trials, images } = await json<RunPage>(`/api/runs/swept/sweep-${sweep}`)
  expect(images).toEqual([])
  expect(trials!.map(({ trial, values, run }) => [trial, values['model.lr'], run?.run, run?.dice])).toEqual([
    [2, 0.01, two, 0.6],
    [1, 0.001, one, 0.5],
    [3, 0.1, undefined, undefined],
  ])
  expect((await get('/api/runs/swept/sweeps')).status).toBe(404)
  const chosen = { pipeline: 'swept', run: `sweep-${sweep}` }
  expect(await placeOf(dir)).toEqual({ root: runs.root, chosen })
  for (const folder of ['swept', join('swept', 'sweeps')]) expect(await placeOf(join(runs.root, folder))).toEqual({ root: runs.root })
})

test('a run is found by its folder or by latest, and a folder without runs is none', async () => {
  symlinkSync(runId, join(runs.root, 'demo', 'latest'))
  const chosen = { pipeline: 'demo', run: runId }
  expect(await placeOf(join(runs.root, 'demo', 'latest'))).toEqual({ root: runs.root, chosen })
  expect(await placeOf(runs.run)).toEqual({ root: runs.root, chosen })
  expect(await placeOf(runs.root)).toEqual({ root: runs.root })
  expect(await placeOf(join(runs.home, 'nothing'))).toBeUndefined()
})
