import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artifact } from '../artifact.ts'
import { Cache } from '../cache.ts'
import type { Executor, UnitResult } from '../exec/job.ts'
import { makeJob } from '../exec/make-job.ts'
import type { Failure } from '../failure.ts'
import { Random } from '../random.ts'
import type { Setting } from '../resolve.ts'
import { Turns } from '../turns.ts'
import type { CachedUnit } from './cached-units.ts'
import { differencesOf, type Difference } from './difference.ts'

/** What became of a cached unit that was made again. */
export interface Audited {
  readonly step: string
  readonly element?: string
  readonly verdict: 'same' | 'differs' | 'failed'
  /** None for one that is the same; one that differs may differ in what it was not asked, such as its kind. */
  readonly differences: readonly Difference[]
  readonly failure?: Failure
  readonly ms: number
}

/** How units are made again. */
export interface RerunOptions {
  readonly setting: Setting
  readonly executor: Executor
  readonly cores: number
  readonly signal: AbortSignal
  /** Called after each. */
  readonly tell: (audited: Audited) => void
}

/** So many of the units, at least one, chosen by the seed; in their order. */
export function sample<T>(units: readonly T[], share: number, seed: number): readonly T[] {
  const count = Math.ceil(units.length * share)
  const chosen = new Set(new Random(seed, 'verify').permutation(units.length).slice(0, count))
  return units.filter((_, i) => chosen.has(i))
}

/**
 * Makes cached work again: each unit in a process of its own, in a cache that has nothing but what the unit reads, without
 * checkpoints; and compares it with what is cached. The cache itself stays as it is.
 */
export async function rerun(units: readonly CachedUnit[], options: RerunOptions): Promise<readonly Audited[]> {
  const { setting, signal } = options
  const place = await setting.cache.workDir()
  const run = `verify-${place.slice(place.lastIndexOf('-') + 1)}`
  // As a run: what it reads is not removed meanwhile.
  const end = await new Turns({ cache: setting.cache, run, signal, emit: () => undefined, isOver: () => false }).begin()
  const audited: Audited[] = []
  try {
    await setting.cache.use(units.flatMap(unit => [unit.artifact.digest, ...inputDigests(unit)]))
    for (const [at, unit] of units.entries()) {
      if (signal.aborted) break
      const dir = join(place, String(at))
      const one = await again(unit, { ...options, run, dir })
      await rm(dir, { recursive: true, force: true })
      audited.push(one)
      options.tell(one)
    }
    return audited
  } finally {
    await rm(place, { recursive: true, force: true })
    await end()
  }
}

const inputDigests = ({ inputs, elements }: CachedUnit) => [
  ...Object.values(inputs).flatMap(list => list.map(artifact => artifact.digest)),
  ...elements.flatMap(element => element.artifact?.digest ?? []),
]

async function again(
  unit: CachedUnit,
  { setting, executor, cores, signal, run, dir }: RerunOptions & { readonly run: string; readonly dir: string },
): Promise<Audited> {
  const { step, artifact, element } = unit
  const started = performance.now()
  const clean = await Cache.open(join(dir, 'cache'))
  const name = { step: step.id, ...(element === undefined ? {} : { element }) }
  const ms = (): number => Math.round(performance.now() - started)
  try {
    if (unit.unit.kind === 'collect') for (const part of unit.elements) await copyInto(clean, part.artifact!, part.record!)
    const job = makeJob(step, unit.inputs, unit.found, { ...setting, cache: clean }, { run, isForced: true, ...shareOf(unit, cores) })
    const timeout = step.timeout === undefined ? {} : { timeout: step.timeout }
    const session = await executor.open(job, { logFile: join(dir, 'step.log'), signal, ...timeout })
    const result = await session.run(unit.unit, () => undefined).finally(() => session.close())
    // Nobody else knows of this cache.
    if ('busy' in result) throw new Error(`the clean cache of ${step.id} is held by another run`)
    if (!result.ok) return { ...name, verdict: 'failed', differences: [], failure: result.failure, ms: ms() }
    const made = await resultOf(clean, result)
    if (made.digest === artifact.digest) return { ...name, verdict: 'same', differences: [], ms: ms() }
    return { ...name, verdict: 'differs', differences: await differencesOf(artifact, made), ms: ms() }
  } finally {
    await clean.close()
  }
}

/** As a run gives it threads: elements that run side by side have one each. */
const shareOf = ({ step, elements, unit }: CachedUnit, cores: number) => ({
  elements,
  threads: unit.kind !== 'whole' && 'each' in step.node && step.node.each.parallel ? 1 : cores,
})

async function resultOf(clean: Cache, result: UnitResult & { readonly ok: true }): Promise<Artifact<unknown>> {
  const opened = await clean.open(result.digest)
  if ('lost' in opened) throw new Error(`what was made again cannot be opened: ${opened.lost}`)
  return opened.artifact
}

/** The result of an element, for the step's document to be put together from. */
async function copyInto(clean: Cache, artifact: Artifact<unknown>, record: Parameters<Cache['commit']>[2]): Promise<void> {
  const work = await clean.workDir()
  const known = new Map((await clean.adopt(work, artifact)).map(entry => [entry.path, entry]))
  await clean.commit(work, { kind: artifact.kind, value: artifact.value, known }, record)
}
