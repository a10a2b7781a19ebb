// Before anything else: what it changes is what the rest imports.
import './inject.ts'
import { writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { artifact, fileOf, type Artifact } from '../../src/artifact.ts'
import { Cache, sweepWork } from '../../src/cache.ts'
import type { Listener } from '../../src/event.ts'
import { inlineExecutor } from '../../src/exec/inline.ts'
import { failureOf } from '../../src/exec/unit.ts'
import { StepGraph } from '../../src/graph.ts'
import { loadCheckpoint, saveCheckpoint } from '../../src/net/checkpoint.ts'
import { defineEachNode, defineNode, defineSourceNode, one, type AnyNode } from '../../src/node.ts'
import type { Pipeline, Step } from '../../src/pipeline/pipeline.ts'
import { Random } from '../../src/random.ts'
import { openRun } from '../../src/runs.ts'
import { runPipeline } from '../../src/scheduler.ts'
import { checkCache } from '../../src/upkeep/check.ts'
import { takeInventory } from '../../src/upkeep/inventory.ts'

// A run as `pipe run` does it, all in one process, so that a fault meets every call: node driver.js FOLDER ACTION...
// with a folder that holds `data`. The last line that it prints says what happened.

/** What an action of the driver did. */
export interface Driven {
  /** Steps that ran; those with elements with how many. */
  readonly ran: readonly string[]
  readonly digests: Readonly<Record<string, string>>
  /** Kinds of failures; `bug` for what is thrown and none of the user's. */
  readonly failures: readonly string[]
  /** What a check of the whole cache found. */
  readonly faults: readonly string[]
}

const any = artifact('any', z.unknown())
const params = z.looseObject({})
const noise = (label: string, n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => new Random(1, label, i).uniform())
const bytesOf = (data: Float32Array): Buffer => Buffer.from(data.buffer)

const nodes: Readonly<Record<string, AnyNode>> = {
  data: defineSourceNode({
    ...{ summary: 'a folder', version: 1, params, inputs: {}, output: any },
    source: () => ({ dir: join(root, 'data'), value: null }),
  }),
  first: defineNode({
    ...{ summary: 'two files', version: 1, params, inputs: { from: one(any) }, output: any },
    run({ dir, inputs }) {
      for (const name of ['a', 'b']) writeFileSync(join(dir, `${name}.bin`), bytesOf(noise(name, 5000)))
      return { files: inputs.from.files.length }
    },
  }),
  parts: defineEachNode({
    ...{ summary: 'elements', version: 1, params, inputs: { from: one(any), data: one(any) }, output: any },
    each: {
      ...{ shared: [], parallel: true },
      elements: ({ inputs: { data } }) =>
        data.files.map(f => ({ id: f.path.slice(0, 1), value: 1, files: { text: fileOf(data, f.path) } })),
      run({ id, dir, files }) {
        const { digest } = files['text'] as { digest: string }
        writeFileSync(join(dir, `${id}.bin`), bytesOf(noise(digest, 2000)))
        return digest
      },
      collect: ({ results }) => Object.fromEntries(results),
    },
  }),
  model: defineNode({
    ...{ summary: 'goes on from its checkpoints', version: 1, params, inputs: { from: one(any) }, output: any },
    async run({ dir, scratch }) {
      const found = await loadCheckpoint(scratch, () => undefined)
      let { epoch, state } = found?.checkpoint ?? { epoch: 0, state: { w: { shape: [500], data: noise('w', 500) } } }
      for (; epoch < 4;) {
        const step = noise(`epoch ${epoch}`, 500)
        state = { w: { shape: [500], data: state['w'].data.map((w, i) => w * 0.5 + step[i]!) } }
        epoch++
        const rest = { curves: [], patience: { waited: 0 }, best: { epoch, loss: 1 / epoch }, bestWeights: state }
        await saveCheckpoint(scratch, { epoch, state, ...rest })
      }
      writeFileSync(join(dir, 'model.bin'), bytesOf(state['w'].data))
      return { epochs: epoch }
    },
  }),
  last: defineNode({
    ...{ summary: 'a table', version: 1, params, inputs: { model: one(any), parts: one(any) }, output: any },
    run({ dir, inputs }) {
      writeFileSync(join(dir, 'table.csv'), inputs.parts.files.map(f => `${f.path},${f.digest}\n`).join(''))
      return { model: inputs.model.value }
    },
  }),
}
const inputs: Readonly<Record<string, Step['inputs']>> = {
  data: {},
  first: { from: ['data'] },
  parts: { from: ['first'], data: ['data'] },
  model: { from: ['parts'] },
  last: { model: ['model'], parts: ['parts'] },
}

const [root = '', ...actions] = process.argv.slice(2)
const at = { file: join(root, 'p.yaml'), line: 1, column: 1 }
const stepOf = (id: string): Step => ({ id, nodeName: id, node: nodes[id]!, code: '1', params: {}, inputs: inputs[id]!, at })
const steps = new Map(Object.keys(nodes).map(id => [id, stepOf(id)]))
const pipeline: Pipeline = { name: 'small', file: at.file, seed: 0, steps, resolved: () => 'name: small\n' }

async function run(): Promise<Driven> {
  const cache = await Cache.open(join(root, 'cache'))
  await cache.assertWritable()
  await sweepWork(cache.dir)
  const folder = await openRun(join(root, 'runs'), pipeline, {}, new Date())
  const failures: string[] = []
  const ran: string[] = []
  const shown: Promise<unknown>[] = []
  const listener: Listener = event => {
    folder.listener(event)
    if (event.type === 'node-failed') failures.push(event.failure.kind === 'node-threw' ? `bug ${event.message}` : event.failure.kind)
    if (event.type === 'node-done' && event.how === 'ran') ran.push(event.step + (event.elements ? ` ${event.elements.ran}` : ''))
  }
  const outcomes = await runPipeline({
    setting: { cache, pipeline, compute: { engine: 'onnx', device: 'cpu' }, engine: 'none' },
    graph: new StepGraph(steps),
    executor: inlineExecutor(job => nodes[job.nodeName]!),
    emit: listener,
    show: (step, made) => void shown.push(folder.show(step, made).catch((error: unknown) => error)),
    ...{ wanted: new Set(steps.keys()), forced: new Set<string>(), jobs: 2, cores: 1, keepGoing: false },
    ...{ signal: new AbortController().signal, runDir: folder.dir },
  })
  const unshown = (await Promise.all(shown)).find(error => error !== undefined)
  await folder.close(failures.length === 0)
  await cache.close()
  // Told at the end: the cache has the results.
  if (unshown !== undefined) throw unshown as Error
  const digests = [...outcomes].flatMap(([id, o]): [string, Artifact<unknown>['digest']][] =>
    'artifact' in o ? [[id, o.artifact.digest]] : [],
  )
  return { ran, digests: Object.fromEntries(digests), failures, faults: [] }
}

async function check(): Promise<Driven> {
  const cache = await Cache.open(join(root, 'cache'))
  await mkdir(cache.dir, { recursive: true })
  const { faults } = await checkCache(cache, await takeInventory(cache), () => undefined)
  return { ran: [], digests: {}, failures: [], faults: faults.map(f => `${f.kind} ${f.affected.join()}: ${f.detail}`) }
}

for (const action of actions) {
  const done = await (action === 'check' ? check() : run()).catch((error: unknown): Driven => {
    const { failure, trace } = failureOf(error, 'pipe')
    return { ran: [], digests: {}, failures: [failure.kind === 'node-threw' ? `bug ${trace ?? failure.detail}` : failure.kind], faults: [] }
  })
  console.log(JSON.stringify(done))
}
