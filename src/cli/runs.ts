import { basename, extname, resolve } from 'node:path'
import type { Command } from 'commander'
import { headColumns } from '../compare/direction.ts'
import type { Run } from '../compare/run.ts'
import type { Stored } from '../compare/stored.ts'
import { aligned } from './columns.ts'
import { UsageError, type Context } from './context.ts'
import { shownPath } from './print.ts'
import { resultWords, sizeWords, stateColors, timeWords } from './run-words.ts'
import { durationWords, plural } from './units.ts'

interface RunsFlags {
  readonly out: string
  readonly json?: boolean
}

export function addRuns(program: Command, context: Context): void {
  program
    .command('runs')
    .argument('[pipeline]', 'only those of a pipeline (its name, or its file), or of a folder of runs')
    .summary('the runs there are: when, what became of them, metrics, time, size')
    .description(
      'Lists the runs, the newest last: when, which pipeline, what became of it, its metrics, how long it took, and its size on disk.',
    )
    .option('--out <dir>', 'where the runs are listed', 'runs')
    .option('--json', 'as JSON, with all metrics')
    .addHelpText(
      'after',
      `
Examples:
  pipe runs
  pipe runs quickstart
  pipe runs quickstart --json | jq '.runs[-1].metrics'

A run without an end was killed, or is still running. The size is that of all results that a run shows, also of those that other
runs share with it. The times are those of this machine; names of runs have them in UTC.`,
    )
    .action(async (asked: string | undefined, flags: RunsFlags) => {
      const listed = await listRuns(asked, flags, context)
      context.out(flags.json ? `${JSON.stringify(listed, undefined, 2)}\n` : `${linesOf(listed, context).join('\n')}\n`)
    })
}

/** A run as it is listed; null is undefined. */
interface ListedRun {
  readonly name: string
  readonly dir: string
  readonly pipeline: string
  readonly started: string
  readonly state: Run['state']
  readonly result: string
  readonly steps: Readonly<Record<string, string>>
  readonly ms: number
  /** Means by column, of the steps that measured. */
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number | null>>>>
  readonly bytes: number
  readonly remarks: readonly string[]
}

interface Listed {
  readonly runs: readonly ListedRun[]
  /** Of everything together, what is shared counted once. */
  readonly bytes: number
  readonly others: readonly { readonly path: string; readonly why: string }[]
}

async function listRuns(asked: string | undefined, flags: RunsFlags, context: Context): Promise<Listed> {
  const [{ findFolder }, { runsBelow }] = await Promise.all([import('../compare/find-run.ts'), import('../compare/runs-below.ts')])
  const folder = await findFolder(asked, await nameIn(asked, context), { out: flags.out, cwd: context.cwd })
  if (!folder.ok) throw new UsageError(folder.failures)
  const { runs, others } = await runsBelow(folder.value)
  if (runs.length === 0) throw new UsageError([{ kind: 'no-runs', where: shownPath(folder.value, context.cwd) }])
  const { openAll } = await import('../compare/stored.ts')
  const all = new Map<string, number>()
  const listed: ListedRun[] = []
  for (const run of runs) {
    const stored = await openAll(run)
    const sizes = filesOf(stored)
    for (const [digest, size] of sizes) all.set(digest, size)
    listed.push(await describe(run, stored, sumOf(sizes)))
  }
  return { runs: listed, bytes: sumOf(all), others }
}

/** The name of the pipeline in a file that was given in the place of a name. */
async function nameIn(asked: string | undefined, context: Context): Promise<string | undefined> {
  if (asked === undefined || !/\.(ya?ml|json)$/.test(asked)) return undefined
  const { textOf } = await import('../compare/parse.ts')
  const path = resolve(context.cwd, asked)
  const text = await textOf(path)
  if (text === undefined) throw new UsageError([{ kind: 'file-missing', path, role: 'the pipeline file' }])
  return /^name:\s*["']?([\w.-]+)/m.exec(text)?.[1] ?? basename(asked, extname(asked))
}

/** Digest -> bytes, of all files that a run shows. */
const filesOf = (stored: ReadonlyMap<string, Stored>): ReadonlyMap<string, number> =>
  new Map([...stored.values()].flatMap(of => (of.state === 'there' ? of.files.map(f => [f.digest, f.size] as const) : [])))

const sumOf = (sizes: ReadonlyMap<string, number>): number => [...sizes.values()].reduce((a, b) => a + b, 0)

async function describe(run: Run, stored: ReadonlyMap<string, Stored>, bytes: number): Promise<ListedRun> {
  const [{ evaluationOf, metricSteps }, { homeOf, nameOf }, { meansOf }, { lostIn }] = await Promise.all([
    import('../compare/evaluation.ts'),
    import('../compare/find-run.ts'),
    import('../compare/paired.ts'),
    import('../compare/stored.ts'),
  ])
  return {
    name: nameOf(run),
    dir: run.dir,
    pipeline: homeOf(run),
    started: run.started,
    state: run.state,
    result: resultWords(run),
    steps: Object.fromEntries([...run.facts.steps.keys()].map(step => [step, run.steps.get(step)?.how ?? 'not run'])),
    ms: run.ms,
    metrics: Object.fromEntries(
      metricSteps(stored).flatMap(step => {
        const found = evaluationOf(run, step, stored)
        return found ? [[step, meansOf(found.rows, found.columns)]] : []
      }),
    ),
    bytes,
    remarks: [...run.remarks, ...lostIn(stored)],
  }
}

function linesOf({ runs, bytes, others }: Listed, context: Context): string[] {
  const head = ['when', 'run', 'result', 'metrics', 'time', 'size']
  const table = runs.map(run => [
    timeWords(run.started),
    run.name,
    run.result,
    metricsWords(run),
    run.state === 'unfinished' ? '' : durationWords(run.ms),
    sizeWords(run.bytes),
  ])
  const [first, ...lines] = aligned([head, ...table], [4, 5])
  const coloured = lines.map((line, i) => line.replace(runs[i]!.result, text => text.replace(/^\w+/, stateColors[runs[i]!.state])))
  const remarks = runs.flatMap(run => run.remarks.map(remark => `${run.name}: ${remark}`))
  const foreign = others.map(({ path, why }) => `${shownPath(path, context.cwd)} is no run: ${why}`)
  const total = `${plural(runs.length, 'run')}, ${sizeWords(bytes)} in all`
  const more = [...remarks, ...foreign]
  return [first!, ...coloured, '', ...(more.length > 0 ? [...more, ''] : []), total]
}

/** `dice 0.9334 0.8102`: what stands for the whole table. */
function metricsWords({ metrics }: ListedRun): string {
  return Object.values(metrics)
    .map(means => {
      const columns = headColumns(Object.keys(means))
      const name = columns[0]?.replace(/_class\d+$/, '') ?? ''
      return [name, ...columns.map(column => means[column]?.toFixed(4) ?? 'undefined')].join(' ').trim()
    })
    .join('; ')
}
