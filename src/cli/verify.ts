import { availableParallelism } from 'node:os'
import type { Command } from 'commander'
import { describe, unreachable } from '../failure.ts'
import type { CachedWork } from '../upkeep/cached-units.ts'
import type { Difference } from '../upkeep/difference.ts'
import type { Audited } from '../upkeep/rerun.ts'
import { shareOf } from './amounts.ts'
import { checkedText } from './cache-verify.ts'
import { EXIT, openPipeline, UsageError, type CommonOptions, type Context, type Opened } from './context.ts'
import { withPipeline } from './options.ts'
import { stopOnCtrlC } from './stop.ts'
import { durationWords, plural } from './units.ts'

interface VerifyFlags extends CommonOptions {
  readonly rerun?: boolean
  readonly sample: string
  readonly seed: string
  readonly step?: string
  readonly json?: boolean
}

export function addVerify(program: Command, context: Context): void {
  withPipeline(program.command('verify'))
    .summary('check the results of a pipeline: their bytes, or by making them again')
    .description(
      'Reads the results of a pipeline and compares them with their digests. With --rerun: makes cached steps again, each in a process of its own and in an empty cache, and says which bits differ and which numbers drift. The cache stays as it is.',
    )
    .option('--rerun', 'make them again: an audit of determinism')
    .option('--sample <share>', 'only so many of the steps and elements, chosen by --seed: 10%', '100%')
    .option('--seed <n>', 'chooses the sample', '0')
    .option('--step <step>', 'only this step')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  pipe verify pipelines/quickstart.yaml                       read every byte
  pipe verify pipelines/quickstart.yaml --rerun               make all of it again, and compare
  pipe verify pipelines/spinegeneric.yaml --rerun --sample 10% --seed 3
  pipe verify pipelines/quickstart.yaml --rerun --step model

Exit codes: 0 all is the same, 1 something differs or failed, 2 wrong usage or pipeline, 130 stopped.`,
    )
    .action(async (file: string, flags: VerifyFlags) => {
      const share = shareOf('--sample', flags.sample)
      const seed = wholeNumber('--seed', flags.seed)
      const opened = await openPipeline(file, flags, context)
      const { cachedWork } = await import('../upkeep/cached-units.ts')
      const work = chosen(await cachedWork(opened.graph, opened.setting), opened, flags.step)
      process.exitCode = flags.rerun
        ? await audit(work, { share, seed }, opened, flags, context)
        : await check(work, opened, flags, context)
      await opened.cache.close()
    })
}

function chosen(work: CachedWork, { pipeline }: Opened, step: string | undefined): CachedWork {
  if (step === undefined) return work
  if (!pipeline.steps.has(step)) throw new UsageError([{ kind: 'unknown-step', name: step, known: [...pipeline.steps.keys()] }])
  const isOf = (one: { readonly step: string }): boolean => one.step === step
  return {
    units: work.units.filter(unit => unit.step.id === step),
    missing: work.missing.filter(id => id === step),
    lost: work.lost.filter(isOf),
  }
}

async function check(work: CachedWork, { cache }: Opened, flags: VerifyFlags, context: Context): Promise<number> {
  const [{ takeInventory }, { checkCache }] = await Promise.all([import('../upkeep/inventory.ts'), import('../upkeep/check.ts')])
  await cache.assertWritable()
  const { entries } = await takeInventory(cache)
  const { units, missing, lost } = work
  const digests = new Set<string>(units.map(unit => unit.artifact.digest))
  const own = { entries: entries.filter(entry => digests.has(entry.id)), records: units.map(unit => unit.record), unreadable: [] }
  const checked = await checkCache(cache, own, () => undefined)
  context.out(
    flags.json ? `${JSON.stringify({ ...checked, missing, lost }, undefined, 2)}\n` : checkedText(checked, context) + notLookedAt(work),
  )
  return checked.faults.length + lost.length > 0 ? EXIT.failed : EXIT.done
}

async function audit(
  work: CachedWork,
  { share, seed }: { share: number; seed: number },
  { setting, cache }: Opened,
  flags: VerifyFlags,
  context: Context,
): Promise<number> {
  const [{ rerun, sample }, { processExecutor }] = await Promise.all([import('../upkeep/rerun.ts'), import('../exec/process.ts')])
  await cache.assertWritable()
  const { units, missing, lost } = work
  const { signal, release } = stopOnCtrlC(context)
  const audited = await rerun(sample(units, share, seed), {
    setting,
    executor: processExecutor(context.main, context.env),
    cores: availableParallelism(),
    signal,
    tell: one => {
      if (!flags.json) context.out(`${auditedLines(one).join('\n')}\n`)
    },
  })
  release()
  context.out(
    flags.json
      ? `${JSON.stringify({ units: units.length, audited, missing, lost }, undefined, 2)}\n`
      : sumText(audited, units.length) + notLookedAt(work),
  )
  if (signal.aborted) return EXIT.cancelled
  return audited.every(one => one.verdict === 'same') && lost.length === 0 ? EXIT.done : EXIT.failed
}

const marks = { same: '✓', differs: '✗', failed: '✗' } as const
const verdicts = { same: 'the same bytes', differs: 'differs', failed: 'failed' } as const
/** Differences of one result that are shown; --json has all. */
const SHOWN = 8

function auditedLines({ step, element, verdict, differences, failure, ms }: Audited): readonly string[] {
  const name = element === undefined ? step : `${step} ${element}`
  const more = differences.length > SHOWN ? [`and ${differences.length - SHOWN} more`] : []
  const facts = [...differences.slice(0, SHOWN).map(differenceWords), ...more, ...(failure ? describe(failure).split('\n') : [])]
  return [`${marks[verdict]} ${name}  ${verdicts[verdict]}  ${durationWords(ms)}`, ...facts.map(fact => `    ${fact}`)]
}

function differenceWords(difference: Difference): string {
  switch (difference.kind) {
    case 'number':
      return `${difference.where}: ${difference.was} -> ${difference.is} (by ${(difference.is - difference.was).toPrecision(3)})`
    case 'value':
      return `${difference.where}: ${difference.was} -> ${difference.is}`
    case 'bytes':
      return `${difference.file}: ${difference.differing} of ${difference.of} bytes differ`
    case 'missing':
      return `${difference.file} was not made`
    case 'extra':
      return `${difference.file} is new`
    default:
      return unreachable(difference)
  }
}

function sumText(audited: readonly Audited[], all: number): string {
  const count = (verdict: Audited['verdict']): number => audited.filter(one => one.verdict === verdict).length
  const wrong = [...(count('differs') ? [`${count('differs')} differ`] : []), ...(count('failed') ? [`${count('failed')} failed`] : [])]
  const drift = driftText(audited)
  return `${audited.length} of ${plural(all, 'cached result')} made again: ${[`${count('same')} the same`, ...wrong].join(', ')}\n${drift}`
}

/** The number that moved most, relative to itself. */
function driftText(audited: readonly Audited[]): string {
  const numbers = audited.flatMap(({ step, differences }) => differences.flatMap(d => (d.kind === 'number' ? [{ step, ...d }] : [])))
  const relative = ({ was, is }: { was: number; is: number }): number => Math.abs(is - was) / Math.max(Math.abs(was), Math.abs(is))
  const [most] = [...numbers].sort((a, b) => relative(b) - relative(a))
  if (!most) return ''
  return `${plural(numbers.length, 'number')} drifted, the most by ${(100 * relative(most)).toPrecision(3)}%: ${most.step} ${most.where}\n`
}

function notLookedAt({ missing, lost }: CachedWork): string {
  const damaged = lost.map(
    ({ step, element, detail }) => `${element === undefined ? step : `${step} ${element}`} is made again by the next run: ${detail}\n`,
  )
  const absent = missing.filter(id => !lost.some(one => one.step === id))
  return damaged.join('') + (absent.length > 0 ? `not in the cache, so not looked at: ${absent.join(', ')}\n` : '')
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError([{ kind: 'bad-option', option, given: text, wants: 'a whole number' }])
  return Number(text)
}
