import type { Command } from 'commander'
import pc from 'picocolors'
import type { StepPlan } from '../plan.ts'
import { describeChange, describeWhy } from '../why.ts'
import { openPipeline, UsageError, type CommonOptions, type Context } from './context.ts'
import { withPipeline } from './options.ts'

export function addPlan(program: Command, context: Context): void {
  withPipeline(program.command('plan'))
    .summary('what a run would do, and why')
    .description('Says for every step: fresh, stale and why, or waiting for a stale step; with the time it took before. Runs nothing.')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  pipe plan pipelines/quickstart.yaml --set masks.remove_small.thr=5')
    .action(async (file: string, flags: CommonOptions & { json?: boolean }) => {
      const plans = await planOf(file, flags, context)
      if (flags.json) return context.out(`${JSON.stringify(plans.map(plainPlan), undefined, 2)}\n`)
      const width = Math.max(...plans.map(p => p.step.id.length))
      for (const plan of plans) context.out(`${lineOf(plan, width)}\n`)
      const total = plans.reduce((sum, p) => sum + (p.state === 'fresh' ? 0 : (p.expectedMs ?? 0)), 0)
      const stale = plans.filter(p => p.state !== 'fresh').length
      context.out(stale === 0 ? 'nothing to do\n' : `${count(stale, 'step')} to run${total > 0 ? `, about ${duration(total)}` : ''}\n`)
    })
}

export function addWhy(program: Command, context: Context): void {
  withPipeline(program.command('why'))
    .argument('<step>', 'the step')
    .summary('why a step would run: every difference to the nearest earlier result')
    .description('Shows the whole difference between what a step would be made from now and the nearest earlier result of the same node.')
    .addHelpText('after', '\nExample:\n  pipe why pipelines/quickstart.yaml masks')
    .action(async (file: string, name: string, flags: CommonOptions) => {
      const plans = await planOf(file, flags, context)
      const plan = plans.find(p => p.step.id === name)
      if (!plan) throw new UsageError([{ kind: 'unknown-step', name, known: plans.map(p => p.step.id) }])
      for (const line of whyLines(plan, plans)) context.out(`${line}\n`)
    })
}

async function planOf(file: string, flags: CommonOptions, context: Context): Promise<StepPlan[]> {
  const opened = await openPipeline(file, flags, context)
  const { planPipeline } = await import('../plan.ts')
  const plans = await planPipeline(opened.graph, opened.setting)
  await opened.cache.close()
  return plans
}

function lineOf(plan: StepPlan, width: number): string {
  const name = plan.step.id.padEnd(width)
  switch (plan.state) {
    case 'fresh':
      return `${pc.green('fresh')}  ${name}`
    case 'waits':
      return `${pc.yellow('waits')}  ${name}  for ${plan.for.join(', ')}${lasted(plan.expectedMs)}`
    case 'stale': {
      const some = plan.elements ? `; ${plan.elements.ran} of ${plan.elements.total} elements to make` : ''
      return `${pc.red('stale')}  ${name}  ${describeWhy(plan.why)}${some}${lasted(plan.expectedMs)}`
    }
  }
}

function whyLines(plan: StepPlan, plans: readonly StepPlan[]): string[] {
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

const plainPlan = (plan: StepPlan): object => ({
  step: plan.step.id,
  node: plan.step.nodeName,
  state: plan.state,
  ...(plan.state === 'stale' ? { why: plan.why, ...(plan.elements ? { elements: plan.elements } : {}) } : {}),
  ...(plan.state === 'waits' ? { for: plan.for } : {}),
  ...(plan.state !== 'fresh' && plan.expectedMs !== undefined ? { expectedMs: plan.expectedMs } : {}),
})

const lasted = (ms: number | undefined): string => (ms === undefined ? '' : pc.dim(`  (took ${duration(ms)} before)`))
const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`

function duration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`
}
