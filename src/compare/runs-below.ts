import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { sentence, type Failure } from '../failure.ts'
import { codeOf, mapLimited } from '../files.ts'
import { readRun, runFiles, type Run } from './run.ts'

/** The runs of a folder, oldest first, and the folders in it that are none. */
export interface RunsBelow {
  readonly runs: readonly Run[]
  readonly others: readonly { readonly path: string; readonly why: string }[]
}

/** Reads every run in a folder of runs, in that of one pipeline, or in that of one run. Links, such as `latest`, are not followed. */
export async function runsBelow(dir: string): Promise<RunsBelow> {
  const { folders, others } = await runFolders(dir, 2)
  const read = await mapLimited(folders, 16, async path => ({ path, run: await readRun(path) }))
  const runs = read.flatMap(({ run }) => (run.ok ? [run.value] : []))
  const broken = read.flatMap(({ path, run }) => (run.ok ? [] : [{ path, why: run.failures.map(detailOf).join('; ') }]))
  return { runs: runs.sort(byStart), others: [...others, ...broken] }
}

const byStart = (a: Run, b: Run): number => (a.started < b.started ? -1 : a.started > b.started ? 1 : a.id < b.id ? -1 : 1)

const detailOf = (failure: Failure): string => sentence(failure).facts?.join('; ') ?? sentence(failure).what

/** Folders that look like runs at most so many levels below, by name; and those that hold none. */
async function runFolders(
  dir: string,
  levels: number,
): Promise<{ readonly folders: readonly string[]; readonly others: RunsBelow['others'] }> {
  if (await isRun(dir)) return { folders: [dir], others: [] }
  const children = (await readdir(dir, { withFileTypes: true })).filter(entry => entry.isDirectory()).map(entry => join(dir, entry.name))
  if (levels === 0 || children.length === 0) return { folders: [], others: [{ path: dir, why: 'there is no run in it' }] }
  const found = await Promise.all(children.sort().map(child => runFolders(child, levels - 1)))
  return { folders: found.flatMap(f => f.folders), others: found.flatMap(f => f.others) }
}

/** Whether a folder holds what a run writes first. */
export async function isRun(dir: string): Promise<boolean> {
  const found = await Promise.all(runFiles.map(name => isThere(join(dir, name))))
  return found.includes(true)
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return false
  }
}
