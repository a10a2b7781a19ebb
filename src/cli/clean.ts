import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { openCache, withCache, type CacheFlags } from './cache-options.ts'
import { removeFrom } from './cache-gc.ts'
import type { Context } from './context.ts'

export function addClean(program: Command, context: Context): void {
  withCache(program.command('clean'))
    .summary('empty the cache')
    .description(
      'Removes all of the cache but what is pinned and what runs use now: records, results, unfinished work, and what is remembered of files. Always safe: what is needed again is made again.',
    )
    .option('--dry-run', 'say what would go, remove nothing')
    .addHelpText('after', '\nExamples:\n  pipe clean --dry-run\n  pipe clean')
    .action(async (flags: CacheFlags & { dryRun?: boolean }) => {
      const cache = await openCache(flags, context)
      const left = await removeFrom(cache, { all: true }, flags.dryRun ?? false, context)
      const rest = flags.dryRun ? [] : left === 0 ? ['stats', 'results'] : ['stats']
      for (const folder of rest) await rm(join(cache.dir, folder), { recursive: true, force: true })
      await cache.close()
    })
}
