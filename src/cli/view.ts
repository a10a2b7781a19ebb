import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { UsageError, type Context } from './context.ts'

interface ViewFlags {
  readonly host: string
  readonly port: number
  readonly out: string
}

export function addView(program: Command, context: Context): void {
  program
    .command('view')
    .argument('[run]', "a run's folder, or a folder of runs (default: that of --out)")
    .summary('look at runs in the browser')
    .description(
      'Serves a page for every run: its images with labels, masks and maps of uncertainty laid over them, the worst first, and its curves, live while it trains. Only this machine can reach it, and only with the address that is printed.',
    )
    .option('--port <n>', 'where to listen (default: a free one)', port, 0)
    .option('--host <address>', 'another address to listen on: then other machines can reach it, and read all images', '127.0.0.1')
    .option('--out <dir>', 'where the runs are listed', 'runs')
    .addHelpText('after', '\nExamples:\n  pipe view\n  pipe view runs/quickstart/latest\n  pipe view runs/quickstart/latest --port 8080')
    .action(async (run: string | undefined, flags: ViewFlags) => view(run ?? flags.out, flags, context))
}

async function view(asked: string, { host, port }: ViewFlags, context: Context): Promise<void> {
  const [{ placeOf }, { isLoopback, openViewer }] = await Promise.all([import('../view/runs.ts'), import('../view/server.ts')])
  const path = resolve(context.cwd, asked)
  const place = await placeOf(path)
  if (!place) throw new UsageError([{ kind: 'no-runs', where: asked }])
  const site = { place, pageDir: join(dirname(context.main), 'view') }
  const viewer = await openViewer(site, { host, port }).catch((error: unknown) => refuse(error, host, port))
  if (!isLoopback(host)) context.err(`other machines can reach ${host}: whoever has the address below can read the images of all runs\n`)
  context.out(`open ${viewer.url}\nCtrl-C ends it\n`)
  await new Promise<void>(end => {
    process.once('SIGINT', end)
    process.once('SIGTERM', end)
  })
  await viewer.close()
}

/** What the system says of an address is for the user. */
function refuse(error: unknown, host: string, port: number): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND'].includes(code)) throw error
  throw new UsageError([{ kind: 'cannot-listen', address: `${host}:${port}`, detail: (error as Error).message }])
}

function port(text: string): number {
  const n = Number(text)
  if (!/^\d+$/.test(text) || n > 65535)
    throw new UsageError([{ kind: 'bad-option', option: '--port', given: text, wants: 'a number of 0 to 65535' }])
  return n
}
