import { dagSvg, sizeOf, type Box, type Edge, type Layout, type Size } from './dag.ts'
import { html, type Html } from './html.ts'
import { sortableTable } from './table.ts'

/** What became of a step in a run. */
export interface RunStep {
  readonly id: string
  readonly node: string
  readonly state: 'ran' | 'cached' | 'failed' | 'skipped'
  /** How long it took; undefined where it did not run. */
  readonly ms?: number
  /** `3.1 s`, as the screen said it. */
  readonly time: string
  /** `29 elements, 2 made`; empty for a step without. */
  readonly elements: string
}

/** A run, as it is told of at the end of a page that it made. */
export interface RunFacts {
  readonly pipeline: string
  readonly run: string
  /** `2026-11-26 07:20 UTC`. */
  readonly started: string
  /** How long it took so far. */
  readonly time: string
  readonly steps: readonly RunStep[]
  readonly edges: readonly Edge[]
  /** The pipeline as it ran, as YAML. */
  readonly resolved: string
  readonly environment: Readonly<Record<string, unknown>>
}

/** Light, told apart also by the colour-blind, and always said in words too. */
const colours = { ran: '#a9d3ee', cached: '#e4e7ea', failed: '#f6b7a0', skipped: '#fbe9a9' } as const
const words = { ran: 'ran', cached: 'cached', failed: 'failed', skipped: 'not run' } as const

type LayOut = (sizes: readonly Size[], edges: readonly Edge[]) => Promise<Layout>

/** Which steps ran and how long, drawn and as a table; the whole pipeline; versions and the machine. */
export const runSection = async (run: RunFacts, layOut: LayOut): Promise<Html> =>
  html`<p>Pipeline <strong>${run.pipeline}</strong>, run ${run.run}, started ${run.started}, took ${run.time}. Steps that are cached were taken from an earlier run, since nothing that decides their result has changed.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Graph of the steps">${await graphOf(run, layOut)}</div>
${stepsTable(run.steps)}
<details><summary>The pipeline as it ran, with every param</summary><pre>${run.resolved}</pre></details>
<h3>Versions and machine</h3>
<dl class="facts">${Object.entries(run.environment).map(([name, value]) => html`<dt>${name}</dt><dd>${valueWords(value)}</dd>`)}</dl>`

async function graphOf({ steps, edges, pipeline }: RunFacts, layOut: LayOut): Promise<Html> {
  const boxes = steps.map(({ id, node, state, time }): Box => {
    const last = state === 'ran' ? time : words[state]
    return { id, lines: [id, node, last], fill: colours[state], hint: `${id}: ${last}` }
  })
  const drawn = new Set(steps.map(s => s.id))
  const shown = edges.filter(pair => pair.every(id => drawn.has(id)))
  const label = `Steps of ${pipeline}: ${steps.map(s => `${s.id} ${words[s.state]}`).join(', ')}.`
  return dagSvg(boxes, shown, label, await layOut(boxes.map(sizeOf), shown))
}

const stepsTable = (steps: readonly RunStep[]): Html =>
  sortableTable({
    caption: 'Steps',
    columns: [
      ...['Step', 'Node', 'State'].map(name => ({ name, numeric: false })),
      { name: 'Time', numeric: true },
      { name: 'Elements', numeric: false },
    ],
    rows: steps.map(s => [
      s.id,
      s.node,
      words[s.state],
      { shown: html`${s.state === 'ran' ? s.time : '–'}`, by: s.ms ?? null },
      s.elements,
    ]),
  })

const valueWords = (value: unknown): string =>
  Array.isArray(value) ? value.join(' ') : typeof value === 'string' ? value : JSON.stringify(value)
