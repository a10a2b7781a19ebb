import { appendFile } from 'node:fs/promises'
import { Cache } from '../cache.ts'
import type { AnyNode } from '../node.ts'
import type { Executor } from './job.ts'
import { failureOf, openInputs, runUnit } from './unit.ts'

/** Runs steps in this process, for tests: no start-up time, and nodes can be made in the test itself. */
export const inlineExecutor = (find: (job: { nodeName: string; nodeFile?: string; step: string }) => AnyNode): Executor => ({
  async open(job, { logFile, signal }) {
    const cache = await Cache.open(job.cache.dir, job.cache.results)
    const node = find(job)
    return {
      async run(unit, emit) {
        try {
          const inputs = await openInputs(job, cache)
          const result = await runUnit(job, unit, { node, cache, inputs, signal }, emit)
          if (!('busy' in result) && !result.ok && result.trace) await appendFile(logFile, `${result.trace}\n`).catch(() => undefined)
          return result
        } catch (error) {
          return failureOf(error, job.step)
        }
      },
      close: () => cache.close(),
    }
  },
})
