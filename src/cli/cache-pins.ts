import { realpath } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import type { Command } from 'commander'
import type { Digest } from '../artifact.ts'
import type { Run } from '../compare/run.ts'
import { openCache, withCache, type CacheFlags } from './cache-options.ts'
import { UsageError, type Context } from './context.ts'
import { plural } from './units.ts'

interface PinFlags extends CacheFlags {
  readonly out: string
}

export function addCachePins(group: Command, context: Context): void {
  withCache(group.command('pin'))
    .argument('<run>', 'a run as pipe compare takes it: unet, unet@2, a folder, an id')
    .summary('keep the results of a run, whatever space is wanted')
    .description('Keeps the results of a run: neither pipe cache gc nor pipe clean removes them.')
    .option('--out <dir>', 'where the runs are listed', 'runs')
    .addHelpText('after', '\nExamples:\n  pipe cache pin unet\n  pipe cache pin runs/unet/20261126-070036-ab12cd')
    .action((reference: string, flags: PinFlags) => pin(reference, flags, context))
  withCache(group.command('unpin'))
    .argument('<run>', 'its name, as pipe cache du shows it: unet/20261126-070036-ab12cd')
    .summary('keep them no longer')
    .description('Takes a pin away. Nothing is removed by that.')
    .addHelpText('after', '\nExamples:\n  pipe cache unpin unet/20261126-070036-ab12cd')
    .action((name: string, flags: CacheFlags) => unpin(name, flags, context))
}

async function pin(reference: string, flags: PinFlags, context: Context): Promise<void> {
  const [{ findRun, nameOf }, { writePin }] = await Promise.all([import('../compare/find-run.ts'), import('../upkeep/pins.ts')])
  const cache = await openCache(flags, context)
  const found = await findRun(reference, { out: flags.out, cwd: context.cwd })
  if (!found.ok) throw new UsageError(found.failures)
  const results = await resultsOf(found.value, await realpath(cache.dir))
  const run = nameOf(found.value)
  if (Object.keys(results).length === 0) throw new UsageError([{ kind: 'nothing-to-pin', run, cache: cache.dir }])
  await writePin(cache.dir, { run, pinned: new Date().toISOString(), results })
  await cache.close()
  context.out(`pinned ${run}: ${plural(Object.keys(results).length, 'result')}\n`)
}

/** What of a run is in this cache, by step. */
async function resultsOf(run: Run, cacheDir: string): Promise<Readonly<Record<string, Digest>>> {
  const results: Record<string, Digest> = {}
  for (const step of run.facts.steps.keys()) {
    const path = await realpath(join(run.dir, step)).catch(() => undefined)
    // One cast: the name of a folder of the cache's artifacts is its digest.
    if (path?.startsWith(resolve(cacheDir, 'artifacts') + sep)) results[step] = path.slice(path.lastIndexOf(sep) + 1) as Digest
  }
  return results
}

async function unpin(name: string, flags: CacheFlags, context: Context): Promise<void> {
  const { readPins, removePin } = await import('../upkeep/pins.ts')
  const cache = await openCache(flags, context)
  if (!(await removePin(cache.dir, name))) {
    const pinned = (await readPins(cache.dir)).map(pin => pin.run)
    throw new UsageError([{ kind: 'not-pinned', run: name, pinned }])
  }
  await cache.close()
  context.out(`${name} is pinned no longer\n`)
}
