import { expect, test } from 'vitest'
import { bad, good, load, paramsOf } from './kitchen.ts'

const breakfast = `name: breakfast
seed: 6
vars: { pressure: 2.5, sort: gala }
steps:
  tree:
    node: orchard
    params:
      sort: \${vars.sort}
      trees: 20
  glass:
    node: press
    inputs: { fruit: tree }
    timeout: 60
    params:
      bar: \${vars.pressure}
      stages: { heat: { celsius: 80 }, filter: }
  mix:
    node: bar
    inputs: { juices: [glass, glass2] }
  glass2: { node: press, inputs: { fruit: tree, more: tree }, params: { bar: 1 } }
`

test('a pipeline file becomes steps with defaults filled in, in the order of the file', async () => {
  const pipeline = await good(breakfast)
  expect([pipeline.name, pipeline.file, pipeline.seed]).toEqual(['breakfast', 'p.yaml', 6])
  expect([...pipeline.steps.keys()]).toEqual(['tree', 'glass', 'mix', 'glass2'])
  expect(paramsOf(pipeline, 'tree')).toEqual({ sort: 'gala', trees: 20, urls: [] })
  expect(paramsOf(pipeline, 'glass')).toEqual({
    bar: 2.5,
    cloth: false,
    stages: [
      { name: 'heat', celsius: 80 },
      { name: 'filter', size: 1 },
    ],
  })
  expect(pipeline.steps.get('mix')!.inputs).toEqual({ juices: ['glass', 'glass2'] })
  expect(pipeline.steps.get('tree')).toMatchObject({
    code: '3',
    nodeName: 'orchard',
    inputs: {},
    at: { file: 'p.yaml', line: 5, column: 3 },
  })
  expect(pipeline.steps.get('glass')!.timeout).toBe(60)
  expect(pipeline.steps.get('tree')!.timeout).toBeUndefined()
})

test('the name is by default the name of the file, and the seed 0', async () => {
  expect(await good('steps: { tree: { node: orchard } }')).toMatchObject({ name: 'p', seed: 0 })
})

test('the resolved text loads to the same pipeline, and to the same text', async () => {
  const first = await good(breakfast, { sets: ['tree.label=0123', 'glass2.cloth={ mesh: 5 }', 'glass.stages.filter.size=7'] })
  const again = await good(first.resolved)
  for (const [id, step] of first.steps) {
    expect(again.steps.get(id)).toMatchObject({ params: step.params, inputs: step.inputs, nodeName: step.nodeName })
  }
  expect(again.resolved).toBe(first.resolved)
  expect(first.resolved).toMatchInlineSnapshot()
})

test('all mistakes of a file are told in one go, by place', async () => {
  expect(
    await bad(`nam: breakfast
seed: -1
steps:
  tree:
    node: orchid
  tree2: { node: orchard, params: { sort: gale, trees: 1000, lable: x }, input: { a: b } }
  tree2: {}
  glass:
    node: press
    inputs: { fruits: tree2, more: mix }
    params:
      bar: five
      cloth: { mesh: x }
      stages:
        fliter: {}
        filter: { size: -1, sise: 2 }
        heat: {}
  mix:
    node: bar
    inputs: { juices: [glas, tree2] }
    params: { name: 0123 }
  idle: { node: press, inputs: { fruit: [tree2, tree2] }, timeout: 0 }
  9lives: { node: orchard }
  round: { node: bar, inputs: { juices: circle } }
  circle: { node: bar, inputs: { juices: round }, params: { name: Ab } }
  empty:
  itself: { node: press, inputs: { fruit: tree2, more: itself }, params: { bar: } }
`),
  ).toMatchInlineSnapshot()
})

test('a file that is not there, is empty, or is no mapping', async () => {
  const missing = await load('', { cwd: '/nowhere' })
  expect(missing).toMatchObject({ ok: false, failures: [{ kind: 'file-missing', path: '/nowhere/p.yaml' }] })
  expect(await bad('')).toMatchInlineSnapshot()
  expect(await bad('steps: {}')).toMatchInlineSnapshot()
  expect(await bad('- node: orchard')).toMatchInlineSnapshot()
  expect(await bad('steps: [orchard]')).toMatchInlineSnapshot()
})

test("a user's own node is loaded from beside the file; its mistakes are placed at its name", async () => {
  const asked: string[] = []
  const pipeline = await good('steps: { tree: { node: ./own.ts, params: { trees: 3 } } }')
  expect(pipeline.steps.get('tree')).toMatchObject({ nodeName: './own.ts', code: 'abc123', params: { trees: 3 } })
  expect(pipeline.resolved).toMatch(/node: \/.*\/own\.ts\n/)
  expect(asked).toEqual([])
  expect(await bad('steps:\n  tree: { node: ./none.ts }\n  pear: { node: own.ts }')).toMatchInlineSnapshot()
})
