import { expect, test } from 'vitest'
import { rank, tableLines, trialsCsv } from '../../src/cli/sweep-table.ts'
import { variantLines, variantsCsv, variantsOf } from '../../src/cli/sweep-variants.ts'
import type { TrialResult } from '../../src/cli/sweep-trials.ts'

const trial = (n: number, values: TrialResult['values'], means: Record<string, number | null>): TrialResult => ({
  trial: n,
  run: `run-${n}`,
  dir: `/r/run-${n}`,
  state: Object.keys(means).length > 0 ? 'done' : 'failed',
  values,
  metrics: Object.keys(means).length > 0 ? { metrics: means } : {},
})
const trials = [
  trial(1, { 'model.depth': 2 }, { dice_class0: 0.5, hd95_class0: 3, rvd_class0: -0.4 }),
  trial(2, { 'model.depth': 3 }, {}),
  trial(3, { 'model.depth': 3, 'model.loss': 'a, "b"' }, { dice_class0: 0.75, hd95_class0: 9, rvd_class0: 0.1 }),
  trial(4, { 'model.depth': 4 }, { dice_class0: null, hd95_class0: 1, rvd_class0: 0.3 }),
]
const order = (metric?: string): readonly number[] => rank(trials, metric).trials.map(t => t.trial)

test('the best is first: the highest Dice, the lowest distance, the volume nearest to the true one; those without come last', () => {
  expect(order()).toEqual([3, 1, 2, 4])
  expect(order('hd95')).toEqual([4, 1, 3, 2])
  expect(order('rvd_class0')).toEqual([3, 4, 1, 2])
  expect(order('metrics.dice_class0')).toEqual([3, 1, 2, 4])
})

test('a metric that no trial has is told, with the nearest, and the ranking is as unasked', () => {
  const { unknown, by } = rank(trials, 'dise')
  expect(unknown).toMatchObject({ kind: 'unknown-metric', name: 'dise', nearest: 'dice' })
  expect(by).toBe('metrics.dice_class0')
  expect(order('dise')).toEqual(order())
})

test('the terminal has the values and the metric, and what did not end well', () => {
  expect(tableLines(rank(trials)).join('\n')).toMatchInlineSnapshot(`
    "trial  model.depth  model.loss  dice_class0  run
        3  3            a, "b"      0.7500       run-3
        1  2                        0.5000       run-1
        2  3                        undefined    run-2 failed
        4  4                        undefined    run-4"
  `)
})

test('trials without any metric keep their order', () => {
  expect(rank([trials[1]!]).by).toBeUndefined()
  expect(tableLines(rank([trials[1]!]))[1]).toContain('run-2 failed')
})

test('the CSV has every value and every mean, quoted where it has to be', () => {
  expect(trialsCsv(rank(trials))).toMatchInlineSnapshot(`
    "trial,state,model.depth,model.loss,metrics.dice_class0,metrics.hd95_class0,metrics.rvd_class0,run
    3,done,3,"a, ""b""",0.75,9,0.1,run-3
    1,done,2,,0.5,3,-0.4,run-1
    2,failed,3,,,,,run-2
    4,done,4,,,1,0.3,run-4
    "
  `)
})

