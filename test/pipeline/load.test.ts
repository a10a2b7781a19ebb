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
  const first = await good(breakfast, { sets: ['tree.label="0123"', 'glass2.cloth={ mesh: 5 }', 'glass.stages.filter.size=7'] })
  const again = await good(first.resolved())
  for (const [id, step] of first.steps) {
    expect(again.steps.get(id)).toMatchObject({ params: step.params, inputs: step.inputs, nodeName: step.nodeName })
  }
  expect(again.resolved()).toBe(first.resolved())
  expect(first.resolved()).toMatchInlineSnapshot(`
    "name: breakfast
    seed: 6
    steps:
      tree:
        node: orchard
        params:
          sort: gala
          trees: 20
          urls: []
          label: "0123"
      glass:
        node: press
        inputs:
          fruit: tree
        params:
          bar: 2.5
          cloth: false
          stages:
            heat:
              celsius: 80
            filter:
              size: 7
        timeout: 60
      mix:
        node: bar
        inputs:
          juices:
            - glass
            - glass2
        params:
          name: mix
      glass2:
        node: press
        inputs:
          fruit: tree
          more: tree
        params:
          bar: 1
          cloth:
            mesh: 5
          stages: {}
    "
  `)
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
  ).toMatchInlineSnapshot(`
    "p.yaml:1:1  a pipeline has no "nam"
        1 | nam: breakfast
            ^^^
        did you mean "name"?

    p.yaml:2:7  seed is -1, and wants a whole number, at least 0
        2 | seed: -1
                  ^^
        Decides every random number of the run: same seed, same result.

    p.yaml:5:11  no node is called "orchid"
        5 |     node: orchid
                      ^^^^^^
        did you mean "orchard"?

    p.yaml:6:43  tree2.sort is the text "gale", and wants one of boskoop, elstar, gala
        6 |   tree2: { node: orchard, params: { sort: gale, trees: 1000, lable: x }, input: { a: b } }
                                                      ^^^^
        Which apple.
        did you mean "gala"?

    p.yaml:6:56  tree2.trees is 1000, and wants a whole number from 1 to 500
        6 |   tree2: { node: orchard, params: { sort: gale, trees: 1000, lable: x }, input: { a: b } }
                                                                   ^^^^
        How many trees.

    p.yaml:6:62  node "orchard" has no "lable"
        6 |   tree2: { node: orchard, params: { sort: gale, trees: 1000, lable: x }, input: { a: b } }
                                                                         ^^^^^
        did you mean "label"?

    p.yaml:6:74  step "tree2" has no "input"
        6 |   tree2: { node: orchard, params: { sort: gale, trees: 1000, lable: x }, input: { a: b } }
                                                                                     ^^^^^
        did you mean "inputs"?

    p.yaml:7:3  "tree2" is written twice
        7 |   tree2: {}
              ^^^^^
        the first one is in line 6
        keep one of them

    p.yaml:10:15  node "press" has no input "fruits"
        10 |     inputs: { fruits: tree2, more: mix }
                           ^^^^^^
        did you mean "fruit"?

    p.yaml:10:36  input "more" wants an apple, and "mix" gives a juice
        10 |     inputs: { fruits: tree2, more: mix }
                                                ^^^
        "tree2" and "9lives" give an apple

    p.yaml:12:12  glass.bar is the text "five", and wants a number, more than 0
        12 |       bar: five
                        ^^^^
        Pressure, in bar.

    p.yaml:13:22  glass.cloth.mesh is the text "x", and wants a number
        13 |       cloth: { mesh: x }
                                  ^

    p.yaml:15:9  glass.stages has no "fliter"
        15 |         fliter: {}
                     ^^^^^^
        did you mean "filter"?

    p.yaml:16:25  glass.stages.filter.size is -1, and wants a number, at least 0
        16 |         filter: { size: -1, sise: 2 }
                                     ^^
        Largest particle, in micrometres.

    p.yaml:16:29  glass.stages.filter has no "sise"
        16 |         filter: { size: -1, sise: 2 }
                                         ^^^^
        did you mean "size"?

    p.yaml:17:9  glass.stages.heat needs "celsius": a number from 0 to 100
        17 |         heat: {}
                     ^^^^

    p.yaml:20:24  no step is called "glas"
        20 |     inputs: { juices: [glas, tree2] }
                                    ^^^^
        did you mean "glass"?

    p.yaml:20:30  input "juices" wants a juice, and "tree2" gives an apple
        20 |     inputs: { juices: [glas, tree2] }
                                          ^^^^^
        "glass" and "idle" and "round" and "circle" and "itself" give a juice

    p.yaml:21:21  mix.name is 123 (written 0123), and wants text
        21 |     params: { name: 0123 }
                                 ^^^^
        for the text itself write quotes: "0123"

    p.yaml:22:3  node "press" needs "bar": a number, more than 0
        22 |   idle: { node: press, inputs: { fruit: [tree2, tree2] }, timeout: 0 }
               ^^^^
        Pressure, in bar.

    p.yaml:22:41  input "fruit" takes one step, and is given 2
        22 |   idle: { node: press, inputs: { fruit: [tree2, tree2] }, timeout: 0 }
                                                     ^^^^^^^^^^^^^^
        write fruit: and the name of the step

    p.yaml:22:68  idle.timeout is 0, and wants a number, more than 0
        22 |   idle: { node: press, inputs: { fruit: [tree2, tree2] }, timeout: 0 }
                                                                                ^
        Seconds after which the step is stopped. By default never.

    p.yaml:23:3  "9lives" cannot be the name of a step
        23 |   9lives: { node: orchard }
               ^^^^^^
        a step gives its name to a folder and to --set: a letter, then letters, digits, "-" and "_"

    p.yaml:24:41  these steps wait for each other: round -> circle -> round
        24 |   round: { node: bar, inputs: { juices: circle } }
                                                     ^^^^^^
        remove one of these inputs

    p.yaml:25:67  circle.name is the text "Ab": a name is made of small letters
        25 |   circle: { node: bar, inputs: { juices: round }, params: { name: Ab } }
                                                                               ^^

    p.yaml:26:9  step "empty" is empty, and wants a mapping
        26 |   empty:
                     ^

    p.yaml:27:56  input "more" wants an apple, and "itself" gives a juice
        27 |   itself: { node: press, inputs: { fruit: tree2, more: itself }, params: { bar: } }
                                                                    ^^^^^^
        "tree2" and "9lives" give an apple

    p.yaml:27:56  step "itself" waits for itself
        27 |   itself: { node: press, inputs: { fruit: tree2, more: itself }, params: { bar: } }
                                                                    ^^^^^^
        remove one of these inputs

    p.yaml:27:76  node "press" needs "bar": a number, more than 0
        27 |   itself: { node: press, inputs: { fruit: tree2, more: itself }, params: { bar: } }
                                                                                        ^^^
        Pressure, in bar.

    29 mistakes
    "
  `)
})

