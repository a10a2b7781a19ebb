import { expect, test } from 'vitest'
import { expand, setsOf } from '../../src/sweep/expand.ts'
import { merge } from '../../src/sweep/merge.ts'
import type { Space, Values } from '../../src/sweep/space.ts'
import { good, paramsOf } from '../pipeline/kitchen.ts'

const text = `steps:
  tree: { node: orchard, params: { trees: 5 } }
  glass: { node: press, inputs: { fruit: tree }, params: { bar: 1 } }
`
const nothing: Space = {
  grid: {},
  zip: {},
  list: [],
  draw: {},
  samples: 0,
  seed: 6,
  include: [],
  exclude: [],
  when: {},
  folds: {},
  seeds: [],
}
const load = (trials: readonly Values[]) => Promise.all(trials.map(trial => good(text, { sets: [...setsOf(trial)] })))

test('trials share the steps before the one that differs, by name', async () => {
  const merged = merge(await load(expand({ ...nothing, grid: { 'glass.bar': [1, 2, 3] } })))
  expect([...merged.steps.keys()]).toEqual(['tree', 'glass', 'glass@2', 'glass@3'])
  expect([...merged.steps.values()].map(step => step.inputs)).toEqual([{}, { fruit: ['tree'] }, { fruit: ['tree'] }, { fruit: ['tree'] }])
})

test('over 2 x 3 values the upper step is there twice, the lower six times, each with the params of its trial', async () => {
  const pipelines = await load(expand({ ...nothing, grid: { 'tree.trees': [5, 6], 'glass.bar': [1, 2, 3] } }))
  const merged = merge(pipelines)
  expect([...merged.steps.keys()]).toEqual(['tree', 'glass', 'glass@2', 'glass@3', 'tree@4', 'glass@4', 'glass@5', 'glass@6'])
  expect(merged.steps.get('glass@6')?.inputs).toEqual({ fruit: ['tree@4'] })
  for (const [i, names] of merged.names.entries())
    for (const [id, name] of names) expect(merged.steps.get(name)?.params).toEqual(paramsOf(pipelines[i]!, id))
})

test('steps that draw nothing are shared by trials of different seeds', async () => {
  expect([...merge(await load(expand({ ...nothing, seeds: [1, 2] }))).steps.keys()]).toEqual(['tree', 'glass'])
})

test('a seeded step is there once for each seed, and carries it', async () => {
  const pipelines = (await load(expand({ ...nothing, seeds: [1, 2] }))).map(pipeline => ({
    ...pipeline,
    steps: new Map(
      [...pipeline.steps].map(([id, step]) => [id, id === 'glass' ? { ...step, node: { ...step.node, seeded: true } } : step]),
    ),
  }))
  expect([...merge(pipelines).steps].map(([name, step]) => [name, step.seed])).toEqual([
    ['tree', undefined],
    ['glass', 1],
    ['glass@2', 2],
  ])
})
