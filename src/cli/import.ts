import { resolve } from 'node:path'
import type { Command } from 'commander'
import { UsageError, type Context } from './context.ts'
import { importedText } from './imported.ts'

interface ImportFlags {
  readonly output?: string
  readonly allowUnknown?: boolean
}

export function addImport(program: Command, context: Context): void {
  program
    .command('import')
    .summary('a configuration of ivadomed as a pipeline')
    .description('Makes a pipeline of a configuration of ivadomed (config.json), and says which key became which param.')
    .argument('<config>', "ivadomed's configuration, a JSON file")
    .option('-o, --output <file>', 'where to write the pipeline (default: print it)')
    .option('--allow-unknown', 'leave out keys that nobody knows, and say so, in the place of refusing them')
    .addHelpText(
      'after',
      `
Examples:
  pipe import config.json -o pipeline.yaml
  pipe run config.json                        import and run in one go
What it changes, and why: docs/from-ivadomed.md, docs/ivadomed.md`,
    )
    .action(async (file: string, flags: ImportFlags) => {
      const registry = await context.registry()
      const imported = await importedText(file, { ...context, registry, allowUnknown: flags.allowUnknown ?? false })
      if (!imported.ok) throw new UsageError(imported.failures)
      const yaml = imported.value
      if (flags.output === undefined) {
        context.out(yaml)
        return
      }
      const { writeFile } = await import('node:fs/promises')
      try {
        await writeFile(resolve(context.cwd, flags.output), yaml)
      } catch (error) {
        throw new UsageError([{ kind: 'cannot-write', where: flags.output, detail: (error as Error).message }])
      }
      context.out(`${flags.output} is written; look at it, then: pipe run ${flags.output}\n`)
    })
}
