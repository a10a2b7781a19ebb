import { readFile } from 'node:fs/promises'
import { Cache } from '../cache.ts'
import type { AnyNode } from '../node.ts'
import type { Busy, JobFile, Unit, UnitEvent, UnitResult } from './job.ts'
import { failureOf, openInputs, runUnit } from './unit.ts'

/** From the parent: a unit to make, or the end. */
export type Order = { readonly do: 'unit'; readonly unit: Unit } | { readonly do: 'cancel' } | { readonly do: 'end' }
/** To the parent. */
export type Answer =
  | { readonly say: 'ready' }
  | { readonly say: 'event'; readonly event: UnitEvent }
  | { readonly say: 'done'; readonly result: UnitResult | Busy }

/** The other side of `processExecutor`: makes the units that the parent names, one after another, and commits them itself. */
export async function serveJob(file: string, findNode: (job: JobFile) => Promise<AnyNode>): Promise<void> {
  const job = JSON.parse(await readFile(file, 'utf8')) as JobFile
  const cancel = new AbortController()
  // Ctrl-C reaches the whole process group; the parent decides what becomes of it.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => cancel.abort())
  // The parent is gone: nobody wants the result, and two runs of the same work may not meet.
  process.on('disconnect', () => process.exit(1))

  const cache = await Cache.open(job.cache.dir, job.cache.results)
  const prepared = (async () => ({ node: await findNode(job), inputs: await openInputs(job, cache) }))()
  prepared.catch(() => undefined)

  const makeUnit = async (unit: Unit): Promise<void> => {
    const emit = (event: UnitEvent): void => tell({ say: 'event', event })
    const result = await prepared.then(
      ({ node, inputs }) => runUnit(job, unit, { node, cache, inputs, signal: cancel.signal }, emit),
      (error: unknown) => failureOf(error, job.step),
    )
    if (!('busy' in result) && !result.ok) console.error(result.trace ?? JSON.stringify(result.failure))
    tell({ say: 'done', result })
  }

  process.on('message', (order: Order) => {
    if (order.do === 'unit') void makeUnit(order.unit)
    else if (order.do === 'cancel') cancel.abort()
    else void cache.close().finally(() => process.exit(0))
  })
  tell({ say: 'ready' })
}

const tell = (answer: Answer): void => void process.send?.(answer)
