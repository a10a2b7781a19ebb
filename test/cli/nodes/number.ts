import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { artifact, defineNode, maybe, z } from 'voxelpipe'

const number = artifact('number', z.object({ value: z.number() }))

/** Adds up what it gets; behaves badly on demand. */
export default defineNode({
  summary: 'adds a number to its inputs, or misbehaves',
  version: 1,
  params: z.strictObject({
    add: z.number().default(0),
    fault: z.enum(['none', 'exit', 'kill', 'hang', 'throw', 'memory']).default('none'),
  }),
  inputs: { from: maybe(number) },
  output: number,
  async run(job) {
    console.log(`working on ${job.params.add}`)
    job.log(`adding ${job.params.add}`)
    job.progress({ done: 1, total: 2, unit: 'part', metrics: { half: 0.5 } })
    writeFileSync(join(job.dir, 'number.txt'), String(job.params.add))
    switch (job.params.fault) {
      case 'exit':
        process.exit(7)
        break
      case 'kill':
        process.kill(process.pid, 'SIGKILL')
        break
      case 'throw':
        throw new Error('no such luck')
      case 'memory': {
        const kept: unknown[] = []
        for (;;) kept.push(Array.from({ length: 1e6 }, (_, i) => `${i}`))
      }
    }
    if (job.params.fault !== 'none')
      await new Promise((_, reject) => job.signal.addEventListener('abort', () => reject(new Error('aborted'))))
    return { value: (job.inputs.from?.value.value ?? 0) + job.params.add }
  },
})
