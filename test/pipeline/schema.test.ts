import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { editorLine, pipelineSchema, type JsonSchema } from '../../src/pipeline/schema.ts'
import { load, registry } from './kitchen.ts'
import { validate } from './validate.ts'

const schema = pipelineSchema(registry)
const mistakes = (text: string): string[] => [...new Set(validate(schema, parse(text, { merge: true })))]

const good = [
  'steps: { a: { node: orchard } }',
  'name: x\nseed: 3\ndescription: words\nvars: { n: 3, l: [x] }\nsteps: { a: { node: orchard, timeout: 3, params: { trees: "${vars.n}", sort: gala, urls: "${vars.l}" } } }',
  'vars: { n: 5 }\nsteps: { a: { node: orchard, inputs: {}, params: }, p: { node: press, inputs: { fruit: a }, params: { bar: 1, stages: { filter: , heat: { celsius: 3 } } } }, m: { node: bar, inputs: { juices: [p] } } }',
  'steps: { a: { node: ./own.ts, params: { trees: 3 } } }',
  'steps: { a: { node: orchard } }\nsweep: { grid: { a.trees: [1, 2] }, log_uniform: { a.label: [1, 2] }, samples: 3, exclude: [{ a.trees: 1 }], repeats: [1, 2], folds: { a: 3 } }',
]
const wrong: [string, string][] = [
  ['step: {}', '$: needs steps'],
  ['steps: {}', '$.steps: too few'],
  ['steps: { a: { node: orchard } }\nsweep: { gird: {} }', '$.sweep: no gird'],
  ['steps: { a: { node: orchard } }\nsweep: { grid: { a.trees: 3 } }', '$.sweep.grid.a.trees: wants array'],
  ['steps: { 1a: { node: orchard } }', '$.steps.1a: wants ^[A-Za-z][\\w-]*$'],
  ['steps: { a: { node: orchart } }', '$.steps.a.node: wants orchard'],
  ['steps: { a: { node: orchard, param: {} } }', '$.steps.a: no param'],
  ['steps: { a: { node: orchard, params: { tree: 3 } } }', '$.steps.a.params: no tree'],
  ['steps: { a: { node: orchard, params: { trees: 1000 } } }', '$.steps.a.params.trees: too large'],
  ['steps: { a: { node: orchard, params: { trees: five } } }', '$.steps.a.params.trees: wants integer'],
  ['steps: { a: { node: orchard, params: { sort: gale } } }', '$.steps.a.params.sort: wants one of boskoop,elstar,gala'],
  ['steps: { a: { node: orchard }, p: { node: press, params: { bar: 1 } } }', '$.steps.p: needs inputs'],
  ['steps: { a: { node: orchard }, p: { node: press, inputs: { fruit: a } } }', '$.steps.p: needs params'],
  ['steps: { a: { node: orchard }, p: { node: press, inputs: { fruits: a }, params: { bar: 1 } } }', '$.steps.p.inputs: no fruits'],
  [
    'steps: { a: { node: orchard }, p: { node: press, inputs: { fruit: a }, params: { bar: 1, stages: { heat: } } } }',
    '$.steps.p.params.stages.heat: wants object',
  ],
]

test.each(good)('the schema takes what loads: %j', async text => {
  expect(mistakes(text)).toEqual([])
  expect(await load(text)).toMatchObject({ ok: true })
})

test.each(wrong)('the schema refuses what does not load: %j', async (text, place) => {
  expect(mistakes(text)).toContain(place)
  expect(await load(text)).toMatchObject({ ok: false })
})

test('editors get summaries, descriptions and defaults', () => {
  const { definitions } = schema as { definitions: Record<string, Record<string, Record<string, JsonSchema>>> }
  expect(definitions['step']!['properties']!['node']!['anyOf']).toContainEqual({ const: 'press', description: 'Makes juice.' })
  const params = definitions['node-orchard']!['properties']!['params'] as { properties: Record<string, JsonSchema> }
  expect(params.properties['trees']).toMatchObject({ description: 'How many trees.', default: 10 })
  expect(JSON.stringify(schema)).not.toContain('9007199254740991')
  expect(editorLine('./pipeline.schema.json')).toBe('# yaml-language-server: $schema=./pipeline.schema.json')
})
