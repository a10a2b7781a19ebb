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
    .action(async () => {
      const { pipelineSchema } = await import('../pipeline/schema.ts')
      context.out(`${JSON.stringify(pipelineSchema(await context.registry()), undefined, 2)}\n`)
    })
}
