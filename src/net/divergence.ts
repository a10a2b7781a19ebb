import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Failure } from '../failure.ts'
import { codeOf, writeAtomically } from '../files.ts'

const schema = z.strictObject({
  epoch: z.int(),
  step: z.int(),
  /** `NaN`, `Infinity` or `-Infinity`. */
  loss: z.string(),
  during: z.enum(['training', 'validation']),
})
/** Where a training came to a loss that is no number. */
export type Divergence = z.infer<typeof schema>

const record = schema.extend({ checkpoint: z.string().optional() })
const fileIn = (dir: string) => join(dir, 'diverged.json')

/** Notes beside the checkpoints that the training diverged, and gives the failure that says so. */
export async function recordDivergence(dir: string, at: Divergence, checkpoint: string | undefined): Promise<Failure> {
  const { epoch, step, loss, during } = at
  const facts = { epoch, step, loss, during, ...(checkpoint ? { checkpoint } : {}) }
  await mkdir(dir, { recursive: true })
  await writeAtomically(fileIn(dir), JSON.stringify(facts))
  return { kind: 'loss-not-finite', ...facts }
}

/**
 * The failure of an earlier try that diverged, if there was one. The same settings would diverge at the same step again, so a
 * training that finds it does not start: other settings have another folder.
 */
export async function divergence(dir: string): Promise<Failure | undefined> {
  const text = await readFile(fileIn(dir), 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const { checkpoint, ...at } = record.parse(JSON.parse(text))
  return { kind: 'loss-not-finite', ...at, ...(checkpoint ? { checkpoint } : {}), earlier: dir }
}
