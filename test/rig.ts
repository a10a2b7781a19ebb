import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { artifact } from '../src/artifact.ts'
import { Cache } from '../src/cache.ts'
import type { Event } from '../src/event.ts'
import { inlineExecutor } from '../src/exec/inline.ts'
import { StepGraph } from '../src/graph.ts'
import { defineEachNode, defineNode, many, type AnyNode, type Element, type Job } from '../src/node.ts'
import type { Pipeline, Step } from '../src/pipeline/pipeline.ts'
import { planPipeline, type StepPlan } from '../src/plan.ts'
import type { Setting } from '../src/resolve.ts'
import { runPipeline, type Outcome } from '../src/scheduler.ts'

/** Any JSON document. */
export const anything = artifact<unknown>('anything', z.unknown())
const params = z.record(z.string(), z.unknown())
type AnyJob = Job<Record<string, unknown>, { from: ReturnType<typeof many<unknown>> }>

/** A node made in a test: counts its runs, takes any params and any number of inputs under `from`. */
export interface TestNode {
  readonly name: string
  runs: number
  /** Ids of elements that ran, in order. */
  readonly ran: string[]
  node: AnyNode
}

interface NodeOptions {
  readonly version?: number
  readonly seeded?: boolean
  readonly computes?: boolean
  readonly reads?: () => readonly string[]
}

/** A step as tests write it: the params, and the steps it reads. */
export interface TestStep {
  /** The name of its node, where it is not that of the step. */
  readonly node?: string
  readonly params?: Record<string, unknown>
  readonly from?: readonly string[]
  readonly timeout?: number
}

/** A cache, nodes and runs in a folder of their own, gone after the test. */
export class Rig {
  readonly dir: string
  readonly nodes = new Map<string, TestNode>()
  readonly events: Event[] = []
  /** Which step took which GPU, in order. */
  readonly gpus: string[] = []
  cacheDir: string
  seed = 0
  #runs = 0

  /** `where`: the folder in which it makes its own. */
  constructor(where: string = tmpdir()) {
    this.dir = mkdtempSync(join(where, 'rig-'))
    this.cacheDir = join(this.dir, 'cache')
  }

  /** Defines (or replaces) the node that the step of the same name runs. */
  node(name: string, work: (job: AnyJob) => unknown, options: NodeOptions = {}): TestNode {
    const made: TestNode = this.nodes.get(name) ?? { name, runs: 0, ran: [], node: undefined as never }
    const { version = 1, ...rest } = options
    made.node = defineNode({
      summary: name,
      version,
      ...rest,
      params,
      inputs: { from: many(anything) },
      output: anything,
      run: (job: AnyJob) => {
        made.runs++
        return work(job)
      },
    })
    this.nodes.set(name, made)
    return made
  }

  /** A node with elements: `elements` from the params and inputs, `work` on each, the document is `{ id: result }`. */
  each(
    name: string,
    elements: (job: Pick<AnyJob, 'params' | 'inputs'>) => readonly Element<unknown>[],
    work: (job: { id: string; value: unknown; dir: string }) => unknown,
  ): TestNode {
    const made: TestNode = this.nodes.get(name) ?? { name, runs: 0, ran: [], node: undefined as never }
    made.node = defineEachNode({
      summary: name,
      version: 1,
      params,
      inputs: { from: many(anything) },
      output: anything,
      each: {
        shared: [],
        parallel: true,
        elements: job => elements(job as never),
        run: job => {
          made.ran.push(job.id)
          return work(job)
        },
        collect: ({ results }) => {
          made.runs++
          return Object.fromEntries(results)
        },
      },
    })
    this.nodes.set(name, made)
    return made
  }

  pipeline(steps: Readonly<Record<string, TestStep>>): Pipeline {
    const entries = Object.entries(steps).map(([id, step]): [string, Step] => {
      const nodeName = step.node ?? id
      const { node } = this.nodes.get(nodeName)!
      const at = { file: 'test.yaml', line: 1, column: 1 }
      const timeout = step.timeout === undefined ? {} : { timeout: step.timeout }
      return [
        id,
        {
          id,
          nodeName,
          node,
          code: String(node.version),
          params: step.params ?? {},
          inputs: step.from?.length ? { from: step.from } : {},
          at,
          ...timeout,
        },
      ]
    })
    return { name: 'test', file: 'test.yaml', seed: this.seed, steps: new Map(entries), resolved: () => '' }
  }

  async setting(steps: Readonly<Record<string, TestStep>>): Promise<Setting> {
    const cache = await Cache.open(this.cacheDir)
    return { cache, pipeline: this.pipeline(steps), compute: { engine: 'onnx', device: 'cpu' }, engine: 'test 1 on cpu' }
  }

  /** Runs the steps; the outcome of each. */
  async run(
    steps: Readonly<Record<string, TestStep>>,
    options: {
      wanted?: string[]
      forced?: string[]
      jobs?: number
      gpus?: readonly string[]
      keepGoing?: boolean
      gate?: (step: string) => Promise<string | undefined>
      signal?: AbortSignal
    } = {},
  ): Promise<ReadonlyMap<string, Outcome>> {
    const setting = await this.setting(steps)
    const runDir = join(this.dir, `run-${this.#runs++}`)
    await mkdir(join(runDir, 'logs'), { recursive: true })
    return runPipeline({
      setting,
      graph: new StepGraph(setting.pipeline.steps),
      executor: {
        open: (job, how) => {
          if (how.gpu !== undefined) this.gpus.push(`${job.step} on ${how.gpu}`)
          return inlineExecutor(of => this.nodes.get(of.nodeName)!.node).open(job, how)
        },
      },
      emit: event => this.events.push(event),
      wanted: new Set(options.wanted ?? Object.keys(steps)),
      forced: new Set(options.forced ?? []),
      jobs: options.jobs ?? 4,
      cores: 1,
      gpus: options.gpus ?? [],
      keepGoing: options.keepGoing ?? false,
      ...(options.gate && { gate: options.gate }),
      signal: options.signal ?? new AbortController().signal,
      runDir,
    })
  }

  async plan(steps: Readonly<Record<string, TestStep>>): Promise<Record<string, StepPlan>> {
    const setting = await this.setting(steps)
    const plans = await planPipeline(new StepGraph(setting.pipeline.steps), setting)
    return Object.fromEntries(plans.map(p => [p.step.id, p]))
  }

  close(): void {
    rmSync(this.dir, { recursive: true, force: true })
  }
}

/** A place to meet: who comes waits there until `count` have come. */
export function meeting(count: number): () => Promise<void> {
  let [came, open] = [0, (): void => undefined]
  const all = new Promise<void>(resolve => (open = resolve))
  return () => {
    if (++came === count) open()
    return all
  }
}

/** A test body with a rig of its own. */
export const withRig = (body: (rig: Rig) => Promise<void>) => async (): Promise<void> => {
  const rig = new Rig()
  try {
    await body(rig)
  } finally {
    rig.close()
  }
}
