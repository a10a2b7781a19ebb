import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { SWEEP_FILE, SWEEPS } from '../runs.ts'
import { diceOf } from './images.ts'
import { stepsOfKind } from './kinds.ts'
import { readRun } from './run-folder.ts'
import { endsOf } from './run-events.ts'
import { ifOutOfReach } from './missing.ts'
import { nameOfSweep, sweepIn } from './sweep-name.ts'
import { sweepOfRun, type TrialName } from './sweeps.ts'

/** Where runs are looked for. */
export interface Place {
  /** Holds a folder per pipeline, and in it one per run. */
  readonly root: string
  /** The run that was asked for: shown first, and listed whatever its folder is called. */
  readonly chosen?: RunName
}

/** A run as addresses name it. */
export interface RunName {
  readonly pipeline: string
  /** Its folder; of a sweep that of the sweep, after `sweep-`. */
  readonly run: string
}

/** A run in the list of runs. */
export interface RunSummary extends RunName {
  readonly started: string
  /** `unfinished`: it has not said that it ended, and says nothing any more. */
  readonly state: 'running' | 'done' | 'failed' | 'unfinished'
  readonly ms?: number
  /** Mean over the images and classes. */
  readonly dice?: number
  /** Of a trial: of which sweep, and which. */
  readonly trial?: TrialName
}

/** Folders of runs as `pipe run` calls them: time, and a few digits by chance. */
const isRun = (name: string): boolean => /^\d{8}-\d{6}-[0-9a-f]{6}$/.test(name)
const isSweep = (name: string): boolean => isRun(sweepIn(name) ?? '')

/** A name that is one part of a path. */
const isPlain = (name: string): boolean => name !== '' && !/[/\\\0]/.test(name) && !name.startsWith('.')

/** The folder of a run, or undefined where there is no such run. */
export async function runDir({ root, chosen }: Place, { pipeline, run }: RunName): Promise<string | undefined> {
  const isChosen = chosen?.pipeline === pipeline && chosen.run === run
  if (!isPlain(pipeline) || !isPlain(run) || !(isRun(run) || isSweep(run) || isChosen)) return undefined
  const dir = isSweep(run) ? join(root, pipeline, SWEEPS, sweepIn(run) ?? '') : join(root, pipeline, run)
  return (await stat(join(dir, 'events.jsonl')).catch(ifOutOfReach))?.isFile() ? dir : undefined
}

/** All runs, the newest first. */
export async function listRuns(place: Place): Promise<readonly RunSummary[]> {
  const pipelines = (await namesIn(place.root)).filter(isPlain)
  const names = await Promise.all(
    pipelines.map(async pipeline => {
      const [runs, sweeps] = await Promise.all([pipeline, join(pipeline, SWEEPS)].map(path => namesIn(join(place.root, path))))
      return [...runs!.filter(isRun), ...sweeps!.filter(isRun).map(nameOfSweep)].map((run): RunName => ({ pipeline, run }))
    }),
  )
  const { chosen } = place
  const listed = names.flat()
  const isListed = chosen === undefined || listed.some(({ pipeline, run }) => pipeline === chosen.pipeline && run === chosen.run)
  const all = await Promise.all((isListed ? listed : [...listed, chosen]).map(async name => summaryOf(place, name)))
  return all.filter(run => run !== undefined).sort((a, b) => (a.started < b.started ? 1 : -1))
}

const namesIn = async (dir: string): Promise<readonly string[]> => (await readdir(dir).catch(ifOutOfReach)) ?? []

/** A run that has said nothing for so long is taken to have been killed. */
const SILENT_MS = 120_000

async function summaryOf(place: Place, name: RunName): Promise<RunSummary | undefined> {
  const dir = await runDir(place, name)
  if (dir === undefined) return undefined
  const [{ first, last, silentMs }, trial] = await Promise.all([endsOf(join(dir, 'events.jsonl')), sweepOfRun(dir)])
  if (first?.type !== 'run-started') return undefined
  const base = { ...name, started: first.time, ...(trial && { trial }) }
  if (last?.type !== 'run-done') return { ...base, state: silentMs > SILENT_MS ? 'unfinished' : 'running' }
  const dice = last.ok && !isSweep(name.run) ? diceOf(stepsOfKind('metrics', await readRun(dir))[0]?.value.means ?? {}) : undefined
  return { ...base, state: last.ok ? 'done' : 'failed', ms: last.ms, ...(dice !== undefined && { dice }) }
}

/** Where to look for what was asked for: a run's folder or a sweep's, a pipeline's folder, or a folder of runs. */
export async function placeOf(path: string): Promise<Place | undefined> {
  const has = async (name: string): Promise<boolean> => (await stat(join(path, name)).catch(ifOutOfReach)) !== undefined
  const home = dirname(path)
  if (await has('events.jsonl')) {
    // `latest` is another name of a run beside it.
    const [real, realHome] = await Promise.all([realpath(path), realpath(home)])
    const run = basename(dirname(real) === realHome ? real : path)
    if (!(await has(SWEEP_FILE))) return { root: dirname(home), chosen: { pipeline: basename(home), run } }
    return { root: dirname(dirname(home)), chosen: { pipeline: basename(dirname(home)), run: nameOfSweep(run) } }
  }
  if (!(await stat(path).catch(ifOutOfReach))?.isDirectory()) return undefined
  if (!(await namesIn(path)).some(isRun)) return { root: path }
  return { root: basename(path) === SWEEPS ? dirname(home) : home }
}
