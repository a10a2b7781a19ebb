import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Listener } from '../event.ts'
import type { RunFolder } from '../runs.ts'
import type { Outcome } from '../scheduler.ts'
import { EXIT, openPipeline, UsageError, type CommonOptions, type Context, type Opened } from './context.ts'
import { withPipeline } from './options.ts'
import { stopOnCtrlC } from './stop.ts'
import { shownPath } from './print.ts'
import { pipeCommand, quoted } from './shell.ts'

interface RunFlags extends CommonOptions {
  readonly only?: string
  readonly from?: string
  readonly until?: string
  readonly force?: readonly string[]
  readonly jobs?: number
  readonly keepGoing?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
  readonly out: string
}

export function addRun(program: Command, context: Context): void {
  withPipeline(program.command('run'))
    .summary('run a pipeline: only what is stale')
    .description('Runs a pipeline. Steps whose params, inputs, code and files are what they were are taken from the cache.')
    .option('--only <step>', 'run this step alone; what it needs must be up to date')
    .option('--from <step>', 'run this step and what uses it; what it needs must be up to date')
    .option('--until <step>', 'run this step and what it needs, and nothing after it')
    .option(
      '--force <step>',
      'run this step although nothing changed; may be given several times',
      (v: string, all: readonly string[] | undefined) => [...(all ?? []), v],
    )
    .option('--jobs <n>', 'how many steps or images at a time (default: the number of processors)', positive('--jobs'))
    .option('--keep-going', 'after a failure, finish what does not depend on it')
    .option('--json', 'print one JSON object a line for everything that happens')
    .option('-q, --quiet', 'print nothing but failures')
    .option('--out <dir>', 'where the runs are listed', 'runs')
    .addHelpText(
      'after',
      `
Examples:
  pipe run pipelines/quickstart.yaml
  pipe run pipelines/spinegeneric.yaml --set model.training_time.num_epochs=10
  pipe run pipelines/spinegeneric.yaml --until model      train only
  pipe run pipelines/spinegeneric.yaml --from predictions predict and evaluate again
  pipe run pipelines/hippocampus.yaml --set dataset.path=/data/hippocampus

Results: runs/<pipeline>/latest/<step>/. Exit codes: 0 done, 1 a step failed, 2 wrong usage or pipeline, 130 stopped.`,
    )
    .action(async (file: string, flags: RunFlags) => {
      process.exitCode = await run(file, flags, context)
    })
}

async function run(file: string, flags: RunFlags, context: Context): Promise<number> {
  // Another process, asked early: it answers while this one reads.
  const git = import('../git-state.ts').then(({ gitState }) => gitState(dirname(resolve(context.cwd, file))))
  const opened = await openPipeline(file, flags, context, true)
  const wanted = selection(opened, flags)
  const [{ runPipeline }, { openRun, environmentOf }, { processExecutor }, { availableParallelism }, { sweepWork }] = await Promise.all([
    import('../scheduler.ts'),
    import('../runs.ts'),
    import('../exec/process.ts'),
    import('node:os'),
    import('../cache.ts'),
  ])
  const cores = availableParallelism()
  const { setting, pipeline, graph, cache, device } = opened
  await cache.assertWritable()
  const environment = await environmentOf({ voxelpipe: context.version, engine: setting.engine, chosen: device.why }, git)
  const folder = await openRun(resolve(context.cwd, flags.out), pipeline, environment, new Date())
  const { pagesOf, Remembered } = await import('./pages.ts')
  const remembered = new Remembered()
  const listeners = [
    folder.listener,
    await makeScreen(flags, context, opened, folder.dir, nextLines(folder.dir, context)),
    await plainLog(opened, folder),
    remembered.listener,
  ]
  const emit: Listener = event => {
    for (const listener of listeners) listener(event)
  }
  const { signal, release } = stopOnCtrlC(context)
  const started = performance.now()
  const computes = [...wanted].some(id => pipeline.steps.get(id)!.node.computes)
  emit({
    type: 'run-started',
    pipeline: pipeline.name,
    file,
    run: folder.id,
    dir: folder.dir,
    steps: [...wanted],
    ...(computes && { engine: `${setting.engine}: ${device.why}` }),
  })
  void sweepWork(cache.dir)
  // Told at the end: the cache has the results, and a step that goes on should.
  const shown: Promise<Error | undefined>[] = []
  const outcomes = await runPipeline({
    setting,
    graph,
    show: (step, artifact) => void shown.push(folder.show(step, artifact).then(() => undefined, asError)),
    executor: processExecutor(context.main, context.env),
    emit,
    wanted,
    forced: new Set(flags.force ?? []),
    jobs: flags.jobs ?? cores,
    cores,
    gpus: device.gpus,
    keepGoing: flags.keepGoing ?? false,
    signal,
    runDir: folder.dir,
  })
  release()
  const unshown = (await Promise.all(shown)).find(error => error !== undefined)
  const count = (how: Outcome['how']): number => [...outcomes.values()].filter(o => o.how === how).length
  const ok = count('failed') + count('skipped') === 0
  // Told at the end, too.
  const pages = await pagesOf({ opened, folder, environment, outcomes, remembered }).catch(asError)
  emit({
    type: 'run-done',
    ok,
    ms: Math.round(performance.now() - started),
    ran: count('ran'),
    cached: count('cached'),
    failed: count('failed'),
    ...(pages && !(pages instanceof Error) && { pages }),
  })
  await folder.close(ok)
  await cache.close()
  if (unshown !== undefined) throw unshown
  if (pages instanceof Error) throw pages
  return ok ? EXIT.done : signal.aborted ? EXIT.cancelled : EXIT.failed
}

