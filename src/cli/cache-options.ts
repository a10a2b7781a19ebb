import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Cache } from '../cache.ts'
import { cacheDir, UsageError, type CommonOptions, type Context } from './context.ts'

/** Options of every command that looks after a cache. */
export type CacheFlags = Pick<CommonOptions, 'cache' | 'results'>

/** Adds the options that say which cache. */
export const withCache = (command: Command): Command =>
  command
    .option('--cache <dir>', 'which cache (default: VOXELPIPE_CACHE, else cache)')
    .option('--results <uri>', 'where its records are, when in a Keyv store (default: VOXELPIPE_RESULTS, else in the cache)')

/** The cache that is meant; it is a mistake if there is none. */
export async function openCache(flags: CacheFlags, context: Context): Promise<Cache> {
  const { Cache } = await import('../cache.ts')
  const dir = resolve(context.cwd, cacheDir(flags, context))
  const found = await stat(dir).catch(() => undefined)
  if (!found?.isDirectory()) throw new UsageError([{ kind: 'no-cache', path: dir }])
  return Cache.open(dir, flags.results ?? context.env['VOXELPIPE_RESULTS'])
}
