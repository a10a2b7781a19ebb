import { rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { cacheDir, type CommonOptions, type Context } from './context.ts'

/** What of a cache can be removed, folder by folder. */
const parts = ['results', 'artifacts', 'scratch', 'tmp', 'stats', 'damaged'] as const

export function addClean(program: Command, context: Context): void {
  program
    .command('clean')
    .summary('empty the cache')
    .description('Removes the results, artifacts and unfinished work of the cache. Always safe: what is needed again is made again.')
    .option('--cache <dir>', 'which cache (default: VOXELPIPE_CACHE, else cache)')
    .option('--dry-run', 'say what would go, remove nothing')
    .addHelpText('after', '\nExamples:\n  pipe clean --dry-run\n  pipe clean')
    .action(async (flags: CommonOptions & { dryRun?: boolean }) => {
      const { listFiles, mapLimited } = await import('../files.ts')
      const dir = resolve(context.cwd, cacheDir(flags, context))
      for (const part of parts) {
        const folder = join(dir, part)
        const files = await listFiles(folder).catch(() => [])
        if (files.length === 0) continue
        const inodes = new Map<number, number>()
        await mapLimited(files, 32, async f =>
          stat(join(folder, f)).then(
            s => inodes.set(s.ino, s.size),
            () => undefined,
          ),
        )
        const bytes = [...inodes.values()].reduce((a, b) => a + b, 0)
        context.out(`${part.padEnd(10)} ${String(files.length).padStart(7)} files  ${(bytes / 1e6).toFixed(1).padStart(9)} MB\n`)
        if (!flags.dryRun) await rm(folder, { recursive: true, force: true })
      }
      context.out(flags.dryRun ? 'nothing was removed (--dry-run)\n' : `${dir} is empty\n`)
    })
}
