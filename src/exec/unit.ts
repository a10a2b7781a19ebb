import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { rm } from 'node:fs/promises'
import type { Artifact, Digest, FileEntry } from '../artifact.ts'
import type { Cache } from '../cache.ts'
import { FailureError, type Failure } from '../failure.ts'
import { codeOf } from '../files.ts'
import { canonical } from '../fingerprint.ts'
import type { Lease } from '../lease.ts'
import type { AnyNode, Work } from '../node.ts'
import { nodeInputs, type InputArtifacts } from '../resolve.ts'
import type { Busy, JobFile, Unit, UnitEvent, UnitResult } from './job.ts'

/** What a unit is made with. */
export interface Where {
  readonly node: AnyNode
  readonly cache: Cache
  readonly inputs: InputArtifacts
  readonly signal: AbortSignal
}

/**
 * Makes and commits one unit of a job, in this process, which holds the unit's key meanwhile: no other run makes the same, nor
 * touches its unfinished work. Every way to fail comes back as a value.
 */
export async function runUnit(job: JobFile, unit: Unit, where: Where, emit: (event: UnitEvent) => void): Promise<UnitResult | Busy> {
  const { cache } = where
  const { key } = unit.kind === 'element' ? job.elements[unit.index]! : job
  try {
    const lease = await cache.leases.take(key, job.run)
    if (!('release' in lease)) return { busy: lease }
    try {
      return (await meanwhile(job, key, cache)) ?? (await makeUnit(job, unit, where, emit, lease))
    } finally {
      await lease.release()
    }
  } catch (error) {
    return failureOf(error, job.step, `below ${cache.dir}`)
  }
}

/** The result, where another run has made it since this one looked. */
async function meanwhile(job: JobFile, key: Digest, cache: Cache): Promise<UnitResult | undefined> {
  const record = job.forced ? undefined : await cache.get(key)
  const opened = record && (await cache.open(record.artifact))
  return opened && 'artifact' in opened ? { ok: true, digest: opened.artifact.digest, ms: 0, taken: true } : undefined
}

async function makeUnit(job: JobFile, unit: Unit, where: Where, emit: (event: UnitEvent) => void, lease: Lease): Promise<UnitResult> {
  const started = performance.now()
  const { cache } = where
  const target = unit.kind === 'element' ? job.elements[unit.index]! : job
  const name = unit.kind === 'element' ? { element: job.elements[unit.index]!.element.id } : {}
  let dir: string | undefined
  try {
    dir = await cache.workDir()
    const work: Work = {
      dir,
      scratch: await cache.scratch(target.key),
      seed: job.seed,
      compute: job.compute,
      threads: job.threads,
      signal: where.signal,
      progress: progress => emit({ type: 'progress', ...name, progress }),
      log: (line, level = 'info') => emit({ type: 'log', ...name, level, line }),
    }
    const { kind, value, known } = await make(job, unit, where, work)
    const ms = performance.now() - started
    const record = { key: target.key, fingerprint: target.fingerprint, step: job.step, ms: Math.round(ms), ...elementKeys(job, unit) }
    const artifact = await cache.commit(dir, { kind, value, known }, record)
    // Else somebody took this process for dead, and works there.
    if (await lease.isHeld()) await cache.dropScratch(target.key)
    return { ok: true, digest: artifact.digest, ms }
  } catch (error) {
    if (where.signal.aborted) return { ok: false, failure: { kind: 'cancelled', step: job.step } }
    return failureOf(error, job.step, `below ${cache.dir}`)
  } finally {
    if (dir) await rm(dir, { recursive: true, force: true }).catch(() => undefined)
  }
}

interface Made {
  readonly kind: string
  readonly value: unknown
  readonly known: ReadonlyMap<string, FileEntry>
}

