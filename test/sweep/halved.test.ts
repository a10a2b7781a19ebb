import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { artifact } from '../../src/artifact.ts'
import { printFailures } from '../../src/cli/print.ts'
import { failed } from '../../src/failure.ts'
import { defineNode, maybe, one, type Registry } from '../../src/node.ts'
import { loadSweep } from '../../src/sweep/load.ts'

const dough = artifact('dough', z.object({ height: z.number() }))
const time = z.strictObject({ hours: z.int().default(9), stop: z.int().optional() }).prefault({})
/** Dough that rises, and may be looked at on the way. */
const registry: Registry = {
  rise: defineNode({
    summary: 'Rises.',
    version: 1,
    params: z.strictObject({ yeast: z.number().min(0).default(1), time }),
    inputs: { before: maybe(dough) },
    output: dough,
    parts: {
      ...{ total: 'time.hours', until: 'time.stop', from: 'before' },
      scores: { height: { better: 'higher', of: part => part.height } },
    },
    run: () => ({ height: 1 }),
  }),
  bake: defineNode({
    summary: 'Bakes.',
    version: 1,
    params: z.strictObject({}),
    inputs: { dough: one(dough) },
    output: dough,
    run: () => ({ height: 2 }),
  }),
}
const pipeline = `steps:
  dough: { node: rise, params: { time: { hours: 5 } } }
  bread: { node: bake, inputs: { dough: dough } }
sweep:
`

async function load(block: string) {
  const cwd = mkdtempSync(join(tmpdir(), 'sweep-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  writeFileSync(join(cwd, 'p.yaml'), pipeline + block)
  const loadUserNode = () => Promise.resolve(failed({ kind: 'user-node-missing', path: './none.ts', kinds: ['.ts'] }))
  const result = await loadSweep('p.yaml', { registry, sets: [], env: {}, cwd, loadUserNode })
  return { result, text: result.ok ? '' : printFailures(result.failures, { color: false, cwd }) }
}

test('a trial has its training as a chain of parts, of which the last keeps the name', async () => {
  const { result, text } = await load(
    '  grid: { dough.yeast: [1, 2] }\n  halving: { step: dough, epochs: [2, 4, 8], metric: height, reduction: 2 }\n',
  )
  expect(text).toBe('')
  if (!result.ok) return
  const { trials, halved, base } = result.value
  expect(halved?.names).toEqual(['dough-2', 'dough-4', 'dough'])
  expect([...base.steps.keys()]).toEqual(['dough', 'bread'])
  expect(trials[1]!.pipeline.resolved()).toMatchInlineSnapshot(`
    "name: p
    seed: 0
    steps:
      dough-2:
        node: rise
        params:
          yeast: 2
          time:
            hours: 8
            stop: 2
      dough-4:
        node: rise
        inputs:
          before: dough-2
        params:
          yeast: 2
          time:
            hours: 8
            stop: 4
      dough:
        node: rise
        inputs:
          before: dough-4
        params:
          yeast: 2
          time:
            hours: 8
            stop: 8
      bread:
        node: bake
        inputs:
          dough: dough
    "
  `)
})

test('mistakes are told at their places: a step that there is not or that has no epochs, a metric, what is decided twice', async () => {
  expect((await load('  grid: { dough.yeast: [1] }\n  halving: { step: dou, epochs: [2, 4], metric: height }\n')).text)
    .toMatchInlineSnapshot(`
    "p.yaml:6:20  no step is called "dou"
        6 |   halving: { step: dou, epochs: [2, 4], metric: height }
                               ^^^
        did you mean "dough"?
    "
  `)
  expect((await load('  grid: { dough.yeast: [1] }\n  halving: { step: bread, epochs: [2, 4], metric: height }\n')).text)
    .toMatchInlineSnapshot(`
    "p.yaml:6:20  step "bread" cannot be done in parts: node "bake" has no epochs
        6 |   halving: { step: bread, epochs: [2, 4], metric: height }
                               ^^^^^
        those that can: dough
    "
  `)
  expect((await load('  grid: { dough.time.hours: [3, 4] }\n  halving: { step: dough, epochs: [2, 4] }\n')).text).toMatchInlineSnapshot(`
    "p.yaml:6:12  trainings have no "validation_loss" to compare them by
        6 |   halving: { step: dough, epochs: [2, 4] }
                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        they have: height

    p.yaml:5:11  "dough.time.hours" is varied, and halving.epochs decides it
        5 |   grid: { dough.time.hours: [3, 4] }
                      ^^^^^^^^^^^^^^^^
        leave it out of the sweep, or leave out halving

    2 mistakes
    "
  `)
  expect((await load('  halving: { step: dough, epochs: [4, 4], metric: height }\n')).text).toMatchInlineSnapshot(`
    "p.yaml:5:35  sweep.halving.epochs is a list of 2: each is larger than the one before
        5 |   halving: { step: dough, epochs: [4, 4], metric: height }
                                              ^^^^^^
        The rungs: where trainings are compared; the last is where those that were never stopped end.
    "
  `)
  // Of a value that is wrong the step is named, and not each of its parts.
  expect((await load('  grid: { dough.yeast: [-1] }\n  halving: { step: dough, epochs: [2, 4], metric: height }\n')).text)
    .toMatchInlineSnapshot(`
    "p.yaml:5:25  dough.yeast is -1, and wants a number, at least 0
        5 |   grid: { dough.yeast: [-1] }
                                    ^^
    "
  `)
})
