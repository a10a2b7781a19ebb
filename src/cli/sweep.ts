import { setMaxListeners } from 'node:events'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Listener } from '../event.ts'
import type { RunFolder } from '../runs.ts'
import type { Sweep } from '../sweep/load.ts'
import type { Merged } from '../sweep/merge.ts'
import { EXIT, loadingOf, openLoaded, UsageError, type CommonOptions, type Context, type Opened } from './context.ts'
import { withPipeline } from './options.ts'
import { pipeCommand, quoted } from './shell.ts'
import { asError, makeScreen, plainLog, positive } from './run.ts'
import { stopOnCtrlC } from './stop.ts'
import type { Sweeping, TrialResult } from './sweep-trials.ts'
import { durationWords, plural } from './units.ts'

interface SweepFlags extends CommonOptions {
  readonly jobs?: number
  readonly max?: number
  readonly metric?: string
  readonly dryRun?: boolean
  readonly keepGoing?: boolean
  readonly json?: boolean
  readonly out: string
}

export function addSweep(program: Command, context: Context): void {
  withPipeline(program.command('sweep'))
    .summary('run a pipeline with many values: what trials share runs once')
    .description(
      'Runs every trial of the sweep: block of a pipeline, or of a file that names one (pipeline: ./x.yaml). Steps that trials have in common run once.',
    )
    .option('--dry-run', 'say how many trials and steps there are, and how long they take; run nothing')
    .option('--max <n>', 'at most so many trials, the first ones', positive('--max'))
    .option('--metric <name>', 'what the table is ranked by, such as dice or hd95_class0 (default: dice, else the first metric)')
    .option('--jobs <n>', 'how many steps or images at a time (default: the number of processors)', positive('--jobs'))
    .option('--keep-going', 'after a failure, finish what does not depend on it')
    .option('--json', 'print one JSON object a line for everything that happens')
    .option('--out <dir>', 'where the runs are listed', 'runs')
    .addHelpText(
      'after',
      `
Examples:
  pipe sweep pipelines/quickstart-sweep.yaml --dry-run
  pipe sweep pipelines/quickstart-sweep.yaml --max 2

The block:
  sweep:
    grid: { model.network.depth: [2, 3], model.batch_size: [8, 16] }   every combination
    repeats: 3                                                         each with 3 seeds
    halving: { step: model, epochs: [4, 16, 64] }                      of three trainings, one goes on
also zip, list, choice, uniform and log_uniform with samples, include, exclude, when, folds.

Results: a run for each trial, runs/<pipeline>/<run>/, and runs/<pipeline>/sweeps/latest/trials.csv and trials.json, best first; sweep.html to look at;
with repeats or folds also variants.csv, with means and standard deviations over them.
Stopped or killed: the same command goes on. Exit codes: as those of pipe run.`,
    )
    .action(async (file: string, flags: SweepFlags) => {
      process.exitCode = await sweep(file, flags, context)
    })
}

async function sweep(file: string, flags: SweepFlags, context: Context): Promise<number> {
  const [{ loadSweep }, { merge }] = await Promise.all([import('../sweep/load.ts'), import('../sweep/merge.ts')])
  const loaded = await loadSweep(file, await loadingOf(flags.set ?? [], context), flags.max)
  if (!loaded.ok) throw new UsageError(loaded.failures)
  const { base, trials, all, repeated, halved } = loaded.value
  const merged = merge(trials.map(trial => trial.pipeline))
  const opened = await openLoaded({ ...base, steps: merged.steps }, flags, context)
  try {
    const cost = await costOf(opened, { trials: trials.length, of: all, isHalved: halved !== undefined })
    context.out(flags.json ? `${JSON.stringify({ type: 'sweep-planned', ...cost })}\n` : `${costWords(cost)}\n`)
    return flags.dryRun ? EXIT.done : await runTrials(file, flags, context, opened, { trials, repeated, halved }, merged)
  } finally {
    await opened.cache.close()
  }
}

/** What a sweep costs, before it runs. */
interface Cost {
  readonly trials: number
  /** Of how many, without --max. */
  readonly of: number
  readonly steps: number
  readonly toRun: number
  readonly cached: number
  /** One step after the other, as long as they took before. */
  readonly expectedMs: number
  /** Steps to run whose node has never run here. */
  readonly untimed: number
  /** Trainings are stopped on the way: fewer steps will run. */
  readonly isHalved: boolean
}

