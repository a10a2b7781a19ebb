import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Place } from '../faults/place.ts'

/** A table of metrics that is the same on every machine. */
const node = `import { defineNode, z } from 'voxelpipe'
import { metrics } from 'voxelpipe/artifacts'
export default defineNode({
  summary: 'Makes up the metrics of 14 subjects.', version: 1, inputs: {}, output: metrics,
  params: z.strictObject({ shift: z.number().default(0) }),
  run: ({ params: { shift } }) => {
    const rows = Array.from({ length: 14 }, (_, i) => {
      const dice = 0.4 + (0.5 * ((i * 37) % 101)) / 101 + (shift * (((i * 53) % 17) - 4.75)) / 17
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
