import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { cpus, release, totalmem, type } from 'node:os'
import { join, relative } from 'node:path'
import type { Artifact } from './artifact.ts'
import type { Listener } from './event.ts'
import { fail } from './failure.ts'
import { codeOf } from './files.ts'
import type { Pipeline } from './pipeline/pipeline.ts'
import { withoutPassword } from './secret.ts'

/** The folder of one run: an entry per step that leads to its artifact, the pipeline as run, the events, the environment. */
export interface RunFolder {
  readonly id: string
  readonly dir: string
  /** Writes `events.jsonl`. */
  readonly listener: Listener
  /** Adds to `run.log`. */
  write(text: string): void
  /** Puts a step's result where people look. */
  show(step: string, artifact: Artifact<unknown>): Promise<void>
  /** Puts a file of the run's own into it; gives its path. */
  put(name: string, content: string | Buffer): Promise<string>
  /** Ends the log; a run that went well becomes `latest`. */
  close(ok: boolean): Promise<void>
}

/** The folder of a pipeline's sweeps, beside its runs. */
export const SWEEPS = 'sweeps'
/** What the folder of a sweep has, and that of a run has not: its trials, and which step each of them has from whom. */
export const SWEEP_FILE = 'sweep.json'

/** Makes `OUT/PIPELINE/TIME-ID/`. */
export async function openRun(
  out: string,
  pipeline: Pipeline,
  environment: Readonly<Record<string, unknown>>,
  now: Date,
): Promise<RunFolder> {
  const id = `${stamp(now)}-${randomBytes(3).toString('hex')}`
  const home = join(out, pipeline.name)
  const dir = join(home, id)
  const start = async (): Promise<void> => {
    await mkdir(join(dir, 'logs'), { recursive: true })
    await writeFile(join(dir, 'pipeline.yaml'), pipeline.resolved())
    const code = Object.fromEntries([...pipeline.steps.values()].map(step => [step.id, step.code]))
    await writeFile(join(dir, 'environment.json'), `${JSON.stringify({ ...environment, code }, undefined, 2)}\n`)
  }
  await start().catch(cannotKeep(dir))
  const [events, lines] = ['events.jsonl', 'run.log'].map(name => logFile(join(dir, name))) as [LogFile, LogFile]
  return {
    id,
    dir,
    listener: event => events.write(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`),
    write: text => lines.write(text),
    async show(step, artifact) {
      await replaceLink(join(dir, step), relative(dir, artifact.dir)).catch(cannotKeep(dir))
    },
    async put(name, content) {
      const path = join(dir, name)
      await writeFile(path, content).catch(cannotKeep(path))
      return path
    },
    async close(ok) {
      await Promise.all([events.close(), lines.close()])
      if (ok) await replaceLink(join(home, 'latest'), id).catch(cannotKeep(home))
    },
  }
}

/** What the system says of the folder of results is for the user. */
const cannotKeep =
  (path: string) =>
  (error: unknown): never => {
    const code = codeOf(error)
    if (code === undefined) throw error
    const detail = (error as Error).message
    if (code === 'ENOSPC' || code === 'EDQUOT') return fail({ kind: 'disk-full', path, detail })
    return fail({ kind: 'cannot-write', where: `the folder of results ${path}`, detail })
  }

interface LogFile {
  write(text: string): void
  /** Throws what went wrong with it at any time: a log that is lost is not silent. */
  close(): Promise<void>
}

function logFile(path: string): LogFile {
  const stream = createWriteStream(path)
  const ended = new Promise<Error | undefined>(resolve => {
    stream.on('error', resolve)
    stream.on('close', () => resolve(undefined))
  })
  return {
    write: text => void stream.write(text),
    async close() {
      stream.end()
      const error = await ended
      if (error) cannotKeep(path)(error)
    },
  }
}

/** A link that is there whole or not at all, also when it replaces another. */
async function replaceLink(path: string, target: string): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}`
  await symlink(target, temporary, 'junction')
  try {
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

const stamp = (t: Date): string => t.toISOString().slice(0, 19).replaceAll('-', '').replaceAll(':', '').replace('T', '-')

/** What the run ran on: versions, processor, memory, command line. `git`: the state of the pipeline's folder (`gitState`). */
export async function environmentOf(versions: Readonly<Record<string, string>>, git: Promise<string>): Promise<Record<string, unknown>> {
  const processors = cpus()
  return {
    ...versions,
    node: process.version,
    system: `${type()} ${release()} ${process.arch}`,
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    command: ['pipe', ...process.argv.slice(2).map(withoutPassword)],
    git: await git,
  }
}
