import { expect, test } from 'vitest'
import { bad, good, paramsOf } from './kitchen.ts'

const text = `vars: { n: 2 }
steps:
  tree: { node: orchard, params: { trees: "\${vars.n}", urls: [a, b] } }
  glass:
    node: press
    inputs: { fruit: tree }
    params: { bar: 1, stages: { heat: { celsius: 80 } } }
`

test('--set gives a param a number, a list, a mapping, a flag or text', async () => {
  const sets = ['tree.trees=5', 'tree.urls=[file:///x y.zip, c]', 'tree.label=some words', 'glass.cloth=true', 'glass.bar=1.5']
  const pipeline = await good(text, { sets })
  expect(paramsOf(pipeline, 'tree')).toEqual({ trees: 5, urls: ['file:///x y.zip', 'c'], label: 'some words', sort: 'elstar' })
  expect(paramsOf(pipeline, 'glass')).toMatchObject({ bar: 1.5, cloth: true })
})

test('--set reaches several levels deep, and makes the mappings on the way', async () => {
  const pipeline = await good(text, {
    sets: ['glass.stages.heat.celsius=70', 'glass.stages.filter.size=3', 'glass.cloth.mesh=4', 'tree.urls.1=c'],
  })
  expect(paramsOf(pipeline, 'glass')).toMatchObject({
    cloth: { mesh: 4 },
    stages: [
      { name: 'heat', celsius: 70 },
      { name: 'filter', size: 3 },
    ],
  })
  expect(paramsOf(pipeline, 'tree')).toMatchObject({ urls: ['a', 'c'] })
})

test('--set changes the seed, the name and variables; the last one wins', async () => {
  const pipeline = await good(text, { sets: ['seed=9', 'name=other', 'vars.n=3', 'vars.n=4'] })
  expect([pipeline.seed, pipeline.name, paramsOf(pipeline, 'tree')]).toMatchObject([9, 'other', { trees: 4 }])
})

test('--set gives a value to a variable that the file uses and does not define', async () => {
  const file = 'steps: { tree: { node: orchard, params: { label: "${vars.data}/x" } } }'
  expect(paramsOf(await good(file, { sets: ['vars.data=/d'] }), 'tree')).toMatchObject({ label: '/d/x' })
  expect(await bad(file)).toMatchInlineSnapshot(`
    "p.yaml:1:51  no variable is called "vars.data"
        1 | steps: { tree: { node: orchard, params: { label: "\${vars.data}/x" } } }
                                                              ^^^^^^^^^^^^
        there are none under "vars:"
        set it under "vars:", or with --set vars.data=...
    "
  `)
})

test('mistakes of --set are placed in the option', async () => {
  const sets = [
    'tree.trees=many',
    'tre.trees=5',
    'vars.m=3',
    'trees',
    'tree=5',
    '=5',
    'glass.stages.filter.sise=3',
    'tree.urls=[a',
    'tree.trees.x=1',
    'tree.urls.7=x',
    'seed=x',
    'glass.stages.heat.celsius=101',
  ]
  expect(await bad(text, { sets })).toMatchInlineSnapshot(`
    "--set #1  tree.trees is the text "many", and wants a whole number from 1 to 500
        --set tree.trees=many
                         ^^^^
        How many trees.

    --set #2  no step is called "tre"
        --set tre.trees=5
              ^^^
        did you mean "tree"?

    --set #3  no variable is called "vars.m"
        --set vars.m=3
                   ^
        did you mean "vars.n"?

    --set #4  --set wants step.key=value, and gets "trees"
        --set trees
              ^^^^^
        examples: --set masks.remove_small.thr=5 --set dataset.urls=[a.zip, b.zip] --set vars.data=/data --set seed=6

    --set #5  --set wants step.key=value, and gets "tree=5"
        --set tree=5
              ^^^^
        examples: --set masks.remove_small.thr=5 --set dataset.urls=[a.zip, b.zip] --set vars.data=/data --set seed=6

    --set #6  --set wants step.key=value, and gets "=5"
        --set =5
              ^^
        examples: --set masks.remove_small.thr=5 --set dataset.urls=[a.zip, b.zip] --set vars.data=/data --set seed=6

    --set #7  glass.stages.filter has no "sise"
        --set glass.stages.filter.sise=3
                                  ^^^^
        did you mean "size"?

    --set #8  flow sequence must end with a ]
        --set tree.urls=[a
                          ^

    --set #9  "x" cannot be set inside text
        --set tree.trees.x=1
                         ^

    --set #10  there is a list of 2 here, and no item "7" (they count from 0)
        --set tree.urls.7=x
                        ^

    --set #11  seed is the text "x", and wants a whole number, at least 0
        --set seed=x
                   ^
        Decides every random number of the run: same seed, same result.

    --set #12  glass.stages.heat.celsius is 101, and wants a number from 0 to 100
        --set glass.stages.heat.celsius=101
                                        ^^^

    12 mistakes
    "
  `)
})