test('a file that is not there, is empty, or is no mapping', async () => {
  const missing = await load('', { cwd: '/nowhere' })
  expect(missing).toMatchObject({ ok: false, failures: [{ kind: 'file-missing', path: '/nowhere/p.yaml' }] })
  expect(await bad('')).toMatchInlineSnapshot(`
    "p.yaml:1:1  a pipeline needs "steps": a mapping
        The steps by name, in any order: what runs first follows from their inputs.
    "
  `)
  expect(await bad('steps: {}')).toMatchInlineSnapshot(`
    "p.yaml:1:1  a pipeline needs "steps": at least one step
        1 | steps: {}
            ^^^^^
    "
  `)
  expect(await bad('- node: orchard')).toMatchInlineSnapshot(`
    "p.yaml:1:1  a pipeline file is a mapping with the keys name, seed, vars and steps
        1 | - node: orchard
            ^^^^^^^^^^^^^^^
    "
  `)
  expect(await bad('steps: [orchard]')).toMatchInlineSnapshot(`
    "p.yaml:1:8  steps is a list of 1, and wants a mapping
        1 | steps: [orchard]
                   ^^^^^^^^^
        The steps by name, in any order: what runs first follows from their inputs.
    "
  `)
})

test("a user's own node is loaded from beside the file; its mistakes are placed at its name", async () => {
  const pipeline = await good('steps: { tree: { node: ./own.ts, params: { trees: 3 } } }')
  expect(pipeline.steps.get('tree')).toMatchObject({ nodeName: './own.ts', code: 'abc123', params: { trees: 3 } })
  expect(pipeline.resolved()).toMatch(/node: \/.*\/own\.ts\n/)
  expect(await bad('steps:\n  tree: { node: ./none.ts }\n  pear: { node: own.ts }')).toMatchInlineSnapshot(`
    "p.yaml:2:17  there is no node at ./none.ts
        2 |   tree: { node: ./none.ts }
                            ^^^^^^^^^
        a node of your own is a file ending in .ts; its path counts from the folder of the pipeline file

    p.yaml:3:17  no node is called "own.ts"
        3 |   pear: { node: own.ts }
                            ^^^^^^
        did you mean "./own.ts"?

    2 mistakes
    "
  `)
})
