import type { Command } from 'commander'
import type { CompareOptions, Comparison, OpenedRun } from '../compare/compare.ts'
import type { Run } from '../compare/run.ts'
import { UsageError, type Context } from './context.ts'
import { gather } from './options.ts'
import { writeAsked } from './write-file.ts'

interface CompareFlags {
  readonly out: string
  readonly per: string
  readonly by?: string
  readonly metric?: readonly string[]
  readonly allMetrics?: boolean
  readonly step?: string
  readonly top: number
  readonly csv?: string
  readonly html?: string
  readonly json?: boolean
}

export function addCompare(program: Command, context: Context): void {
  program
    .command('compare')
    .argument(
      '<runs...>',
      'folders of runs, their ids or the beginning of one, latest, a pipeline (its latest), pipeline@2 (the one before)',
    )
    .summary('runs side by side: params, metrics, paired tests, who moved most')
    .description(
      'Says in which params runs differ, which steps they share, how their metrics compare (means with 95 % bootstrap intervals; per subject the ' +
        'Wilcoxon signed-rank and the paired t test, two-sided; effect sizes), and which subjects moved most.',
    )
    .option('--by <column>', 'also apart by a column of participants.tsv, a field of sidecars, contrast or session')
    .option('--per <unit>', 'what a test is about: subject (the mean of its images), image', 'subject')
    .option('--metric <name>', 'only this metric (dice) or column (dice_class0); may be given several times', gather)
    .option('--all-metrics', 'show also counts, volumes, and metrics by the size of objects')
    .option('--step <step>', 'the step that measured, where a run has several')
    .option('--top <n>', 'how many of those that moved most are shown', whole, 5)
    .option('--csv <file>', 'write everything as a table')
    .option('--html <file>', 'write a page to look at: one file that needs no network')
    .option('--json', 'print everything as JSON')
    .option('--out <dir>', 'where the runs are listed', 'runs')
    .addHelpText(
      'after',
      `
Examples:
  pipe compare quickstart@2 quickstart                       the latest run of a pipeline, and the one before it
  pipe compare 20261126-07 20261126-08 --by sex
  pipe compare unet attention-unet film --csv comparison.csv   of more than two, p values are also Holm-corrected
  pipe compare quickstart@2 quickstart --html comparison.html  the same to look at, and who moved, as a chart
  pipe compare runs/quickstart/latest old/runs/quickstart/20260101-120000-0a1b2c --metric dice --metric hd95

What each number is: docs/compare.md.`,
    )
    .action(async (references: readonly string[], flags: CompareFlags) => {
      const comparison = await compare(references, flags, context)
      const all = flags.allMetrics === true || flags.metric !== undefined
      if (flags.csv !== undefined) await writeAsked(flags.csv, (await import('../compare/csv.ts')).comparisonCsv(comparison), context)
      if (flags.html !== undefined)
        await writeAsked(flags.html, (await import('../pages/compare-page.ts')).comparePage(comparison, { all }), context)
      if (flags.json) return context.out(`${JSON.stringify(comparison, undefined, 2)}\n`)
      const { comparisonLines } = await import('./compare-text.ts')
      const show = { all, top: flags.top }
      context.out(`${comparisonLines(comparison, show).join('\n')}\n`)
    })
}

async function compare(references: readonly string[], flags: CompareFlags, context: Context): Promise<Comparison> {
  const options = await optionsOf(flags)
  const [{ compareRuns }, { openAll }] = await Promise.all([import('../compare/compare.ts'), import('../compare/stored.ts')])
  const runs = await findAll(references, { out: flags.out, cwd: context.cwd })
  const opened: OpenedRun[] = []
  for (const run of runs) opened.push({ run, stored: await openAll(run) })
  const comparison = compareRuns(opened, options)
  if (!comparison.ok) throw new UsageError(comparison.failures)
  refuseWithoutMetrics(comparison.value, flags)
  return comparison.value
}

async function optionsOf({ per, by, metric = [], step }: CompareFlags): Promise<CompareOptions> {
  const { units } = await import('../compare/paired.ts')
  const unit = units.find(u => u === per)
  if (!unit) throw new UsageError([{ kind: 'unknown-choice', option: '--per', given: per, known: units }])
  return { per: unit, metrics: metric, ...(by !== undefined && { by }), ...(step !== undefined && { step }) }
}

/** The runs that are meant, all of them different; every one that is not found is told. */
export async function findAll(
  references: readonly string[],
  place: { readonly out: string; readonly cwd: string },
): Promise<readonly Run[]> {
  const { findRun, nameOf } = await import('../compare/find-run.ts')
  if (references.length < 2) throw new UsageError([{ kind: 'few-runs', given: references.length }])
  const found = await Promise.all(references.map(reference => findRun(reference, place)))
  const failures = found.flatMap(f => (f.ok ? [] : f.failures))
  if (failures.length > 0) throw new UsageError(failures)
  const runs = found.flatMap(f => (f.ok ? [f.value] : []))
  runs.forEach((run, i) => {
    const first = runs.findIndex(r => r.dir === run.dir)
    if (first < i) throw new UsageError([{ kind: 'same-run', first: references[first]!, second: references[i]!, run: nameOf(run) }])
  })
  return runs
}

/** What is asked of metrics needs metrics of two runs at least. */
function refuseWithoutMetrics({ runs }: Comparison, flags: CompareFlags): void {
  const asked = (['csv', 'by', 'metric', 'step'] as const).find(name => flags[name] !== undefined)
  const without = runs.filter(run => run.evaluation === null)
  if (asked === undefined || runs.length - without.length >= 2) return
  const reasons = without.flatMap(run => run.remarks.map(remark => `${run.name}: ${remark}`))
  throw new UsageError([{ kind: 'no-metrics', reasons, wanted: `--${asked}` }])
}

function whole(text: string): number {
  const n = Number(text)
  if (Number.isInteger(n) && n >= 0) return n
  throw new UsageError([{ kind: 'bad-option', option: '--top', given: text, wants: 'a whole number' }])
}
