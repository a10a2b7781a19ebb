import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { PipelineFacts } from '../compare/facts.ts'
import type { Result } from '../failure.ts'
import { loadOnly, UsageError, type Context } from './context.ts'
import { shownPath } from './print.ts'

interface DiffFlags {
  readonly out: string
  readonly json?: boolean
}

/** A pipeline, and how it is called. */
interface Side {
  readonly name: string
  readonly facts: PipelineFacts
}

export function addDiff(program: Command, context: Context): void {
  program
    .command('diff')
    .argument('<a>', 'a pipeline file, or a run as pipe compare takes it')
    .argument('<b>', 'another')
    .summary('in what two pipelines differ, as they run')
    .description(
      'Compares two pipelines with variables replaced and defaults filled in: steps, nodes, inputs, params, versions of code. Runs nothing.',
    )
    .option('--out <dir>', 'where the runs are listed', 'runs')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  pipe diff quickstart@2 quickstart
  pipe diff runs/quickstart/latest pipelines/quickstart.yaml     what was edited since the run`,
    )
    .action(async (a: string, b: string, flags: DiffFlags) => {
      const { differences } = await import('../compare/differences.ts')
      const sides = [await sideOf(a, flags, context), await sideOf(b, flags, context)]
      const found = differences(sides.map(side => side.facts))
      if (flags.json)
        return context.out(
          `${JSON.stringify(
            found.map(d => ({ ...d, values: d.values.map(v => v ?? null) })),
            undefined,
            2,
          )}\n`,
        )
      const { differenceLines } = await import('./difference-text.ts')
      sides.forEach((side, i) => context.out(`${'AB'.charAt(i)}  ${side.name}\n`))
      context.out(`\n${differenceLines(found, ['A', 'B']).join('\n')}\n`)
    })
}

async function sideOf(reference: string, flags: DiffFlags, context: Context): Promise<Side> {
  const path = resolve(context.cwd, reference)
  const isFile =
    /\.(ya?ml|json)$/.test(reference) ||
    (await stat(path).then(
      s => s.isFile(),
      () => false,
    ))
  return isFile ? fileSide(reference, context) : runSide(reference, flags, context)
}

async function fileSide(file: string, context: Context): Promise<Side> {
  const [{ factsOf }, pipeline] = await Promise.all([import('../compare/facts.ts'), loadOnly(file, [], context)])
  return { name: file, facts: valueOf(factsOf(pipeline, { voxelpipe: context.version })) }
}

async function runSide(reference: string, flags: DiffFlags, context: Context): Promise<Side> {
  const { findRun } = await import('../compare/find-run.ts')
  const { dir, facts } = valueOf(await findRun(reference, { out: flags.out, cwd: context.cwd }))
  return { name: shownPath(dir, context.cwd), facts }
}

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new UsageError(result.failures)
  return result.value
}
