import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { printFailures } from '../../src/cli/print.ts'
import { failed, type Result } from '../../src/failure.ts'
import { loadSweep, type Sweep } from '../../src/sweep/load.ts'
import { paramsOf, registry } from '../pipeline/kitchen.ts'

const pipeline = `seed: 4
steps:
  tree: { node: orchard, params: { trees: 5 } }
  glass: { node: press, inputs: { fruit: tree }, params: { bar: 1 } }
`

/** A sweep of files in a folder of their own; the first is the one that is swept. */
async function sweep(files: Readonly<Record<string, string>>, sets: readonly string[] = [], max?: number) {
  const cwd = mkdtempSync(join(tmpdir(), 'sweep-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true })
    writeFileSync(join(cwd, name), text)
  }
  const loadUserNode = () => Promise.resolve(failed({ kind: 'user-node-missing', path: './none.ts', kinds: ['.ts'] }))
  const result = await loadSweep(Object.keys(files)[0]!, { registry, sets, env: {}, cwd, loadUserNode }, max)
  return { result, text: result.ok ? '' : printFailures(result.failures, { color: false, cwd }) }
}

const valuesOf = (result: Result<Sweep>) => (result.ok ? result.value.trials.map(trial => trial.values) : [])
const bad = async (block: string): Promise<string> => (await sweep({ 'p.yaml': `${pipeline}sweep:\n${block}` })).text

test('the trials of a block have the values in their pipelines, beside those of --set', async () => {
  const { result, text } = await sweep({ 'p.yaml': `${pipeline}sweep:\n  grid: { tree.trees: [6, 7], glass.bar: [2] }\n` }, [
    'tree.sort=gala',
  ])
  expect(text).toBe('')
  expect(valuesOf(result)).toEqual([
    { 'tree.trees': 6, 'glass.bar': 2 },
    { 'tree.trees': 7, 'glass.bar': 2 },
  ])
  const second = result.ok ? result.value.trials[1]!.pipeline : undefined
  expect(second && paramsOf(second, 'tree')).toMatchObject({ trees: 7, sort: 'gala' })
  expect(result.ok && result.value.base.resolved()).not.toContain('sweep')
})

test('a file of its own names the pipeline from its own folder', async () => {
  const { result, text } = await sweep({
    'sweeps/s.yaml': 'pipeline: ../p.yaml\nsweep: { grid: { glass.bar: [2, 3] } }\n',
    'p.yaml': pipeline,
  })
  expect(text).toBe('')
  expect(valuesOf(result)).toEqual([{ 'glass.bar': 2 }, { 'glass.bar': 3 }])
})

test('a path that is absolute is taken as it is', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'sweep-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  writeFileSync(join(cwd, 'p.yaml'), pipeline)
  const { text } = await sweep({ 'sweeps/s.yaml': `pipeline: ${join(cwd, 'p.yaml')}\nsweep: { grid: { glass.bar: [2, 3] } }\n` })
  expect(text).toBe('')
})

test('repeats begin at the seed of the pipeline, and a list of seeds is taken as it is', async () => {
  const seeds = async (repeats: string) =>
    valuesOf((await sweep({ 'p.yaml': `${pipeline}sweep: { repeats: ${repeats} }\n` })).result).map(trial => trial['seed'])
  expect(await seeds('3')).toEqual([4, 5, 6])
  expect(await seeds('[9, 1]')).toEqual([9, 1])
})

test('a param with a condition takes part where the condition is met, and what is then equal is one', async () => {
  const block = 'sweep:\n  grid: { tree.sort: [gala, elstar], tree.trees: [6, 7] }\n  when: { tree.trees: { tree.sort: gala } }\n'
  expect(valuesOf((await sweep({ 'p.yaml': pipeline + block })).result)).toEqual([
    { 'tree.sort': 'gala', 'tree.trees': 6 },
    { 'tree.sort': 'gala', 'tree.trees': 7 },
    { 'tree.sort': 'elstar' },
  ])
})

test('at most max trials are read, and all are counted', async () => {
  const { result } = await sweep({ 'p.yaml': `${pipeline}sweep: { grid: { tree.trees: [6, 7, 8] } }\n` }, [], 2)
  expect(result.ok && [result.value.trials.length, result.value.all]).toEqual([2, 3])
})

test('text with ${ in it stays text in every trial', async () => {
  const { result, text } = await sweep({ 'p.yaml': `${pipeline}sweep: { grid: { tree.label: ["$\${x}"] } }\n` })
  expect(text).toBe('')
  expect(result.ok && paramsOf(result.value.trials[0]!.pipeline, 'tree')).toMatchObject({ label: '${x}' })
})

