import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { Hono } from 'hono'
import { describe, FailureError } from '../failure.ts'
import { guarded, newToken } from './guard.ts'
import { routes, type Site } from './routes.ts'
import { readRun } from './run-folder.ts'
import { listRuns, runDir } from './runs.ts'
import { firstLook } from './slices.ts'

/** Where the viewer listens. */
export interface Listening {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

/** A viewer that runs. */
export interface Viewer {
  /** With its token: what the user opens. */
  readonly url: string
  readonly token: string
  readonly port: number
  close(): Promise<void>
}

/** Whether an address leads to this machine only. */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)

/** Starts the viewer. */
export async function openViewer(site: Site, { host, port }: Listening): Promise<Viewer> {
  const { serve } = await import('@hono/node-server')
  const token = newToken()
  let bound = port
  const hosts = (): readonly string[] | undefined =>
    isLoopback(host) ? ['127.0.0.1', 'localhost', '[::1]', host].map(name => `${name}:${bound}`) : undefined
  const app = viewerApp(site, { token, hosts, cookie: `voxelpipe-${randomBytes(4).toString('hex')}` })
  const server = serve({ fetch: app.fetch, hostname: host, port })
  const address = await new Promise<AddressInfo>((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => resolve(server.address() as AddressInfo))
  })
  bound = address.port
  void drawAhead(site)
  const { chosen } = site.place
  const path = chosen ? `runs/${encodeURIComponent(chosen.pipeline)}/${encodeURIComponent(chosen.run)}` : ''
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/${path}?token=${token}`,
    token,
    port: bound,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}

/** Draws what will be looked at first, while the reader opens the page; what goes wrong is told to who asks for it. */
async function drawAhead({ place }: Site): Promise<void> {
  try {
    const name = place.chosen ?? (await listRuns(place))[0]
    const dir = name && (await runDir(place, name))
    if (dir !== undefined) await firstLook(await readRun(dir))
  } catch {
    // The same is tried again for the reader, who is told.
  }
}

/** The viewer's answers, without a network. */
export function viewerApp(site: Site, guard: Parameters<typeof guarded>[0]): Hono {
  const app = new Hono()
  app.use(guarded(guard))
  for (const { path, get } of routes) app.get(path, c => get(c, site))
  app.onError((error, c) => (error instanceof FailureError ? c.text(describe(error.failure), 422) : c.text(error.message, 500)))
  return app
}