/** What was thrown, as an error. */
export const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

/** Which steps may run. */
function selection({ graph, pipeline }: Opened, flags: RunFlags): Set<string> {
  const named = [flags.only, flags.from, flags.until, ...(flags.force ?? [])].filter(s => s !== undefined)
  const unknown = named.filter(s => !pipeline.steps.has(s))
  if (unknown.length > 0) throw new UsageError(unknown.map(name => ({ kind: 'unknown-step', name, known: [...pipeline.steps.keys()] })))
  const ends = [...(flags.from === undefined ? [] : ['--from']), ...(flags.until === undefined ? [] : ['--until'])]
  if (flags.only !== undefined && ends.length > 0) throw new UsageError([{ kind: 'only-and-more', options: ends }])
  if (flags.only !== undefined) return new Set([flags.only])
  const all = new Set(pipeline.steps.keys())
  const after = flags.from === undefined ? all : graph.downstream([flags.from])
  const before = flags.until === undefined ? all : graph.upstream([flags.until])
  const chosen = [...all].filter(s => after.has(s) && before.has(s))
  if (chosen.length === 0) throw new UsageError([{ kind: 'no-steps-between', from: flags.from!, until: flags.until! }])
  return new Set(chosen)
}

/** What is printed while a pipeline runs. */
export async function makeScreen(
  flags: { readonly json?: boolean; readonly quiet?: boolean },
  context: Context,
  opened: Opened,
  runDir: string,
  next?: NextLines,
): Promise<Listener> {
  if (flags.json) {
    const { jsonLines } = await import('./jsonl.ts')
    return jsonLines(line => context.out(line))
  }
  const { isDrawable, terminal } = await import('./terminal.ts')
  const steps = [...opened.pipeline.steps.keys()]
  const plain = !isDrawable(context.env)
  return terminal({ ...{ stream: process.stdout, steps, runDir, plain }, quiet: flags.quiet ?? false, ...(next && { next }) })
}

/** What can be done after a run. */
type NextLines = (ok: boolean) => readonly string[]

const nextLines =
  (runDir: string, { cwd, env }: Context): NextLines =>
  ok => {
    const pipe = pipeCommand(env)
    return ok
      ? [`look at it: ${pipe} view ${quoted(shownPath(join(dirname(runDir), 'latest'), cwd))}`]
      : [`to go on: ${pipe} ${process.argv.slice(2).map(quoted).join(' ')}`]
  }

/** `run.log` of the run: what the screen of a plain terminal shows. */
export async function plainLog({ pipeline }: Pick<Opened, 'pipeline'>, folder: RunFolder): Promise<Listener> {
  const { terminal } = await import('./terminal.ts')
  return terminal({ stream: { write: text => folder.write(text) }, steps: [...pipeline.steps.keys()], runDir: folder.dir })
}

/** Reads an option that counts. */
export const positive =
  (option: string) =>
  (text: string): number => {
    const n = Number(text)
    if (!Number.isInteger(n) || n < 1)
      throw new UsageError([{ kind: 'bad-option', option, given: text, wants: 'a whole number of at least 1' }])
    return n
  }
