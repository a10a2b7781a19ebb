import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { nodes } from '../../nodes/index.ts'
import type { AnyNode, Registry } from '../../src/node.ts'
import { fromKept, keptOf, type Kept } from '../../src/pipeline/kept.ts'
import { loadPipeline } from '../../src/pipeline/load.ts'
import type { Pipeline } from '../../src/pipeline/pipeline.ts'
import { loadUserNode } from '../../src/user-node.ts'

const folder = resolve(import.meta.dirname, '../../pipelines')
const files = readdirSync(folder).filter(name => name.endsWith('.yaml') && !/^pipeline:/m.test(readFileSync(join(folder, name), 'utf8')))

async function open(file: string, sets: readonly string[] = [], text?: string): Promise<Pipeline> {
  const given = text === undefined ? {} : { text }
  const loaded = await loadPipeline(file, { registry: nodes, sets, env: {}, cwd: folder, loadUserNode, ...given })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.failures))
  return loaded.value
}

/** As the cache gives it back: JSON, and a registry that counts the nodes it is asked for. */
function keep(pipeline: Pipeline, file: string): { kept: Pipeline; loaded: string[] } {
  const loaded: string[] = []
  const registry = new Proxy<Registry>(nodes, { get: (of, name) => (loaded.push(String(name)), of[String(name)]) })
  return { kept: fromKept(JSON.parse(JSON.stringify(keptOf(pipeline))) as Kept, file, registry), loaded }
}

/** All that finding the result of a step asks of its node. */
const asked = (node: AnyNode, params: unknown): unknown => ({
  version: node.version,
  seeded: node.seeded,
  computes: node.computes,
  page: node.page,
  kind: node.output.kind,
  isEach: 'each' in node,
  isSource: 'source' in node,
  meaning: node.meaning?.(params),
  reads: node.reads?.(params),
})

test.each(files)('%s is the same when it was kept, and planning it loads no node', async file => {
  const pipeline = await open(file)
  const { kept, loaded } = keep(pipeline, file)
  const plain = ({ name, file: of, seed, steps }: Pipeline): unknown => ({
    name,
    of,
    seed,
    steps: [...steps].map(([id, { node, ...step }]) => ({ key: id, ...step, asked: asked(node, step.params) })),
  })
  expect(plain(kept)).toEqual(plain(pipeline))
  expect(kept.resolved()).toBe(pipeline.resolved())
  expect(loaded).toEqual([])
})

test('what else is asked of a node is its own: its members, and its functions for other params', async () => {
  const { steps } = await open('quickstart.yaml')
  const { kept, loaded } = keep(await open('quickstart.yaml'), 'quickstart.yaml')
  for (const [id, { node }] of steps) {
    const again = kept.steps.get(id)!.node
    expect(Object.keys(again).sort()).toEqual(Object.keys(node).sort())
    expect([again.params, again.inputs, again.summary, again.output.schema]).toEqual([
      node.params,
      node.inputs,
      node.summary,
      node.output.schema,
    ])
  }
  expect(loaded).toContain('train')
  const { node, params } = steps.get('dataset')!
  const others = { ...(params as object), subjects: 99 }
  expect(kept.steps.get('dataset')!.node.meaning?.(others)).toEqual(node.meaning?.(others))
})

test('what is said of files and folders is asked of the disk anew', async () => {
  const sets = ['dataset.urls=[file:/nowhere/data.zip]']
  const { kept, loaded } = keep(await open('spinegeneric.yaml', sets), 'spinegeneric.yaml')
  const { node, params } = kept.steps.get('dataset')!
  expect([node.reads?.(params), loaded]).toEqual([['/nowhere/data.zip'], []])
  const folder = keep(await open('hippocampus.yaml', ['dataset.path=/nowhere']), 'hippocampus.yaml').kept.steps.get('dataset')!
  expect(() => 'source' in folder.node && (folder.node.source(folder.params) as unknown)).toThrow(/nowhere/)
})

test('a pipeline with a node of the user is not kept: the node may change', async () => {
  const place = join(import.meta.dirname, '../cli/nodes/own.yaml')
  expect(keptOf(await open(place, [], 'steps: { one: { node: ./number.ts } }'))).toBeUndefined()
})
