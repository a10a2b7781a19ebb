import { basename, join } from 'node:path'
import { z } from 'zod'
import { failed, ok, type Result } from '../failure.ts'
import { readFacts, type PipelineFacts } from './facts.ts'
import { parseJson, textOf } from './parse.ts'

/** How a run ended. `unfinished`: it was killed, or is still running. */
export type RunState = 'done' | 'failed' | 'stopped' | 'unfinished'

/** What became of a step. */
export interface StepResult {
  readonly how: 'ran' | 'cached' | 'failed' | 'skipped'
  /** Of what it made, where it made something. */
  readonly digest?: string
  readonly ms?: number
}

/** A run as its folder tells it. */
export interface Run {
  readonly dir: string
  readonly id: string
  readonly facts: PipelineFacts
  /** ISO 8601. */
  readonly started: string
  readonly state: RunState
  /** From the start to the end, or to the last word of a run without one. */
  readonly ms: number
  readonly steps: ReadonlyMap<string, StepResult>
  /** What is not as it should be. */
  readonly remarks: readonly string[]
}

/** One line of events.jsonl, as far as it is looked at. */
const event = z.object({
  time: z.string(),
  type: z.string(),
  step: z.string().optional(),
  how: z.enum(['ran', 'cached']).optional(),
  digest: z.string().optional(),
  ms: z.number().optional(),
  ok: z.boolean().optional(),
  failure: z.object({ kind: z.string() }).optional(),
})
type Line = z.infer<typeof event>

/** Whether a folder looks as one of a run. */
export const runFiles = ['pipeline.yaml', 'events.jsonl'] as const

/** Reads the folder of a run. Its results are not looked at. */
export async function readRun(dir: string): Promise<Result<Run>> {
  const yaml = await textOf(join(dir, 'pipeline.yaml'))
  if (yaml === undefined) return failed({ kind: 'not-a-run', path: dir, detail: 'it has no pipeline.yaml' })
  const environment = readEnvironment(await textOf(join(dir, 'environment.json')))
  const { code, voxelpipe, engine } = environment
  const programs = { ...(voxelpipe !== undefined && { voxelpipe }), ...(engine !== undefined && { engine }) }
  const facts = readFacts(dir, yaml, code, programs)
  if (!facts.ok) return facts
  const { lines, damaged } = readEvents((await textOf(join(dir, 'events.jsonl'))) ?? '')
  const remarks = [
    ...(lines.length === 0 ? ['events.jsonl says nothing'] : []),
    ...(damaged > 0 ? [`${damaged} lines of events.jsonl cannot be read`] : []),
  ]
  return ok({ dir, id: basename(dir), facts: facts.value, ...summaryOf(lines, basename(dir)), remarks })
}

const environmentShape = z.object({
  voxelpipe: z.string().optional(),
  engine: z.string().optional(),
  code: z.record(z.string(), z.string()).optional(),
})

function readEnvironment(text: string | undefined): z.infer<typeof environmentShape> {
  const parsed = text === undefined ? undefined : parseJson(text)
  return environmentShape.safeParse(parsed).data ?? {}
}

/** The events but those of progress. The last line of a run that was killed may be cut short. */
function readEvents(text: string): { readonly lines: readonly Line[]; readonly damaged: number } {
  const rows = text.split('\n')
  const whole = rows.slice(0, -1).filter(row => !/"type":"node-(?:progress|log)"/.test(row))
  const lines = whole.flatMap(row => event.safeParse(parseJson(row)).data ?? [])
  return { lines, damaged: whole.length - lines.length }
}

function summaryOf(lines: readonly Line[], id: string): Pick<Run, 'started' | 'state' | 'ms' | 'steps'> {
  const started = lines[0]?.time ?? timeOf(id)
  const end = lines.find(line => line.type === 'run-done')
  const last = lines.at(-1)?.time ?? started
  const steps = new Map(lines.flatMap(resultOf))
  const isStopped = lines.some(line => line.failure?.kind === 'cancelled')
  const ended: RunState = end?.ok ? 'done' : isStopped ? 'stopped' : 'failed'
  return { started, state: end ? ended : 'unfinished', ms: end?.ms ?? Date.parse(last) - Date.parse(started), steps }
}

function resultOf({ type, step, how, digest, ms }: Line): [string, StepResult][] {
  if (step === undefined) return []
  if (type === 'node-failed') return [[step, { how: 'failed' }]]
  if (type === 'node-skipped') return [[step, { how: 'skipped' }]]
  if (type !== 'node-done' || how === undefined) return []
  return [[step, { how, ...(digest !== undefined && { digest }), ...(ms !== undefined && { ms }) }]]
}

/** The time in the name of a run's folder, `20261126-070036-ab12cd`; the epoch for another name. */
function timeOf(id: string): string {
  const found = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)/.exec(id)
  if (!found) return new Date(0).toISOString()
  const [year, month, day, hour, minute, second] = found.slice(1).map(Number) as [number, number, number, number, number, number]
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second)).toISOString()
}
