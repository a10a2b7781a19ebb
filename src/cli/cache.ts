import type { Command } from 'commander'
import { addCacheDu } from './cache-du.ts'
import { addCacheGc } from './cache-gc.ts'
import { addCachePins } from './cache-pins.ts'
import { addCacheVerify } from './cache-verify.ts'
import type { Context } from './context.ts'

export function addCache(program: Command, context: Context): void {
  const group = program
    .command('cache')
    .summary('look after the cache: sizes, removing, checking, pins')
    .description('Looks after the folder of results. Always safe: what is removed and needed again is made again.')
    .addHelpText(
      'after',
      `
Examples:
  pipe cache du                                    what lies in it, by step
  pipe cache gc --max-size 20GB --older-than 30d   remove what was used least recently
  pipe cache verify                                read every byte, set aside what is wrong
  pipe cache pin unet                              keep the results of the latest run of unet`,
    )
  addCacheDu(group, context)
  addCacheGc(group, context)
  addCacheVerify(group, context)
  addCachePins(group, context)
}
