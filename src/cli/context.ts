import { resolve } from 'node:path'
import type { Cache } from '../cache.ts'
import type { Failure } from '../failure.ts'
import type { StepGraph } from '../graph.ts'
import type { Registry } from '../node.ts'
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

/** Reads and checks a pipeline, or imports ivadomed's configuration; opens the cache and chooses the engine. */
export async function openPipeline(file: string, options: CommonOptions, context: Context): Promise<Opened> {
  const [{ Cache }, { StepGraph }, { chooseCompute, thisMachine }] = await Promise.all([
    import('../cache.ts'),
    import('../graph.ts'),
    import('./compute.ts'),
  ])
  const pipeline = await loadOnly(file, options.set ?? [], context)
  const compute = chooseCompute(options, thisMachine(context.env))
  if (!compute.ok) throw new UsageError(compute.failures)
  const cache = await Cache.open(resolve(context.cwd, cacheDir(options, context)), options.results ?? context.env['VOXELPIPE_RESULTS'])
  const { why, gpus, ...chosen } = compute.value
  return { pipeline, graph: new StepGraph(pipeline.steps), cache, setting: { cache, pipeline, ...chosen }, device: { why, gpus } }
}

/** Reads and checks a pipeline, or imports ivadomed's configuration. */
export async function loadOnly(file: string, sets: readonly string[], context: Context): Promise<Pipeline> {
  const [{ loadPipeline }, { loadUserNode }] = await Promise.all([import('../pipeline/load.ts'), import('../user-node.ts')])
  const registry = await context.registry()
  const loading = { registry, sets, env: context.env, cwd: context.cwd, loadUserNode }
  const loaded = await loadPipeline(file, file.endsWith('.json') ? { ...loading, text: await imported(file, registry, context) } : loading)
  if (!loaded.ok) throw new UsageError(loaded.failures)
  return loaded.value
}

/** A configuration of ivadomed as the text of a pipeline. */
async function imported(file: string, registry: Registry, context: Context): Promise<string> {
  const { importedText } = await import('./imported.ts')
  const text = await importedText(file, { ...context, registry })
  if (!text.ok) throw new UsageError(text.failures)
  return text.value
}
