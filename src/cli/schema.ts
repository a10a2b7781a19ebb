import type { Command } from 'commander'
import type { Context } from './context.ts'

export function addSchema(program: Command, context: Context): void {
  program
    .command('schema')
    .summary('the JSON Schema of pipeline files, for editors')
    .description('Prints the JSON Schema of pipeline files, so that editors complete and check them.')
    .addHelpText(
      'after',
      `
Example:
  pipe schema > pipeline.schema.json
and as the first line of a pipeline:
  # yaml-language-server: $schema=./pipeline.schema.json`,
    )
    .option('--sweep', 'that of files that sweep a pipeline of another file')
    .action(async (flags: { readonly sweep?: boolean }) => {
      const { pipelineSchema, sweepFileSchema } = await import('../pipeline/schema.ts')
      const schema = flags.sweep ? sweepFileSchema() : pipelineSchema(await context.registry())
      context.out(`${JSON.stringify(schema, undefined, 2)}\n`)
    })
}