test('trials that were stopped early come after those that were not: who came further, then who was better there', () => {
  const reached = (epoch: number, score: number | null) => ({ epoch, score, metric: 'validation_loss', better: 'lower' }) as const
  const { metrics: none } = trial(0, {}, {})
  const halved: readonly TrialResult[] = [
    { trial: 1, state: 'stopped', values: { 'model.rate': 1 }, metrics: none, reached: reached(4, -0.5) },
    { trial: 2, state: 'stopped', values: { 'model.rate': 2 }, metrics: none, reached: reached(4, -0.6) },
    { trial: 3, state: 'failed', values: { 'model.rate': 3 }, metrics: none, reached: reached(0, null), run: 'run-3' },
    { ...trial(4, { 'model.rate': 4 }, { dice_class0: 0.5 }), reached: reached(64, -0.9) },
    { trial: 5, state: 'stopped', values: { 'model.rate': 5 }, metrics: none, reached: reached(16, -0.4) },
  ]
  expect(tableLines(rank(halved)).join('\n')).toMatchInlineSnapshot(`
    "trial  model.rate  epochs  validation_loss  dice_class0  run
        4  4           64      -0.9000          0.5000       run-4
        5  5           16      -0.4000                       stopped
        2  2           4       -0.6000                       stopped
        1  1           4       -0.5000                       stopped
        3  3           0       undefined        undefined    run-3 failed"
  `)
  expect(trialsCsv(rank(halved))).toMatchInlineSnapshot(`
    "trial,state,model.rate,epochs,validation_loss,metrics.dice_class0,run
    4,done,4,64,-0.9,0.5,run-4
    5,stopped,5,16,-0.4,,
    2,stopped,2,4,-0.6,,
    1,stopped,1,4,-0.5,,
    3,failed,3,0,,,run-3
    "
  `)
  expect(rank(halved.slice(0, 2)).trials.map(t => t.trial)).toEqual([2, 1])
})

const repeats = [
  trial(1, { 'model.depth': 2, 'split.folds': 2, 'split.fold': 1, seed: 1 }, { dice_class0: 0.81, hd95_class0: 2 }),
  trial(2, { 'model.depth': 2, 'split.folds': 2, 'split.fold': 2, seed: 1 }, { dice_class0: 0.78, hd95_class0: null }),
  trial(3, { 'model.depth': 2, 'split.folds': 2, 'split.fold': 1, seed: 2 }, { dice_class0: 0.9, hd95_class0: 3 }),
  trial(4, { 'model.depth': 3, 'split.folds': 2, 'split.fold': 1, seed: 1 }, { dice_class0: 0.85, hd95_class0: 4 }),
  trial(5, { 'model.depth': 3, 'split.folds': 2, 'split.fold': 2, seed: 1 }, {}),
]
const repeated = ['split.folds', 'split.fold', 'seed']

test('trials that differ in seed and fold alone are one variant, with the mean and the standard deviation of numpy', () => {
  const variants = variantsOf(rank(repeats), repeated)
  expect(variants.map(v => [v.variant, v.values, v.trials])).toEqual([
    [2, { 'model.depth': 3 }, [4, 5]],
    [1, { 'model.depth': 2 }, [1, 2, 3]],
  ])
  // numpy: x = [0.81, 0.78, 0.9]; np.mean(x), np.std(x, ddof=1); np.std([2, 3], ddof=1)
  expect(variants[1]!.metrics['metrics.dice_class0']).toEqual({
    n: 3,
    mean: expect.closeTo(0.83, 14) as number,
    std: expect.closeTo(0.06244997998398397, 14) as number,
  })
  expect(variants[1]!.metrics['metrics.hd95_class0']).toEqual({ n: 2, mean: 2.5, std: expect.closeTo(0.7071067811865476, 14) as number })
  expect(variants[0]!.metrics['metrics.dice_class0']).toEqual({ n: 1, mean: 0.85, std: null })
  expect(variantsOf(rank(repeats, 'hd95'), repeated).map(v => v.variant)).toEqual([1, 2])
  expect(variantsOf(rank(trials), [])).toEqual([])
})

test('variants are shown in the terminal and as CSV', () => {
  const ranked = rank(repeats)
  const variants = variantsOf(ranked, repeated)
  expect(variantLines(variants, ranked.by).join('\n')).toMatchInlineSnapshot(`
    "variant  model.depth  dice_class0      over
          2  3            0.8500           1 of 2 trials
          1  2            0.8300 ± 0.0624  3 trials"
  `)
  expect(variantsCsv(variants)).toMatchInlineSnapshot(`
    "variant,trials,model.depth,metrics.dice_class0.mean,metrics.dice_class0.std,metrics.dice_class0.n,metrics.hd95_class0.mean,metrics.hd95_class0.std,metrics.hd95_class0.n
    2,4 5,3,0.85,,1,4,,1
    1,1 2 3,2,0.8300000000000001,0.06244997998398397,3,2.5,0.7071067811865476,2
    "
  `)
})
