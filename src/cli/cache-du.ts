import type { Command } from 'commander'
import type { Entry } from '../upkeep/inventory.ts'
import { openCache, withCache, type CacheFlags } from './cache-options.ts'
import { aligned } from './columns.ts'
import type { Context } from './context.ts'
import { sizeWords } from './run-words.ts'
import { durationWords, plural } from './units.ts'

export function addCacheDu(group: Command, context: Context): void {
  withCache(group.command('du'))
    .summary('what the cache holds: how much, of which step, last used when')
    .description('Shows what lies in the cache, the largest first. Files that results share (hard links) are counted once in the sum.')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExamples:\n  pipe cache du\n  pipe cache du --cache /data/cache --json')
    .action(async (flags: CacheFlags & { json?: boolean }) => {
      const [{ takeInventory, bytesOf }, { readPins }] = await Promise.all([import('../upkeep/inventory.ts'), import('../upkeep/pins.ts')])
      const cache = await openCache(flags, context)
      const { entries, records } = await takeInventory(cache)
      const pins = (await readPins(cache.dir)).map(pin => pin.run)
      await cache.close()
      const rows = rowsOf(entries, bytesOf)
      const total = { dir: cache.dir, bytes: bytesOf(entries), records: records?.length, pins }
      context.out(flags.json ? `${JSON.stringify({ ...total, rows }, undefined, 2)}\n` : text(rows, total))
    })
}

interface Row {
  readonly what: string
  readonly count: number
  readonly bytes: number
  /** In ms since 1970. */
  readonly lastUsed: number
}

function rowsOf(entries: readonly Entry[], bytesOf: (entries: readonly Entry[]) => number): readonly Row[] {
  const rows = [...grouped(entries)].map(([what, of]) => ({
    what,
    count: of.length,
    bytes: bytesOf(of),
    lastUsed: Math.max(...of.map(e => e.lastUsed)),
  }))
  return rows.sort((a, b) => b.bytes - a.bytes || (a.what < b.what ? -1 : 1))
}

/** By the step that they are of, else by what they are. */
export function grouped(entries: readonly Entry[]): ReadonlyMap<string, readonly Entry[]> {
  const groups = new Map<string, Entry[]>()
  for (const entry of entries) {
    const what = nameOf(entry)
    groups.set(what, [...(groups.get(what) ?? []), entry])
  }
  return groups
}

const kinds = { result: '(no record)', unfinished: '(unfinished work)', damaged: '(damaged)', leftover: '(left by a kill)' } as const

/** The step of its own record before that of a step that it is an element of: they are the same. */
const nameOf = ({ kind, records }: Entry): string => records[0]?.step ?? kinds[kind]

function text(
  rows: readonly Row[],
  { dir, bytes, records, pins }: { dir: string; bytes: number; records: number | undefined; pins: readonly string[] },
): string {
  const head = ['step', 'results', 'size', 'last used']
  const table = rows.map(row => [row.what, String(row.count), sizeWords(row.bytes), agoWords(row.lastUsed)])
  const known = records === undefined ? 'records that cannot be listed' : plural(records, 'record')
  const kept = pins.length ? [`pinned: ${pins.join(', ')}`] : []
  return `${[...(rows.length ? aligned([head, ...table], [1, 2]) : []), `${dir}: ${sizeWords(bytes)}, ${known}`, ...kept].join('\n')}\n`
}

/** `3 days ago`, `12.3 s ago`. */
export function agoWords(time: number): string {
  const ms = Math.max(0, Date.now() - time)
  const days = Math.floor(ms / 86_400_000)
  return days > 1 ? `${days} days ago` : `${durationWords(ms)} ago`
}
