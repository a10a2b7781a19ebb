import { open, readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { codeOf } from '../files.ts'
import { diceOf } from './images.ts'
import { stepsOfKind } from './kinds.ts'
import { readRun } from './run-folder.ts'
import type { TimedEvent } from './run-state.ts'

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
}

/** Folders of runs as `pipe run` calls them: time, and a few digits by chance. */
const isRun = (name: string): boolean => /^\d{8}-\d{6}-[0-9a-f]{6}$/.test(name)
/** A name that is one part of a path. */
const isPlain = (name: string): boolean => name !== '' && !/[/\\\0]/.test(name) && !name.startsWith('.')

/** The folder of a run, or undefined where there is no such run. */
export async function runDir({ root, chosen }: Place, { pipeline, run }: RunName): Promise<string | undefined> {
  const isChosen = chosen?.pipeline === pipeline && chosen.run === run
  if (!isPlain(pipeline) || !isPlain(run) || !(isRun(run) || isChosen)) return undefined
  const dir = join(root, pipeline, run)
  return (await stat(join(dir, 'events.jsonl')).catch(unlessMissing))?.isFile() ? dir : undefined
}

/** All runs, the newest first. */
export async function listRuns(place: Place): Promise<readonly RunSummary[]> {
  const pipelines = (await namesIn(place.root)).filter(isPlain)
  const names = await Promise.all(
    pipelines.map(async pipeline => (await namesIn(join(place.root, pipeline))).filter(isRun).map((run): RunName => ({ pipeline, run }))),
  )
  const { chosen } = place
  const listed = names.flat()
  const isListed = chosen === undefined || listed.some(({ pipeline, run }) => pipeline === chosen.pipeline && run === chosen.run)
  const all = await Promise.all((isListed ? listed : [...listed, chosen]).map(async name => summaryOf(place, name)))
  return all.filter(run => run !== undefined).sort((a, b) => (a.started < b.started ? 1 : -1))
}

const namesIn = async (dir: string): Promise<readonly string[]> => (await readdir(dir).catch(unlessMissing)) ?? []

/** How long a run that goes on may say nothing: twice a clock's tick of slow steps. */
const SILENT_MS = 120_000
/** What the first and the last event fit into. */
const END = 1 << 16

async function summaryOf(place: Place, name: RunName): Promise<RunSummary | undefined> {
  const dir = await runDir(place, name)
  if (dir === undefined) return undefined
  const { first, last, silentMs } = await endsOf(join(dir, 'events.jsonl'))
  if (first?.type !== 'run-started') return undefined
  const base = { ...name, started: first.time }
  if (last?.type !== 'run-done') return { ...base, state: silentMs > SILENT_MS ? 'unfinished' : 'running' }
  const dice = last.ok ? diceOf(stepsOfKind('metrics', await readRun(dir))[0]?.value.means ?? {}) : undefined
  return { ...base, state: last.ok ? 'done' : 'failed', ms: last.ms, ...(dice !== undefined && { dice }) }
}

/** The first and the last event of a file. */
async function endsOf(path: string): Promise<{ readonly first?: TimedEvent; readonly last?: TimedEvent; readonly silentMs: number }> {
  const file = await open(path, 'r')
  try {
    const { size, mtimeMs } = await file.stat()
    const read = async (from: number): Promise<readonly string[]> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(END, size)), 0, Math.min(END, size), from)
      return buffer.toString('utf8', 0, bytesRead).split('\n')
    }
    const first = parsed((await read(0))[0])
    // The last line ends in a newline, so what follows it is empty, or not written whole yet.
    const last = parsed((await read(Math.max(0, size - END))).at(-2))
    return { ...(first && { first }), ...(last && { last }), silentMs: Date.now() - mtimeMs }
  } finally {
    await file.close()
  }
}

/** An event of a run's own file; a line that was cut by a kill is none. */
export function parsed(line: string | undefined): TimedEvent | undefined {
  try {
    return line ? (JSON.parse(line) as TimedEvent) : undefined
  } catch {
    return undefined
  }
}

/** Where to look for what was asked for: a run's folder, or a folder of runs. */
export async function placeOf(path: string): Promise<Place | undefined> {
  const isRunFolder = await stat(join(path, 'events.jsonl')).catch(unlessMissing)
  if (!isRunFolder) return (await stat(path).catch(unlessMissing))?.isDirectory() ? { root: path } : undefined
  const [real, home] = await Promise.all([realpath(path), realpath(dirname(path))])
  // `latest` is another name of a run beside it.
  const run = basename(dirname(real) === home ? real : path)
  return { root: dirname(dirname(path)), chosen: { pipeline: basename(dirname(path)), run } }
}

function unlessMissing(error: unknown): undefined {
  if (!['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'].includes(codeOf(error) ?? '')) throw error
}
