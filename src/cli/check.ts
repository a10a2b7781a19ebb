import type { Command } from 'commander'
import { openPipeline, type CommonOptions, type Context } from './context.ts'
import { withPipeline } from './options.ts'

export function addCheck(program: Command, context: Context): void {
  withPipeline(program.command('check'))
    .summary('all mistakes of a pipeline file in one go; with --data, all that is wrong with its images')
    .description('Reads a pipeline and reports every mistake with its line, what is wrong, and the nearest right name. Runs nothing.')
    .option('--data', 'get the datasets, read every image and label, and name all that does not fit')
    .addHelpText(
      'after',
      `
Examples:
  pipe check pipelines/quickstart.yaml
  pipe check pipelines/hippocampus.yaml --data --set dataset.path=/data/hippocampus

With --data: shapes and places of labels that differ from their image's, NaN, empty labels, values other than 0 and 1, images
and labels that are missing or there twice, and a table of contrasts, orientations and spacings.
Exit codes: 0 nothing that would stop a run, 1 data that would stop it, 2 wrong usage or pipeline.`,
    )
    .action(async (file: string, flags: CommonOptions & { data?: boolean }) => {
      const opened = await openPipeline(file, flags, context)
      try {
        context.out(`${file} is right: ${opened.pipeline.steps.size} steps\n`)
        if (!flags.data) return
        const { checkPipelineData } = await import('./check-data.ts')
        process.exitCode = await checkPipelineData(opened, context)
      } finally {
        await opened.cache.close()
      }
    })
}
