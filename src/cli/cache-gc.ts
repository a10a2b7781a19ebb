import type { Command } from 'commander'
import type { Digest } from '../artifact.ts'
import type { Cache } from '../cache.ts'
import type { Limits, Reason, Removal } from '../upkeep/collect.ts'
import { ageOf, sizeOf } from './amounts.ts'
import { openCache, withCache, type CacheFlags } from './cache-options.ts'
import { agoWords, grouped } from './cache-du.ts'
import { aligned } from './columns.ts'
import type { Context } from './context.ts'
import { sizeWords } from './run-words.ts'
import { plural } from './units.ts'

interface GcFlags extends CacheFlags {
  readonly maxSize?: string
  readonly olderThan?: string
  readonly dryRun?: boolean
}

export function addCacheGc(group: Command, context: Context): void {
  withCache(group.command('gc'))
    .summary('remove what was used least recently')
    .description(
      'Removes what can never be used again, and then, as far as the limits ask for it, what was used least recently. What is pinned stays, and so does all that was used since the oldest run that is still going began.',
    )
    .option('--max-size <size>', 'remove until the cache is no larger: 20GB, 500MB')
    .option('--older-than <time>', 'remove what was not used for so long: 30d, 12h')
    .option('--dry-run', 'say what would go, remove nothing')
    .addHelpText(
      'after',
      `
Examples:
  pipe cache gc                                    only what a kill left, and results without a record
  pipe cache gc --older-than 30d --dry-run
  pipe cache gc --max-size 20GB --older-than 30d

A result is used when a run makes it or takes it from the cache; an element when its step is. Runs of which results are removed
stay listed; pipe run makes these results again.`,
    )
    .action(async (flags: GcFlags) => {
      const limits: Limits = {
        ...(flags.maxSize === undefined ? {} : { maxBytes: sizeOf('--max-size', flags.maxSize) }),
        ...(flags.olderThan === undefined ? {} : { olderThanMs: ageOf('--older-than', flags.olderThan) }),
      }
      const cache = await openCache(flags, context)
      await removeFrom(cache, limits, flags.dryRun ?? false, context)
      await cache.close()
    })
}

/** Removes what the limits ask for, and says what. Gives what is left, in bytes. */
export async function removeFrom(cache: Cache, limits: Limits, isDry: boolean, context: Context): Promise<number> {
  const [{ chooseRemovals, deadRecords, removeEntry }, { takeInventory, bytesOf }, { readPins }, { clockOf }] = await Promise.all([
    import('../upkeep/collect.ts'),
    import('../upkeep/inventory.ts'),
    import('../upkeep/pins.ts'),
    import('../files.ts'),
  ])
  await cache.assertWritable()
  const since = await cache.leases.oldestRun()
  const pins = await readPins(cache.dir)
  const inventory = await takeInventory(cache)
  const pinned = new Set<Digest>(pins.flatMap(pin => Object.values(pin.results)))
  const chosen = chooseRemovals(inventory, { pinned, since }, limits, await clockOf(`${cache.dir}/tmp`))
  const removed: Removal[] = []
  for (const removal of chosen) if (isDry || (await removeEntry(cache, removal.entry))) removed.push(removal)
  // A run that lives may be making them again.
  if (!isDry && since === undefined) for (const record of deadRecords(inventory)) await cache.forget(record.key)
  if (!isDry) await cache.leases.sweep()
  const left = bytesOf(inventory.entries) - removed.reduce((sum, r) => sum + r.bytes, 0)
  context.out(report(removed, left, limits, { isDry, pins: pins.map(pin => pin.run), isRunning: since !== undefined }))
  return left
}

const reasons: Readonly<Record<Reason, string>> = { useless: 'of no use', old: 'not used for long', space: 'for space' }

function report(
  removed: readonly Removal[],
  left: number,
  { maxBytes }: Limits,
  { isDry, pins, isRunning }: { isDry: boolean; pins: readonly string[]; isRunning: boolean },
): string {
  const freed = removed.reduce((sum, r) => sum + r.bytes, 0)
  const lines = (Object.keys(reasons) as Reason[]).flatMap(reason => {
    const of = removed.filter(r => r.reason === reason)
    const bytes = new Map(of.map(r => [r.entry, r.bytes]))
    return [...grouped(of.map(r => r.entry))].map(([what, entries]) => [
      what,
      String(entries.length),
      sizeWords(entries.reduce((sum, e) => sum + bytes.get(e)!, 0)),
      reasons[reason],
      `last used ${agoWords(Math.max(...entries.map(e => e.lastUsed)))}`,
    ])
  })
  const would = isDry ? 'would go' : 'removed'
  const sum = `${would}: ${plural(removed.length, 'thing')}, ${sizeWords(freed)}; ${sizeWords(left)} ${isDry ? 'would stay' : 'stay'}`
  const kept = [...(pins.length ? [`what is pinned (${pins.join(', ')})`] : []), ...(isRunning ? ['what runs use now'] : [])]
  const more = maxBytes !== undefined && left > maxBytes ? [`${sizeWords(maxBytes)} cannot be reached: ${kept.join(' and ')} stays`] : []
  return `${[...(lines.length ? aligned(lines, [1, 2]) : []), sum, ...more].join('\n')}\n`
}
