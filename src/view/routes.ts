import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import { isMicrograph } from '../image/formats.ts'
import { allowedFile } from './allowed.ts'
import { pageFiles, typeOf } from './page-files.ts'
import { readRun } from './run-folder.ts'
import { runPage } from './run-page.ts'
import { isLasting } from './run-state.ts'
import { pagesOf } from './pages.ts'
import { pictureVolume } from './picture-volume.ts'
import { parsed } from './run-events.ts'
import { listRuns, runDir, type Place, type RunName } from './runs.ts'
import { errorSlices, firstLook } from './slices.ts'
import { tailLines } from './tail.ts'

/** What the routes look into. */
export interface Site {
  readonly place: Place
  /** Where the built page lies. */
  readonly pageDir: string
}

/** An address, and what it gives. */
export interface Route {
  readonly path: string
  readonly get: (c: Context, site: Site) => Promise<Response>
}

/** Every address of the viewer. */
export const routes: readonly Route[] = [
  { path: '/', get: async (c, site) => c.html(await pageText(site)) },
  { path: '/runs/:pipeline/:run', get: runText },
  { path: '/runs/:pipeline/:run/pages/:step', get: ofRun(ownPage) },
  { path: '/assets/:name', get: asset },
  { path: '/api/runs', get: async (c, { place }) => c.json(await listRuns(place)) },
  { path: '/api/runs/:pipeline/:run', get: ofRun(async (c, dir, { place }, name) => c.json(await runPage(dir, place, name))) },
  { path: '/api/runs/:pipeline/:run/events', get: ofRun(events) },
  { path: '/api/runs/:pipeline/:run/slices/:image', get: ofRun(slices) },
  { path: '/api/runs/:pipeline/:run/look/:image?', get: ofRun(look) },
  { path: '/api/runs/:pipeline/:run/files/:step/:path{.+}', get: ofRun(file) },
  { path: '/api/runs/:pipeline/:run/volumes/:step/:path{.+}', get: ofRun(volume) },
]

const missing = (c: Context): Response => c.text('there is no such thing', 404)

const pageText = ({ pageDir }: Site): Promise<string> => readFile(join(pageDir, 'index.html'), 'utf8')

/** The page with its first picture in it: drawn before any script has come. */
async function runText(c: Context, site: Site): Promise<Response> {
  const { pipeline = '', run = '' } = c.req.param()
  const src = `/api/runs/${[pipeline, run].map(encodeURIComponent).join('/')}/look`
  return c.html((await pageText(site)).replace('id="look"', () => `id="look" src="${src}"`))
}

async function asset(c: Context, { pageDir }: Site): Promise<Response> {
  const name = c.req.param('name') ?? ''
  const found = Object.hasOwn(pageFiles, name) ? pageFiles[name] : undefined
  return found ? c.body(await readFile(join(pageDir, found.file)), 200, { 'Content-Type': found.type }) : missing(c)
}

/** A route below a run: there is none without the run. */
function ofRun(get: (c: Context, dir: string, site: Site, name: RunName) => Promise<Response>): Route['get'] {
  return async (c, site) => {
    const { pipeline = '', run = '' } = c.req.param()
    const dir = await runDir(site.place, { pipeline, run })
    return dir === undefined ? missing(c) : get(c, dir, site, { pipeline, run })
  }
}

/** What a report may do: its own scripts and styles, in a place of its own that has neither our cookie nor a way to anywhere. */
const ownPagePolicy =
  "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'none'"

/** A page that a step has made, such as the report, as it lies in the run's folder. */
async function ownPage(c: Context, dir: string): Promise<Response> {
  const pages = await pagesOf(join(dir, 'events.jsonl'))
  const step = c.req.param('step') ?? ''
  const path = Object.hasOwn(pages, step) ? pages[step] : undefined
  if (path === undefined) return missing(c)
  c.header('Content-Security-Policy', ownPagePolicy)
  return c.html(await readFile(path, 'utf8'))
}

async function file(c: Context, dir: string): Promise<Response> {
  const { step = '', path = '' } = c.req.param()
  const found = await allowedFile(await readRun(dir), step, path)
  if (!found) return missing(c)
  const headers = { 'Content-Type': typeOf(path), 'Content-Length': String(found.size), 'Content-Disposition': 'inline' }
  return c.body(Readable.toWeb(createReadStream(found.path)) as ReadableStream, 200, headers)
}

/** A picture of a dataset as NIfTI. */
async function volume(c: Context, dir: string): Promise<Response> {
  const { step = '', path = '' } = c.req.param()
  const steps = await readRun(dir)
  const found = isMicrograph(path) ? await allowedFile(steps, step, path) : undefined
  const bytes = found && (await pictureVolume(steps, step, path, found.path))
  return bytes ? c.body(bytes, 200, { 'Content-Type': typeOf('volume.nii') }) : missing(c)
}

async function slices(c: Context, dir: string): Promise<Response> {
  const found = await errorSlices(await readRun(dir), c.req.param('image') ?? '')
  return found ? c.json(found) : missing(c)
}

async function look(c: Context, dir: string): Promise<Response> {
  const found = await firstLook(await readRun(dir), c.req.param('image'))
  return found ? c.body(new Uint8Array(found), 200, { 'Content-Type': typeOf('look.png') }) : missing(c)
}

/** The events of the run so far, and then as they come; each with the place from which a lost connection goes on. */
async function events(c: Context, dir: string): Promise<Response> {
  const from = Number(c.req.header('last-event-id') ?? 0)
  return streamSSE(c, async stream => {
    const gone = new AbortController()
    stream.onAbort(() => gone.abort())
    for await (const { line, end } of tailLines(join(dir, 'events.jsonl'), Number.isSafeInteger(from) ? from : 0, gone.signal)) {
      const event = parsed(line)
      if (!event || !isLasting(event)) continue
      await stream.writeSSE({ data: line, id: String(end) })
      if (event.type === 'run-done') return
    }
  })
}