test('a value that its node refuses is shown where the sweep writes it, once', async () => {
  expect(await bad('  grid:\n    tree.trees: [6, many]\n    glass.bar: [1, 2]\n')).toMatchInlineSnapshot(`
    "p.yaml:7:21  tree.trees is the text "many", and wants a whole number from 1 to 500
        7 |     tree.trees: [6, many]
                                ^^^^
        How many trees.
    "
  `)
})

test('a step and a param that there are not get the nearest name', async () => {
  expect(await bad('  grid: { glas.bar: [1, 2] }\n')).toMatchInlineSnapshot(`
    "p.yaml:6:11  no step is called "glas"
        6 |   grid: { glas.bar: [1, 2] }
                      ^^^^^^^^
        did you mean "glass"?
    "
  `)
  expect(await bad('  uniform: { glass.barr: [1, 2] }\n  samples: 2\n')).toMatchInlineSnapshot(`
    "p.yaml:6:14  node "press" has no "barr"
        6 |   uniform: { glass.barr: [1, 2] }
                         ^^^^^^^^^^
        did you mean "bar"?
    "
  `)
})

test('mistakes of the shape are told with all others of the file', async () => {
  expect(await bad('  gird: { glass.bar: [1, 2] }\n  uniform: { tree.trees: [5, 2] }\n')).toMatchInlineSnapshot(`
    "p.yaml:5:1  sweep needs "samples": how many times the values are drawn
        5 | sweep:
            ^^^^^
        How many times choice, uniform and log_uniform are drawn.

    p.yaml:6:3  sweep has no "gird"
        6 |   gird: { glass.bar: [1, 2] }
              ^^^^
        did you mean "grid"?

    p.yaml:7:26  sweep.uniform.tree.trees is a list of 2: the lower bound comes first, and they differ
        7 |   uniform: { tree.trees: [5, 2] }
                                     ^^^^^^

    3 mistakes
    "
  `)
})

test('keys that vary nothing, vary twice, or are not varied; lists of two lengths', async () => {
  expect(
    await bad(
      '  grid: { glass: [1] }\n  zip: { tree.trees: [5, 6], tree.sort: [gala] }\n  choice: { tree.trees: [7] }\n  samples: 1\n  exclude: [{ tree.tree: 5 }]\n',
    ),
  ).toMatchInlineSnapshot(`
    "p.yaml:6:11  "glass" names nothing that can be varied
        6 |   grid: { glass: [1] }
                      ^^^^^
        write step.param, vars.name or seed

    p.yaml:8:13  "tree.trees" is varied twice: by zip and by choice
        8 |   choice: { tree.trees: [7] }
                        ^^^^^^^^^^
        keep one of them

    p.yaml:7:10  the lists of a zip are taken side by side, and these are not equally long
        7 |   zip: { tree.trees: [5, 6], tree.sort: [gala] }
                     ^^^^^^^^^^
        tree.trees: 2 values
        tree.sort: 1 value
        for every combination write grid

    p.yaml:10:15  sweep.exclude names "tree.tree", which the sweep does not vary
        10 |   exclude: [{ tree.tree: 5 }]
                           ^^^^^^^^^
        did you mean "tree.trees"?

    4 mistakes
    "
  `)
})

test('an exclude that leaves nothing, and a file without a sweep', async () => {
  expect(await bad('  grid: { glass.bar: [2] }\n  exclude: [{ glass.bar: 2 }]\n')).toMatchInlineSnapshot(`
    "p.yaml:7:3  the sweep has no trial left
        7 |   exclude: [{ glass.bar: 2 }]
              ^^^^^^^
        each has all the values under exclude
    "
  `)
  expect((await sweep({ 'p.yaml': pipeline })).text).toMatchInlineSnapshot(`
    "error  p.yaml has no "sweep:"
        write what is varied, such as sweep: { grid: { model.batch_size: [8, 16] } }
    "
  `)
})

test('a file of its own with a slip', async () => {
  expect((await sweep({ 's.yaml': 'pipeline: p.yaml\nsweeps: {}\n', 'p.yaml': pipeline })).text).toMatchInlineSnapshot(`
    "s.yaml:2:1  a file that sweeps a pipeline has no "sweeps"
        2 | sweeps: {}
            ^^^^^^
        did you mean "sweep"?
    "
  `)
})
