import { Option, type Command } from 'commander'
import type { StepPlan } from '../plan.ts'
import { openPipeline, type CommonOptions, type Context } from './context.ts'
import { withPipeline } from './options.ts'
import { writeAsked } from './write-file.ts'

const colours = { fresh: '#a7d8a7', stale: '#f2a7a0', waits: '#f7dc9b' } as const

interface GraphFlags extends CommonOptions {
  readonly svg?: boolean
  readonly dot?: boolean
  readonly out?: string
}

export function addGraph(program: Command, context: Context): void {
  withPipeline(program.command('graph'))
    .summary('the steps and their states as a drawing: SVG, Mermaid or Graphviz')
    .description('Prints the pipeline as a graph, coloured by state: green fresh, red stale, yellow waiting for a stale step.')
    .addOption(new Option('--svg', 'as an SVG picture instead of Mermaid').conflicts('dot'))
    .option('--dot', 'in the language of Graphviz instead of Mermaid')
    .option('-o, --out <file>', 'write it into a file instead')
    .addHelpText('after', '\nExamples:\n  pipe graph pipelines/quickstart.yaml\n  pipe graph pipelines/quickstart.yaml --svg -o graph.svg')
    .action(async (file: string, flags: GraphFlags) => {
      const opened = await openPipeline(file, flags, context)
      const { planPipeline } = await import('../plan.ts')
      const plans = await planPipeline(opened.graph, opened.setting)
      await opened.cache.close()
      const draw = flags.svg ? await svg(opened.pipeline.name) : flags.dot ? dot : mermaid
      const text = draw(plans, opened.graph.edges())
      if (flags.out === undefined) context.out(text)
      else await writeAsked(flags.out, text, context)
    })
}

type Draw = (plans: readonly StepPlan[], edges: readonly (readonly [string, string])[]) => string

/** Laid out and drawn here: no other program is needed. */
async function svg(name: string): Promise<Draw> {
  const [{ dagSvg, sizeOf }, { layOut }] = await Promise.all([import('../report/dag.ts'), import('../report/layout.ts')])
  return (plans, edges) => {
    const boxes = plans.map(({ step: { id, nodeName }, state }) => ({ id, lines: [id, nodeName, state], fill: colours[state] }))
    const words = plans.map(({ step, state }) => `${step.id} ${state}`).join(', ')
    return `${dagSvg(boxes, edges, `Steps of ${name}: ${words}.`, layOut(boxes.map(sizeOf), edges)).html}\n`
  }
}

export function mermaid(plans: readonly StepPlan[], edges: readonly (readonly [string, string])[]): string {
  // Mermaid reads `end`, `graph` and some others as its own words, so every id gets a prefix.
  const nodes = plans.map(p => `  s_${p.step.id}["${p.step.id}<br/>${p.step.nodeName}"]:::${p.state}`)
  const arrows = edges.map(([from, to]) => `  s_${from} --> s_${to}`)
  const classes = Object.entries(colours).map(([state, colour]) => `  classDef ${state} fill:${colour},stroke:#555,color:#111`)
  return ['flowchart LR', ...nodes, ...arrows, ...classes, ''].join('\n')
}

export function dot(plans: readonly StepPlan[], edges: readonly (readonly [string, string])[]): string {
  const nodes = plans.map(p => `  "${p.step.id}" [label="${p.step.id}\\n${p.step.nodeName}", fillcolor="${colours[p.state]}"];`)
  const arrows = edges.map(([from, to]) => `  "${from}" -> "${to}";`)
  return [
    'digraph pipeline {',
    '  rankdir=LR; node [shape=box, style="rounded,filled", fontname="sans-serif"];',
    ...nodes,
    ...arrows,
    '}',
    '',
  ].join('\n')
}
