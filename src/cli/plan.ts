import type { Command } from 'commander'
import pc from 'picocolors'
import type { StepPlan } from '../plan.ts'
import { describeWhy } from '../why.ts'
import { openPipeline, type CommonOptions, type Context } from './context.ts'
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

/** What a run of the pipeline would do with each step. */
export async function planOf(file: string, flags: CommonOptions, context: Context): Promise<StepPlan[]> {
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

/** A step's plan as JSON. */
export const plainPlan = (plan: StepPlan): object => ({
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
