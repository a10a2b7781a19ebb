import { readFile } from 'node:fs/promises'
import { findFile, type Artifact } from '../artifact.ts'
import type { Event, Listener } from '../event.ts'
import { fail } from '../failure.ts'
import type { RunFolder } from '../runs.ts'
import type { Outcome } from '../scheduler.ts'
import type { RunFacts, RunStep } from '../report/run-section.ts'
import type { Opened } from './context.ts'
import { durationWords, elementWords } from './units.ts'

type Done = Extract<Event, { type: 'node-done' }>

/** What the events of a run said of its steps. */
export class Remembered {
  readonly started: Date
  readonly done = new Map<string, Done>()
  readonly listener: Listener = event => {
    if (event.type === 'node-done') this.done.set(event.step, event)
  }

  constructor(started = new Date()) {
    this.started = started
  }
}

/** A run that has done its steps. */
export interface Ended {
  readonly opened: Opened
  readonly folder: RunFolder
  readonly environment: Readonly<Record<string, unknown>>
  readonly outcomes: ReadonlyMap<string, Outcome>
  readonly remembered: Remembered
}

/** Puts the pages of the steps that have one into the folder of the run, with what only the run knows; gives their paths, by step. */
export async function pagesOf(ended: Ended): Promise<Record<string, string> | undefined> {
  const { opened, folder, outcomes } = ended
  const found = [...outcomes].flatMap(([step, outcome]) => {
    const { page } = opened.pipeline.steps.get(step)!.node
    return page !== undefined && 'artifact' in outcome ? [{ step, path: pathOf(step, page, outcome.artifact) }] : []
  })
  if (found.length === 0) return undefined
  const [{ runSection }, { fillRunPlace }] = await Promise.all([import('../report/run-section.ts'), import('../report/run-place.ts')])
  const section = await runSection(factsOf(ended), (...graph) =>
    // Laid out once: the same graph is drawn by every run.
    opened.cache.memory.get('layout', graph, async () => (await import('../report/layout.ts')).layOut(...graph)),
  )
  const pages: Record<string, string> = {}
  for (const { step, path } of found) pages[step] = await folder.put(`${step}.html`, fillRunPlace(await readFile(path), section))
  return pages
}

/** A node that says it has a page, and wrote none, is broken. */
const pathOf = (step: string, page: string, artifact: Artifact<unknown>): string =>
  findFile(artifact, page)?.path ?? fail({ kind: 'bad-output', step, detail: `it has the page "${page}", and no such file` })

function factsOf({ opened: { pipeline, graph }, folder, environment, outcomes, remembered }: Ended): RunFacts {
  return {
    pipeline: pipeline.name,
    run: folder.id,
    started: `${remembered.started.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    time: durationWords(Date.now() - remembered.started.getTime()),
    steps: [...pipeline.steps.values()].map(({ id, nodeName }) => stepOf(id, nodeName, outcomes.get(id), remembered.done.get(id))),
    edges: graph.edges(),
    resolved: pipeline.resolved(),
    environment,
  }
}

function stepOf(id: string, node: string, outcome: Outcome | undefined, done: Done | undefined): RunStep {
  const state = outcome?.how ?? 'skipped'
  return {
    ...{ id, node, state, time: done ? durationWords(done.ms) : '' },
    ...(state === 'ran' && done && { ms: done.ms }),
    elements: done?.elements ? elementWords(done.elements) : '',
  }
}