async function make(
  job: JobFile,
  unit: Unit,
  { node, cache, inputs }: { node: AnyNode; cache: Cache; inputs: InputArtifacts },
  work: Work,
): Promise<Made> {
  const given = nodeInputs({ node }, inputs)
  const { kind } = node.output
  if (unit.kind === 'whole') {
    if (!('run' in node)) throw new Error(`${job.nodeName} does not run as a whole`)
    const value: unknown = await node.run({ ...work, params: job.params, inputs: given as never })
    return { kind, value: checked(node, value, job.step), known: new Map() }
  }
  if (!('each' in node)) throw new Error(`${job.nodeName} has no elements`)
  if (unit.kind === 'element') {
    const { id, value, files } = job.elements[unit.index]!.element
    const shared = Object.fromEntries((node.each.shared as string[]).map(name => [name, given[name]]))
    const result = (await node.each.run({ ...work, id, value, files, inputs: shared as never })) as unknown
    canonical(result)
    return { kind: `${kind} element`, value: result, known: new Map() }
  }
  const known = new Map<string, FileEntry>()
  const results = new Map<string, unknown>()
  for (const { element, key } of job.elements) {
    const part = await elementArtifact(cache, key, element.id)
    const twice = part.files.find(f => known.has(f.path))
    if (twice) throw new FailureError({ kind: 'same-file-twice', step: job.step, file: twice.path })
    for (const entry of await cache.adopt(work.dir, part)) known.set(entry.path, entry)
    results.set(element.id, part.value)
  }
  const value: unknown = await node.each.collect({ ...work, params: job.params, inputs: given as never, results })
  return { kind, value: checked(node, value, job.step), known }
}

async function elementArtifact(cache: Cache, key: JobFile['key'], id: string): Promise<Artifact<unknown>> {
  const record = await cache.get(key)
  const opened = record && (await cache.open(record.artifact))
  if (!opened || 'lost' in opened) throw new Error(`the result of element ${id} is not in the cache (${opened?.lost ?? 'no record'})`)
  return opened.artifact
}

const elementKeys = (job: JobFile, unit: Unit) =>
  unit.kind === 'collect' ? { elements: Object.fromEntries(job.elements.map(e => [e.element.id, e.key])) } : {}

/** The document as its kind allows it; unknown members are dropped by the schema, so that the digest is over what is declared. */
function checked(node: AnyNode, value: unknown, step: string): unknown {
  const parsed = node.output.schema.safeParse(value)
  if (parsed.success) return parsed.data as unknown
  const detail = parsed.error.issues.map(i => `${i.path.join('.') || 'the document'}: ${i.message}`).join('; ')
  throw new FailureError({ kind: 'bad-output', step, detail })
}

/** Calls of the system that only read. */
const readingCalls = new Set(['scandir', 'stat', 'lstat', 'read', 'readlink', 'realpath'])

/**
 * An error as a failure: the user's (thrown by `fail`), the system's (a full disk), or a bug with its trace. `place`: where it was
 * being written to, for an error that does not say.
 */
export function failureOf(
  error: unknown,
  step: string,
  place = 'the results',
): { readonly ok: false; readonly failure: Failure; readonly trace?: string } {
  if (error instanceof FailureError) return { ok: false, failure: error.failure }
  const code = codeOf(error)
  const path = error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : place
  if (code === 'ENOSPC' || code === 'EDQUOT') return { ok: false, failure: { kind: 'disk-full', path, detail: (error as Error).message } }
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    const { message: detail, syscall = '' } = error as NodeJS.ErrnoException
    const isReading = code !== 'EROFS' && (readingCalls.has(syscall) || (syscall === 'open' && existsSync(path)))
    if (isReading) return { ok: false, failure: { kind: 'file-unreadable', path, role: 'a file', detail } }
    return { ok: false, failure: { kind: 'cannot-write', where: path, detail } }
  }
  const known = error instanceof Error ? error : new Error(String(error))
  return { ok: false, failure: { kind: 'node-threw', step, detail: known.message }, ...(known.stack ? { trace: known.stack } : {}) }
}

/** The artifacts that a job names, opened. */
export async function openInputs(job: JobFile, cache: Cache): Promise<InputArtifacts> {
  const entries = await Promise.all(
    Object.entries(job.inputs).map(async ([name, list]) => {
      const artifacts = await Promise.all(
        list.map(async item => {
          if (typeof item !== 'string') return item
          const opened = await cache.open(item)
          if ('lost' in opened) throw new Error(`input ${name} of step ${job.step} is gone: ${opened.lost}`)
          return opened.artifact
        }),
      )
      return [name, artifacts] as const
    }),
  )
  return Object.fromEntries(entries)
}

/** The file that a step's own process writes its lines to. */
export const logPath = (runDir: string, step: string): string => join(runDir, 'logs', `${step}.log`)
