import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { Hono } from 'hono'
import { describe, FailureError } from '../failure.ts'
import { guarded, newToken } from './guard.ts'
import { routes, type Site } from './routes.ts'

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

/** The viewer's answers, without a network. */
export function viewerApp(site: Site, guard: Parameters<typeof guarded>[0]): Hono {
  const app = new Hono()
  app.use(guarded(guard))
  for (const { path, get } of routes) app.get(path, c => get(c, site))
  app.onError((error, c) => (error instanceof FailureError ? c.text(describe(error.failure), 422) : c.text(error.message, 500)))
  return app
}
