import { lstat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { endsOf } from './run-events.ts'

/** By step, the pages that a run has put into its folder, as its last event names them; what is not a plain file there is none. */
export async function pagesOf(eventsPath: string): Promise<Readonly<Record<string, string>>> {
  const { last } = await endsOf(eventsPath)
  if (last?.type !== 'run-done') return {}
  const found = await Promise.all(
    Object.entries(last.pages ?? {}).map(async ([step, path]) => {
      const here = join(dirname(eventsPath), basename(path))
      const file = await lstat(here).catch(() => undefined)
      return file?.isFile() ? [[step, here] as const] : []
    }),
  )
  return Object.fromEntries(found.flat())
}
