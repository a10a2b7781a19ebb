import type { Command } from 'commander'
import type { Checked, Fault } from '../upkeep/check.ts'
import { openCache, withCache, type CacheFlags } from './cache-options.ts'
import { EXIT, type Context } from './context.ts'
import { shownPath } from './print.ts'
import { sizeWords } from './run-words.ts'
import { plural } from './units.ts'

export function addCacheVerify(group: Command, context: Context): void {
  withCache(group.command('verify'))
    .summary('read every byte of the cache, set aside what is wrong')
    .description(
      'Reads every file of every result and compares it with its digest, and every record with its key. What is wrong is moved to the folder "damaged" of the cache, so that the next run makes it again.',
    )
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  pipe cache verify
  pipe cache verify --cache /data/cache --json

A run notices files that were written to, cut short or removed by itself; bits that a disk lost without a trace are found here.
Exit codes: 0 all is well, 1 something was wrong.`,
    )
    .action(async (flags: CacheFlags & { json?: boolean }) => {
      const [{ takeInventory }, { checkCache }] = await Promise.all([import('../upkeep/inventory.ts'), import('../upkeep/check.ts')])
      const cache = await openCache(flags, context)
      await cache.assertWritable()
      const isShown = process.stderr.isTTY && !flags.json
      const checked = await checkCache(cache, await takeInventory(cache), (done, total) => {
        if (isShown) context.err(`\r${done}/${total} results${done === total ? '\n' : ''}`)
      })
      await cache.close()
      context.out(flags.json ? `${JSON.stringify(checked, undefined, 2)}\n` : checkedText(checked, context))
      if (checked.faults.length > 0) process.exitCode = EXIT.failed
    })
}

/** What was read, what was wrong, and what follows. */
export function checkedText({ results, records, bytes, faults }: Checked, context: Context): string {
  const lines = faults.flatMap(fault => faultLines(fault, context))
  const affected = [...new Set(faults.flatMap(f => f.affected))].sort()
  const read = `${plural(results, 'result')} (${sizeWords(bytes)}) and ${plural(records, 'record')} read`
  if (faults.length === 0) return `${read}: all is well\n`
  const again = affected.length ? [`the next run that needs them makes them again: ${affected.join(', ')}`] : []
  return `${[...lines, `${read}: ${faults.length} ${faults.length === 1 ? 'is' : 'are'} wrong`, ...again].join('\n')}\n`
}

function faultLines({ kind, id, detail, movedTo, affected }: Fault, context: Context): readonly string[] {
  const of = affected.length ? affected.join(', ') : 'a step that is not known'
  const went = movedTo === undefined ? 'it was removed' : `it was moved to ${shownPath(movedTo, context.cwd)}`
  return [`${kind} ${id.slice(0, 12)} of ${of}: ${detail}`, `    ${went}`]
}
