import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { SWEEP_FILE } from '../runs.ts'
import { ifMissing } from './missing.ts'

/** Of which sweep a run is a trial, and which, from 1. */
export interface TrialName {
  readonly sweep: string
  readonly trial: number
}

/** A trial as the sweep's own file has it, before it ran. */
export interface PlannedTrial {
  readonly trial: number
  readonly values: Readonly<Record<string, unknown>>
}

const environment = z.object({ sweep: z.object({ id: z.string(), trial: z.int() }).optional() })
const file = z.object({ trials: z.array(z.object({ trial: z.int(), values: z.record(z.string(), z.unknown()) })) })

/** What the environment of a run says of its sweep; undefined of a run of its own. */
export async function sweepOfRun(dir: string): Promise<TrialName | undefined> {
  const text = await textOf(join(dir, 'environment.json'))
  const { sweep } = text === undefined ? {} : environment.parse(JSON.parse(text))
  return sweep && { sweep: sweep.id, trial: sweep.trial }
}

/** The trials of a sweep; undefined of a folder of another kind. */
export async function trialsOf(dir: string): Promise<readonly PlannedTrial[] | undefined> {
  const text = await textOf(join(dir, SWEEP_FILE))
  return text === undefined ? undefined : file.parse(JSON.parse(text)).trials
}

const textOf = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(ifMissing)
