import { createWriteStream } from 'node:fs'
import { copyFile, mkdir, open, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Transform, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fail, FailureError } from '../failure.ts'
import { failIfDiskFull } from './disk.ts'
import { defaultLimits, type Limits, planUnpack, sizeProblem } from './entries.ts'
import type { Format } from './format.ts'
import { tarGz } from './tar-gz.ts'
import { zip } from './zip.ts'

export interface UnpackOptions {
  /** A single folder that holds everything is left out of the paths. */
  readonly stripRoot: boolean
  readonly signal: AbortSignal
  readonly progress?: (done: number, total: number) => void
  readonly limits?: Limits
  /** How messages call the archive: its URL. */
  readonly shown: string
}

/**
 * Unpacks a .zip or .tar.gz into an existing, empty folder. Everything is looked at before anything is written; what leads
 * out of the folder, or grows beyond the limits, is refused with a failure.
 */
export async function unpack(archive: string, dir: string, o: UnpackOptions): Promise<{ readonly files: number; readonly bytes: number }> {
  const limits = o.limits ?? defaultLimits
  const { size } = await stat(archive)
  const format = await formatOf(archive, o.shown)
  const refuse = (entry: string, detail: string): never => fail({ kind: 'archive-hostile', path: o.shown, entry, detail })
  const guard = (bytes: number, entry: string) => {
    const problem = sizeProblem(bytes, size, limits)
    if (problem !== undefined) refuse(entry, problem)
  }
  const entries = await readable(o, () => format.list(archive, o.signal, bytes => guard(bytes, 'all together')))
  const plan = planUnpack(entries, size, o.stripRoot, limits)
  if ('detail' in plan) return refuse(plan.entry, plan.detail)
  if (plan.files.size === 0) return fail({ kind: 'archive-empty', path: o.shown })

  let written = 0
  const take = async (name: string, data: Readable): Promise<void> => {
    const path = join(dir, plan.files.get(name)!)
    const count = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        written += chunk.length
        o.progress?.(written, plan.bytes)
        // A header may lie about the size; what counts is what comes.
        const problem = written > plan.bytes ? 'is larger than the archive says' : sizeProblem(written, size, limits)
        if (problem === undefined) next(null, chunk)
        else next(new FailureError({ kind: 'archive-hostile', path: o.shown, entry: name, detail: problem }))
      },
    })
    await mkdir(dirname(path), { recursive: true })
    await pipeline(data, count, createWriteStream(path, { flags: 'wx' }), { signal: o.signal })
  }
  await readable(o, () => format.read(archive, o.signal, name => plan.files.has(name), take))
  for (const [link, target] of plan.links) {
    await mkdir(dirname(join(dir, link)), { recursive: true })
    await copyFile(join(dir, target), join(dir, link))
  }
  return { files: plan.files.size + plan.links.size, bytes: written }
}

/** By the first bytes, not by the name: URLs end in anything. */
async function formatOf(archive: string, shown: string): Promise<Format> {
  const file = await open(archive)
  try {
    const start = Buffer.alloc(4)
    await file.read(start, 0, 4, 0)
    if (start.toString('latin1') === 'PK\x03\x04' || start.toString('latin1') === 'PK\x05\x06') return zip
    if (start[0] === 0x1f && start[1] === 0x8b) return tarGz
    return fail({ kind: 'archive-unknown', path: shown })
  } finally {
    await file.close()
  }
}

/** Turns what the unpackers throw into a failure: the archive is damaged, unless the disk is full or the run is cancelled. */
async function readable<T>(o: UnpackOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    o.signal.throwIfAborted()
    if (error instanceof FailureError) throw error
    failIfDiskFull(error, o.shown)
    // Errors of the file system are no fault of the archive.
    if (error instanceof Error && 'syscall' in error) throw error
    return fail({ kind: 'archive-damaged', path: o.shown, detail: error instanceof Error ? error.message : String(error) })
  }
}
