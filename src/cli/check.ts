import type { Command } from 'commander'
import { openPipeline, type CommonOptions, type Context } from './context.ts'
import { withPipeline } from './options.ts'

export function addCheck(program: Command, context: Context): void {
  withPipeline(program.command('check'))
    .summary('all mistakes of a pipeline file in one go')
    .description('Reads a pipeline and reports every mistake with its line, what is wrong, and the nearest right name. Runs nothing.')
    .addHelpText('after', '\nExample:\n  pipe check pipelines/quickstart.yaml')
    .action(async (file: string, flags: CommonOptions) => {
      const { pipeline, cache } = await openPipeline(file, flags, context)
      await cache.close()
      context.out(`${file} is right: ${pipeline.steps.size} steps\n`)
    })
}