async function costOf({ graph, setting }: Opened, sweep: Pick<Cost, 'trials' | 'of' | 'isHalved'>): Promise<Cost> {
  const { planPipeline } = await import('../plan.ts')
  const plans = await planPipeline(graph, setting)
  const toRun = plans.flatMap(plan => (plan.state === 'fresh' ? [] : [plan]))
  const times = toRun.flatMap(plan => (plan.expectedMs === undefined ? [] : [plan.expectedMs]))
  const counts = { steps: plans.length, toRun: toRun.length, cached: plans.length - toRun.length }
  return { ...sweep, ...counts, expectedMs: times.reduce((a, b) => a + b, 0), untimed: toRun.length - times.length }
}

function costWords({ trials, of, steps, toRun, cached, expectedMs, untimed, isHalved }: Cost): string {
  const some = of > trials ? ` of ${of}` : ''
  const head = `${plural(trials, 'trial')}${some}, ${plural(steps, 'step')}: ${isHalved ? 'at most ' : ''}${toRun} to run, ${cached} from the cache`
  const time = expectedMs > 0 ? [`${isHalved ? 'at most' : 'about'} ${durationWords(expectedMs)}, as long as such steps took before`] : []
  const unknown = untimed > 0 ? [`${plural(untimed, 'step')} of an unknown time`] : []
  return [head, ...time, ...unknown].join('; ')
}

async function runTrials(
  file: string,
  flags: SweepFlags,
  context: Context,
  opened: Opened,
  { trials, repeated, halved }: Pick<Sweep, 'trials' | 'repeated' | 'halved'>,
  merged: Merged,
): Promise<number> {
  const [{ environmentOf, openRun, SWEEP_FILE, SWEEPS }, { gitState }, { TrialRuns }, { Rungs }] = await Promise.all([
    import('../runs.ts'),
    import('../git-state.ts'),
    import('./sweep-trials.ts'),
    import('../sweep/rungs.ts'),
  ])
  const { setting, pipeline, cache, device } = opened
  await cache.assertWritable()
  const versions = { voxelpipe: context.version, engine: setting.engine, chosen: device.why }
  const environment = await environmentOf(versions, gitState(dirname(resolve(context.cwd, file))))
  const out = resolve(context.cwd, flags.out)
  const folder = await openRun(join(out, pipeline.name), { ...pipeline, name: SWEEPS }, environment, new Date())
  const plan = trials.map(({ values }, i) => ({ trial: i + 1, values, steps: Object.fromEntries(merged.names[i]!) }))
  await folder.put(SWEEP_FILE, `${JSON.stringify({ format: 1, file, trials: plan }, undefined, 2)}\n`)
  const rungs = halved && new Rungs(halved, merged.names)
  const sweeping: Sweeping = { opened, trials, merged, file, id: folder.id, out, environment, rungs }
  const runs = new TrialRuns(sweeping)
  const screen = await makeScreen(flags, context, opened, folder.dir)
  const listeners = [...(rungs ? [rungs.listener] : []), folder.listener, screen, await plainLog(opened, folder), runs.listener]
  const { ok, stopped } = await runMerged(flags, context, sweeping, folder, listeners, runs)
  if (rungs) await folder.put('rungs.json', `${JSON.stringify(rungs.record(), undefined, 2)}\n`)
  await tell(flags, context, folder, pipeline.name, await runs.results(), repeated)
  await folder.close(ok)
  return ok ? EXIT.done : stopped ? EXIT.cancelled : EXIT.failed
}

interface Shows {
  show(step: string, artifact: Parameters<RunFolder['show']>[1]): void
}

