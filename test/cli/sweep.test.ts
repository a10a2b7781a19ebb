import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Place } from '../faults/place.ts'

/** A table of metrics that is the same on every machine; a seed adds a hundredth to every Dice. */
const node = `import { defineNode, z } from 'voxelpipe'
import { metrics } from 'voxelpipe/artifacts'
export default defineNode({
  summary: 'Makes up the metrics of 14 subjects.', version: 1, inputs: {}, output: metrics, seeded: true,
  params: z.strictObject({ shift: z.number().default(0) }),
  run: ({ seed, params: { shift } }) => {
    const rows = Array.from({ length: 14 }, (_, i) => {
      const dice = 0.4 + (0.5 * ((i * 37) % 101)) / 101 + (shift * (((i * 53) % 17) - 4.75)) / 17 + seed / 100
      return { image: 'sub-' + String(i + 1).padStart(2, '0') + '_T2w', values: { dice_class0: dice, hd95_class0: 2 + ((i * 7) % 5) + (shift > 0.05 ? i % 3 : 0) } }
    })
    return { columns: ['dice_class0', 'hd95_class0'], rows, means: {} }
  },
})
`
const sweep = `name: made
steps:
  metrics: { node: ./metrics.ts }
sweep:
  grid: { metrics.shift: [0, 0.02, 0.1] }
`
/* What scipy 1.17 says of them:
import numpy as np
from scipy import stats
i = np.arange(14)
dice = lambda shift: 0.4 + (0.5 * ((i * 37) % 101)) / 101 + (shift * (((i * 53) % 17) - 4.75)) / 17
hd95 = lambda shift: 2 + ((i * 7) % 5) + (i % 3 if shift > 0.05 else 0 * i)
for of in [dice, hd95]:
    a, b = of(0.02), of(0.1)
    d = b - a
    t = stats.ttest_rel(b, a)
    w = stats.wilcoxon(d, method="exact" if of is dice else "approx")
    print(d.mean(), *t.confidence_interval(0.95), t.statistic, t.pvalue, w.statistic, w.pvalue, d.mean() / d.std(ddof=1))
*/
const scipy: Readonly<Record<string, readonly number[]>> = {
  dice_class0: [
    0.010252100840336132, -0.0029932137407826867, 0.02349741542145495, 1.6721624226222929, 0.11837358953469221, 30.0, 0.172607421875,
    0.44690420574932227,
  ],
  hd95_class0: [
    0.9285714285714286, 0.4500700840728444, 1.4070727730700128, 4.192374029115246, 0.0010544415994130404, 0.0, 0.00616989932054416,
    1.120459089582735,
  ],
}

interface Compared {
  readonly differences: unknown
  readonly strata: readonly {
    readonly metrics: readonly {
      readonly metric: string
      readonly pairs: readonly {
        readonly pairs: number
        readonly difference: { readonly mean: number; readonly interval: { readonly low: number; readonly high: number } }
        readonly t: { readonly t: number; readonly p: number }
        readonly wilcoxon: { readonly statistic: number; readonly p: number }
        readonly cohensDz: { readonly value: number }
      }[]
    }[]
  }[]
}

const place = new Place()
let table: string
beforeAll(async () => {
  writeFileSync(place.at('p.yaml'), sweep)
  writeFileSync(place.at('metrics.ts'), node)
  const swept = await place.pipe(['sweep', 'p.yaml'])
  expect([swept.code, swept.err]).toEqual([0, ''])
  table = swept.out
})
afterAll(() => place.remove())

/** The run of a trial, as the table of the sweep calls it. */
const runOf = (trial: number): string => new RegExp(`^ +${trial} .* (\\S+)$`, 'm').exec(table)![1]!

test('two trials are compared by the names that the sweep prints, or their paths, to the digits of scipy', async () => {
  for (const [a, b] of [
    [runOf(2), runOf(3)],
    [`runs/made/${runOf(2)}`, `runs/made/${runOf(3)}`],
    [`made/${runOf(2)}`, `made/${runOf(3)}`],
  ] as const) {
    const said = await place.pipe(['compare', a, b, '--json'])
    expect(said.err).toBe('')
    const { differences, strata } = JSON.parse(said.out) as Compared
    expect(differences).toEqual([{ kind: 'param', where: 'metrics.shift', values: { A: 0.02, B: 0.1 } }])
    for (const { metric, pairs } of strata[0]!.metrics) {
      const { difference, t, wilcoxon, cohensDz, pairs: subjects } = pairs[0]!
      const numbers = [difference.mean, difference.interval.low, difference.interval.high, t.t, t.p, wilcoxon.statistic, wilcoxon.p]
      expect(subjects).toBe(14)
      expect([...numbers, cohensDz.value]).toEqual(scipy[metric]!.map(x => expect.closeTo(x, 9) as number))
    }
  }
})

test('of repeats the table has a row for each variant, and so have variants.csv and trials.json', async () => {
  const repeated = sweep.replace('[0, 0.02, 0.1] }', '[0, 0.1] }\n  repeats: [1, 2, 4]')
  writeFileSync(place.at('q.yaml'), repeated.replace('made', 'again'))
  const swept = await place.pipe(['sweep', 'q.yaml'])
  expect([swept.code, swept.err]).toEqual([0, ''])
  // The standard deviation of 0.01, 0.02 and 0.04 is that of numpy with ddof=1.
  expect(swept.out).toMatch(
    /^variant +metrics\.shift +dice_class0 +over\n +2 +0\.1 +\d\.\d{4} ± 0\.0153 +3 trials\n +1 +0 +\d\.\d{4} ± 0\.0153 +3 trials$/m,
  )
  expect(swept.out).toMatch(/^the best two, subject by subject: pipe compare \S+ \S+$/m)
  const latest = ['runs', 'again', 'sweeps', 'latest'] as const
  const [head, first] = place
    .read(...latest, 'variants.csv')
    .toString()
    .split('\n')
  expect(head).toMatch(/^variant,trials,metrics\.shift,metrics\.dice_class0\.mean,metrics\.dice_class0\.std,metrics\.dice_class0\.n,/)
  expect(first).toMatch(/^2,4 5 6,0\.1,/)
  expect(Number(first!.split(',')[4])).toBeCloseTo(0.015275252316519468, 12)
  const { variants } = JSON.parse(place.read(...latest, 'trials.json').toString()) as { variants: { trials: number[] }[] }
  expect(variants.map(v => v.trials)).toEqual([
    [4, 5, 6],
    [1, 2, 3],
  ])
})
