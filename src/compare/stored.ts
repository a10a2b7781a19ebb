import { lstat, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { digestText } from '../fingerprint.ts'
import { parseJson, textOf } from './parse.ts'
import type { Run } from './run.ts'

/** What lies behind a step's entry in the folder of a run. */
export type Stored =
  | { readonly state: 'there'; readonly kind: string; readonly value: unknown; readonly files: readonly StoredFile[] }
  /** A folder of the user's, which a source node names. */
  | { readonly state: 'source' }
  /** The step did not end well. */
  | { readonly state: 'none' }
  | { readonly state: 'gone' | 'damaged' }

/** One file of an artifact. */
export interface StoredFile {
  readonly path: string
  readonly size: number
  readonly digest: string
}

const shape = z.object({
  kind: z.string(),
  value: z.unknown(),
  files: z.array(z.object({ path: z.string(), size: z.number(), digest: z.string() })),
})

/** Opens the artifact that a run's step leads to, as far as it is still what the run made. */
export async function openStored(run: Run, step: string): Promise<Stored> {
  const entry = join(run.dir, step)
  if (!(await exists(lstat(entry)))) return { state: 'none' }
  if (!(await exists(stat(entry)))) return { state: 'gone' }
  const text = await textOf(join(entry, 'artifact.json'))
  if (text === undefined) return { state: 'source' }
  const digest = run.steps.get(step)?.digest
  if (digest !== undefined && digestText(text) !== digest) return { state: 'damaged' }
  const read = shape.safeParse(parseJson(text))
  return read.success ? { state: 'there', ...read.data } : { state: 'damaged' }
}

const exists = (found: Promise<unknown>): Promise<boolean> =>
  found.then(
    () => true,
    () => false,
  )

/** Every step of a run and what lies behind it, in the order of the pipeline. */
export const openAll = async (run: Run): Promise<ReadonlyMap<string, Stored>> =>
  new Map(await Promise.all([...run.facts.steps.keys()].map(async step => [step, await openStored(run, step)] as const)))

/** Whether there was a result, and it is no longer what the run made. */
export const isLost = ({ state }: Stored): boolean => state === 'gone' || state === 'damaged'

/** What is to be said of results that are lost, a sentence a step. */
export const lostIn = (stored: ReadonlyMap<string, Stored>): readonly string[] =>
  [...stored].flatMap(([step, of]) => (isLost(of) ? [`the result of ${step} is ${of.state}`] : []))