/** All trials as one pipeline, in one run of the scheduler. */
async function runMerged(
  flags: SweepFlags,
  context: Context,
  { opened, file, rungs }: Sweeping,
  folder: RunFolder,
  listeners: readonly Listener[],
  runs: Shows,
): Promise<{ readonly ok: boolean; readonly stopped: boolean }> {
  const [{ isWell, runPipeline }, { processExecutor }, { availableParallelism }, { sweepWork }] = await Promise.all([
    import('../scheduler.ts'),
    import('../exec/process.ts'),
    import('node:os'),
    import('../cache.ts'),
  ])
  const { setting, pipeline, graph, cache, device } = opened
  const cores = availableParallelism()
  const emit: Listener = event => listeners.forEach(listener => listener(event))
  const wanted = new Set(pipeline.steps.keys())
  const computes = [...pipeline.steps.values()].some(step => step.node.computes)
  const head = { pipeline: pipeline.name, file, run: folder.id, dir: folder.dir, steps: [...wanted] }
  const { signal, release } = stopOnCtrlC(context)
  // Every open step listens, and a sweep has many: no leak, of which Node would warn.
  setMaxListeners(0, signal)
  const started = performance.now()
  emit({ type: 'run-started', ...head, ...(computes && { engine: `${setting.engine}: ${device.why}` }) })
  void sweepWork(cache.dir)
  // Told at the end: the cache has the results, and a step that goes on should.
  const shown: Promise<Error | undefined>[] = []
  const outcomes = await runPipeline({
    ...{ setting, graph, emit, wanted, signal, cores, gpus: device.gpus },
    ...(rungs && { gate: rungs.gate }),
    show(step, artifact) {
      rungs?.show(step, artifact)
      runs.show(step, artifact)
      shown.push(folder.show(step, artifact).then(() => undefined, asError))
    },
    executor: processExecutor(context.main, context.env),
    forced: new Set<string>(),
    jobs: flags.jobs ?? cores,
    keepGoing: flags.keepGoing ?? false,
    runDir: folder.dir,
  })
  release()
  const hows = [...outcomes.values()].map(outcome => outcome.how)
  const count = (how: (typeof hows)[number]): number => hows.filter(h => h === how).length
  const ok = [...outcomes.values()].every(isWell)
  const counts = { ran: count('ran'), cached: count('cached'), failed: count('failed') }
  emit({ type: 'run-done', ok, ms: Math.round(performance.now() - started), ...counts })
  const unshown = (await Promise.all(shown)).find(error => error !== undefined)
  if (unshown) throw unshown
  return { ok, stopped: signal.aborted }
}

/** The tables on the screen, and as files in the folder of the sweep. */
async function tell(
  flags: SweepFlags,
  context: Context,
  folder: RunFolder,
  name: string,
  results: readonly TrialResult[],
  repeated: readonly string[],
): Promise<void> {
  const [
    { rank, tableLines, trialsCsv },
    { variantLines, variantsCsv, variantsOf },
    { printFailure, shownPath },
    { sweptTrials },
    { sweepPage },
  ] = await Promise.all([
    import('./sweep-table.ts'),
    import('./sweep-variants.ts'),
    import('./print.ts'),
    import('./swept-trials.ts'),
    import('../pages/sweep-page.ts'),
  ])
  const { unknown, ...ranked } = rank(results, flags.metric)
  const variants = variantsOf(ranked, repeated)
  const all = { ...ranked, ...(variants.length > 0 && { variants }) }
  // The trials are there, and their table is: a slip in a name does not take it away.
  if (unknown) context.err(printFailure(unknown))
  const csv = await folder.put('trials.csv', trialsCsv(ranked))
  const page = await folder.put('sweep.html', sweepPage(sweptTrials(name, ranked)))
  const files = variants.length > 0 ? [csv, await folder.put('variants.csv', variantsCsv(variants)), page] : [csv, page]
  await folder.put('trials.json', `${JSON.stringify(all, undefined, 2)}\n`)
  if (flags.json) return context.out(`${JSON.stringify({ type: 'sweep-done', dir: folder.dir, ...all })}\n`)
  const tables = [tableLines(ranked), ...(variants.length > 0 ? [variantLines(variants, ranked.by)] : [])]
  const shown = tables.map(lines => `\n${lines.join('\n')}\n`).join('')
  context.out(`${shown}\n${files.map(file => `${shownPath(file, context.cwd)}\n`).join('')}`)
  const [best, second] = ranked.trials.filter(trial => trial.state === 'done')
  const place = flags.out === 'runs' ? '' : ` --out ${quoted(flags.out)}`
  if (second) context.out(`the best two, subject by subject: ${pipeCommand(context.env)} compare ${second.run} ${best!.run}${place}\n`)
}
