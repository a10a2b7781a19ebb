import type { Command } from 'commander'
import pc from 'picocolors'
import type { StepPlan } from '../plan.ts'
import { describeChange, describeWhy } from '../why.ts'
import { aligned } from './columns.ts'
import { UsageError, type CommonOptions, type Context } from './context.ts'
import { gather, withPipeline } from './options.ts'
import { plainPlan, planOf } from './plan.ts'
import { durationWords, plural } from './units.ts'

interface WhyFlags extends CommonOptions {
  readonly if?: readonly string[]
  readonly json?: boolean
}

export function addWhy(program: Command, context: Context): void {
  withPipeline(program.command('why'))
    .argument('[step]', 'the step; left out: every step')
    .option('--if <step.key=value>', 'what would be made anew with this other value; may be given several times', gather)
    .option('--json', 'as JSON')
    .summary('why a step would run, and what a change would make anew')
    .description(
      'With a step: the whole difference between what it would be made from now and the nearest earlier result of the same node. ' +
        'Without: for every step whether its result is kept or made anew, and why. Runs nothing.',
    )
    .addHelpText(
      'after',
      `
Examples:
  pipe why pipelines/quickstart.yaml masks
  pipe why pipelines/quickstart.yaml --if masks.remove_small.thr=5       what that would cost
  pipe why pipelines/quickstart.yaml model --if seed=2 --if model.batch_size=4`,
    )
    .action(async (file: string, name: string | undefined, flags: WhyFlags) => {
      const changes = flags.if ?? []
      const before = changes.length > 0 ? await planOf(file, flags, context) : undefined
      const after = await planOf(file, { ...flags, set: [...(flags.set ?? []), ...changes] }, context)
      const steps = outlook(after, before)
      if (flags.json) return context.out(`${JSON.stringify(chosen(steps, name).map(plainOutlook), undefined, 2)}\n`)
      const lines = name === undefined ? summaryLines(steps, changes) : whyLines(chosen(steps, name)[0]!.plan, after)
      for (const line of lines) context.out(`${line}\n`)
    })
}

/** What becomes of a step's result. `depends`: made anew unless what it uses comes out as it was. */
type Fate = 'kept' | 'anew' | 'depends'

/** A step's plan with the change, and whether it is the change that makes it run. */
interface Outlook {
  readonly plan: StepPlan
  readonly fate: Fate
  /** It would run without the change, too. */
  readonly anyway: boolean
}

const fates = { fresh: 'kept', stale: 'anew', waits: 'depends' } as const

function outlook(after: readonly StepPlan[], before: readonly StepPlan[] | undefined): readonly Outlook[] {
  const fresh = new Set(before?.flatMap(plan => (plan.state === 'fresh' ? [plan.step.id] : [])))
  return after.map(plan => ({
    plan,
    fate: fates[plan.state],
    anyway: before !== undefined && plan.state !== 'fresh' && !fresh.has(plan.step.id),
  }))
}

function chosen(steps: readonly Outlook[], name: string | undefined): readonly Outlook[] {
  if (name === undefined) return steps
  const found = steps.find(({ plan }) => plan.step.id === name)
  if (!found) throw new UsageError([{ kind: 'unknown-step', name, known: steps.map(({ plan }) => plan.step.id) }])
  return [found]
}

const plainOutlook = ({ plan, fate, anyway }: Outlook): object => ({ ...plainPlan(plan), fate, anyway })

const colors = { kept: pc.green, anew: pc.red, depends: pc.yellow } as const

function summaryLines(steps: readonly Outlook[], changes: readonly string[]): readonly string[] {
  const table = aligned(steps.map(step => [step.fate, step.plan.step.id, reasonOf(step)]))
  const lines = table.map((line, i) => line.replace(/^\w+/, colors[steps[i]!.fate]))
  const count = (fate: Fate): number => steps.filter(step => step.fate === fate).length
  const ms = steps.reduce((sum, { plan }) => sum + (plan.state === 'fresh' ? 0 : (plan.expectedMs ?? 0)), 0)
  const cost = ms > 0 ? `; about ${durationWords(ms)}, as long as it took before` : ''
  const total = `${plural(steps.length, 'step')}: ${count('kept')} kept, ${count('anew')} made anew, ${count('depends')} depending on what those give${cost}`
  return [...(changes.length > 0 ? [`with ${changes.join(', ')}:`] : []), ...lines, total]
}

function reasonOf({ plan, anyway }: Outlook): string {
  const also = anyway ? ' (also without the change)' : ''
  switch (plan.state) {
    case 'fresh':
      return ''
    case 'waits':
      return `uses ${plan.for.join(', ')}: made anew unless that comes out the same${also}`
    case 'stale': {
      const some = plan.elements ? `; ${plan.elements.ran} of ${plural(plan.elements.total, 'element')}` : ''
      return `${describeWhy(plan.why)}${some}${also}`
    }
  }
}

function whyLines(plan: StepPlan, plans: readonly StepPlan[]): readonly string[] {
  const { id } = plan.step
  if (plan.state === 'fresh') return [`"${id}" is fresh: its result is in the cache, and nothing it depends on has changed`]
  if (plan.state === 'waits') {
    const first = plans.find(p => p.state === 'stale')
    const cause = first ? [`the first stale step is "${first.step.id}"; see: pipe why ... ${first.step.id}`] : []
    return [`"${id}" depends on what is not up to date: ${plan.for.join(', ')}`, 'it runs only if that comes out different', ...cause]
  }
  if (plan.why.kind !== 'changed') return [`"${id}" would run: ${describeWhy(plan.why)}`]
  return [`"${id}" would run; since the nearest earlier result:`, ...plan.why.changes.map(c => `  ${describeChange(c)}`)]
}
