import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { failed, ok, type Failure, type Result } from '../failure.ts'
import { nearest } from '../nearest.ts'
import { readRun, type Run } from './run.ts'
import { isRun, runsBelow } from './runs-below.ts'

/** Where runs are looked for. */
export interface RunPlace {
  /** The folder of runs, `--out`, as the user calls it. */
  readonly out: string
  readonly cwd: string
}

/**
 * The run that a user means: the folder of one; `latest`; a pipeline, of which it is the latest (`unet`, `unet/latest`) or one before
 * (`unet@2` is the one before the latest); an id or its beginning, also behind its pipeline (`unet/20261126`). Only runs that went well
 * are counted as latest.
 */
export async function findRun(reference: string, place: RunPlace): Promise<Result<Run>> {
  const path = resolve(place.cwd, reference)
  if (await isFolder(path)) {
    if (await isRun(path)) return readRun(await realpath(path))
    const below = await runsBelow(path)
    return below.runs.length > 0 ? nth(below.runs, 1, reference) : failed({ kind: 'not-a-run', path, detail: 'there is no run in it' })
  }
  const out = resolve(place.cwd, place.out)
  if (!(await isFolder(out))) return failed({ kind: 'no-runs', where: place.out })
  const { runs } = await runsBelow(await realpath(out))
  if (runs.length === 0) return failed({ kind: 'no-runs', where: place.out })
  return meant(reference, runs)
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    s => s.isDirectory(),
    () => false,
  )

/** What a reference means among runs, the oldest first. */
function meant(reference: string, runs: readonly Run[]): Result<Run> {
  const [, name = '', count] = /^(.*?)(?:@(\d+))?$/.exec(reference) ?? []
  const [pipeline, id] = name.includes('/') ? (name.split('/', 2) as [string, string]) : [undefined, name]
  const back = count === undefined ? 1 : Number(count)
  if (name === 'latest') return nth(runs, back, reference)
  if (id === 'latest' || runs.some(run => homeOf(run) === name)) {
    const of = runs.filter(run => homeOf(run) === (pipeline ?? name))
    return of.length > 0 ? nth(of, back, reference) : failed(unknown(reference, runs))
  }
  const found = runs.filter(run => (pipeline === undefined || homeOf(run) === pipeline) && run.id.startsWith(id))
  // The few letters at the end of an id are all that people remember of it.
  const ended = found.length > 0 ? found : runs.filter(run => id.length >= 4 && run.id.endsWith(id))
  if (ended.length === 1) return ok(ended[0]!)
  return failed(ended.length === 0 ? unknown(reference, runs) : { kind: 'ambiguous-run', reference, runs: ended.map(nameOf) })
}

function nth(runs: readonly Run[], back: number, reference: string): Result<Run> {
  const well = runs.filter(run => run.state === 'done')
  const found = back < 1 ? undefined : well.at(-back)
  return found ? ok(found) : failed({ kind: 'no-such-latest', reference, done: well.length, runs: runs.length })
}

/** The folder that a run lies in, which is called as its pipeline. */
export const homeOf = (run: Pick<Run, 'dir'>): string => basename(resolve(run.dir, '..'))

/** A run as it is called: `unet/20261126-070036-ab12cd`. */
export const nameOf = (run: Pick<Run, 'dir' | 'id'>): string => `${homeOf(run)}/${run.id}`

function unknown(reference: string, runs: readonly Run[]): Failure {
  const pipelines = [...new Set(runs.map(homeOf))]
  const near = nearest(reference.replace(/@\d+$/, ''), ['latest', ...pipelines, ...runs.map(run => run.id), ...runs.map(nameOf)])
  return { kind: 'unknown-run', reference, pipelines, newest: runs.slice(-3).map(nameOf), ...(near !== undefined && { nearest: near }) }
}

/** The folder that `pipe runs` is asked for: all of `--out`, a pipeline's by its name, or any other by its path. */
export async function findFolder(asked: string | undefined, name: string | undefined, place: RunPlace): Promise<Result<string>> {
  const out = resolve(place.cwd, place.out)
  if (asked === undefined) return (await isFolder(out)) ? ok(out) : failed({ kind: 'no-runs', where: place.out })
  const places = [join(out, name ?? asked), resolve(place.cwd, asked)]
  for (const path of places) if (await isFolder(path)) return ok(path)
  if (name !== undefined) return failed({ kind: 'no-runs', where: join(place.out, name) })
  const known = (await isFolder(out)) ? (await readdir(out, { withFileTypes: true })).filter(e => e.isDirectory()).map(e => e.name) : []
  if (known.length === 0) return failed({ kind: 'no-runs', where: place.out })
  const near = nearest(asked, known)
  return failed({ kind: 'unknown-run', reference: asked, pipelines: known, newest: [], ...(near !== undefined && { nearest: near }) })
}
