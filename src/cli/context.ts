import { dirname, resolve } from 'node:path'
import type { Cache } from '../cache.ts'
import type { Failure } from '../failure.ts'
import type { StepGraph } from '../graph.ts'
import type { Registry } from '../node.ts'
import type { Kept, Origin } from '../pipeline/kept.ts'
import type { LoadOptions } from '../pipeline/load.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { Setting } from '../resolve.ts'
import type { CommonOptions } from './options.ts'

export type { CommonOptions } from './options.ts'

/** What the composition root gives to every command: the world, so that commands can be tested without one. */
export interface Context {
  /** The built-in nodes; loaded when first asked for. */
  registry(): Promise<Registry>
  /** The file that a step's child process runs. */
  readonly main: string
  readonly version: string
  /** The digest of the code that runs; undefined where it is not packed, and may change from one start to the next. */
  readonly build?: string | undefined
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  out(text: string): void
  err(text: string): void
}

/** A pipeline, ready to be planned or run. */
export interface Opened {
  readonly pipeline: Pipeline
  readonly graph: StepGraph
  readonly cache: Cache
  readonly setting: Setting
  /** Why this device, and the GPUs that steps may take. */
  readonly device: { readonly why: string; readonly gpus: readonly string[] }
}

/** Exit codes: 0 done, 1 a step failed, 2 wrong usage or pipeline, 130 stopped by Ctrl-C. */
export const EXIT = { done: 0, failed: 1, usage: 2, cancelled: 130 } as const

/** Ends a command early with what the user has to know; `main` prints it and exits with 2. */
export class UsageError extends Error {
  readonly failures: readonly Failure[]
  constructor(failures: readonly Failure[]) {
    super('wrong usage or pipeline')
    this.failures = failures
  }
}

/** Default folder of the cache: `--cache`, then VOXELPIPE_CACHE, then `cache` here. */
export const cacheDir = (options: CommonOptions, context: Context): string => options.cache ?? context.env['VOXELPIPE_CACHE'] ?? 'cache'

/** Reads and checks a pipeline, or imports ivadomed's configuration; opens the cache and chooses the engine. `keep`: so that the next command need not check it again. */
export async function openPipeline(file: string, options: CommonOptions, context: Context, keep = false): Promise<Opened> {
  const cache = await openCache(options, context)
  try {
    return await openWith(cache, await loadKept(file, options.set ?? [], context, cache, keep), options, context)
  } catch (error) {
    await cache.close()
    throw error
  }
}

/** Opens the cache and chooses the engine for a pipeline that is there. */
export async function openLoaded(pipeline: Pipeline, options: CommonOptions, context: Context): Promise<Opened> {
  return openWith(await openCache(options, context), pipeline, options, context)
}

async function openCache(options: CommonOptions, context: Context): Promise<Cache> {
  const { Cache } = await import('../cache.ts')
  return Cache.open(resolve(context.cwd, cacheDir(options, context)), options.results ?? context.env['VOXELPIPE_RESULTS'])
}

async function openWith(cache: Cache, pipeline: Pipeline, options: CommonOptions, context: Context): Promise<Opened> {
  const [{ StepGraph }, { chooseCompute, thisMachine }] = await Promise.all([import('../graph.ts'), import('./compute.ts')])
  const compute = chooseCompute(options, thisMachine(context.env))
  if (!compute.ok) throw new UsageError(compute.failures)
  const { why, gpus, ...chosen } = compute.value
  return { pipeline, graph: new StepGraph(pipeline.steps), cache, setting: { cache, pipeline, ...chosen }, device: { why, gpus } }
}

/** The pipeline, from the memory of the cache where the same was checked before. */
async function loadKept(file: string, sets: readonly string[], context: Context, cache: Cache, keep: boolean): Promise<Pipeline> {
  const { build, cwd, env } = context
  if (build === undefined || file.endsWith('.json')) return loadOnly(file, sets, context)
  const [{ keptOf, fromKept }, { readText }] = await Promise.all([import('../pipeline/kept.ts'), import('../pipeline/text.ts')])
  const path = resolve(cwd, file)
  const text = readText(path)
  if (!text.ok) throw new UsageError(text.failures)
  const origin: Origin = { build, file, folder: dirname(path), text: text.value, sets }
  const kept = await cache.memory.recall<Kept>('pipeline', origin)
  if (kept) return fromKept(kept, file, await context.registry())
  const asked = new Set<string | symbol>()
  const watched = new Proxy(env, { get: (of, name) => (asked.add(name), of[String(name)]) })
  const pipeline = await loadOnly(file, sets, { ...context, env: watched }, text.value)
  const fresh = keep && asked.size === 0 ? keptOf(pipeline) : undefined
  // Where nothing can be written, the run says so.
  if (fresh) await cache.memory.keep('pipeline', origin, fresh).catch(() => undefined)
  return pipeline
}

/** Reads and checks a pipeline, or imports ivadomed's configuration. `text`: what the file says, where it was read. */
export async function loadOnly(file: string, sets: readonly string[], context: Context, text?: string): Promise<Pipeline> {
  const [{ loadPipeline }, loading] = await Promise.all([import('../pipeline/load.ts'), loadingOf(sets, context)])
  const made = file.endsWith('.json') ? await imported(file, loading.registry, context) : text
  const loaded = await loadPipeline(file, made === undefined ? loading : { ...loading, text: made })
  if (!loaded.ok) throw new UsageError(loaded.failures)
  return loaded.value
}

/** What pipelines are loaded with. */
export async function loadingOf(sets: readonly string[], context: Context): Promise<LoadOptions> {
  const { loadUserNode } = await import('../user-node.ts')
  return { registry: await context.registry(), sets, env: context.env, cwd: context.cwd, loadUserNode }
}

/** A configuration of ivadomed as the text of a pipeline. */
async function imported(file: string, registry: Registry, context: Context): Promise<string> {
  const { importedText } = await import('./imported.ts')
  const text = await importedText(file, { ...context, registry })
  if (!text.ok) throw new UsageError(text.failures)
  return text.value
}
