import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compareRuns, type CompareOptions, type Comparison } from '../../src/compare/compare.ts'
import { comparisonCsv } from '../../src/compare/csv.ts'
import { describe } from '../../src/failure.ts'
import { withRuns, type MadeRun, type MadeRuns } from './made-runs.ts'

const plain: CompareOptions = { per: 'subject', metrics: [] }

async function compared(runs: MadeRuns, made: readonly MadeRun[], options: Partial<CompareOptions> = {}): Promise<Comparison> {
  const opened = []
  for (const run of made) opened.push(await runs.open(runs.make('unet', run)))
  const result = compareRuns(opened, { ...plain, ...options })
  if (!result.ok) throw new Error(result.failures.map(describe).join('\n'))
  return result.value
}

/** One image a subject, one column. */
const dice = (values: readonly (number | null)[]): NonNullable<MadeRun['metrics']> =>
  Object.fromEntries(values.map((value, i) => [`sub-${String(i + 1).padStart(2, '0')}_T2w`, { dice_class0: value }]))

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../statistics/paired_scipy.json'), 'utf8')) as {
  readonly paired: readonly { name: string; a: number[]; b: number[]; wilcoxon: { p: number }; t: { p: number; interval: number[] } }[]
}

test(
  "the tests of two runs are scipy's of their subjects, b minus a",
  withRuns(async runs => {
    for (const name of ['2 pairs', '13 pairs', '60 pairs', '30 pairs of two decimals: ties and zeros']) {
      const c = golden.paired.find(p => p.name === name)!
      const { strata } = await compared(runs, [{ metrics: dice(c.a) }, { metrics: dice(c.b) }])
      const pair = strata[0]!.metrics[0]!.pairs[0]!
      expect(pair.pairs).toBe(c.a.length)
      expect(pair.wilcoxon!.p).toBeCloseTo(c.wilcoxon.p, 12)
      expect(pair.t!.p).toBeCloseTo(c.t.p, 12)
      expect([pair.difference.interval!.low, pair.difference.interval!.high]).toEqual(
        c.t.interval.map(x => expect.closeTo(x, 10) as number),
      )
      expect(pair.wilcoxon).not.toHaveProperty('holm')
    }
  }),
)

test(
  'two images of one subject are one pair, the mean of both; per image they are two',
  withRuns(async runs => {
    const a = { 'sub-01_T1w': { dice_class0: 0.5 }, 'sub-01_T2w': { dice_class0: 0.7 }, 'sub-02_T2w': { dice_class0: 0.8 } }
    const b = { 'sub-01_T1w': { dice_class0: 0.7 }, 'sub-01_T2w': { dice_class0: 0.9 }, 'sub-02_T2w': { dice_class0: 0.7 } }
    const perSubject = (await compared(runs, [{ metrics: a }, { metrics: b }])).strata[0]!.metrics[0]!.pairs[0]!
    expect(perSubject.moved.map(m => [m.unit, m.difference.toFixed(6)])).toEqual([
      ['sub-01', '0.200000'],
      ['sub-02', '-0.100000'],
    ])
    const perImage = (await compared(runs, [{ metrics: a }, { metrics: b }], { per: 'image' })).strata[0]!.metrics[0]!.pairs[0]!
    expect([perSubject.pairs, perImage.pairs]).toEqual([2, 3])
  }),
)

test(
  'images that one run has not, and values that are undefined in one, are left out and said',
  withRuns(async runs => {
    const { runs: said, strata } = await compared(runs, [{ metrics: dice([0.5, 0.6, null, 0.8]) }, { metrics: dice([0.6, null, 0.7]) }])
    expect(said.map(run => run.missing)).toEqual([[], ['sub-04_T2w']])
    const { pairs, runs: sides } = strata[0]!.metrics[0]!
    expect([pairs[0]!.pairs, pairs[0]!.undefined, pairs[0]!.t, pairs[0]!.cohensDz]).toEqual([1, { a: 1, b: 1 }, null, null])
    // The means are those of each run, as in its own summary.
    expect([sides['A']!.images, sides['A']!.mean, sides['B']!.images, sides['B']!.mean]).toEqual([
      3,
      expect.closeTo(1.9 / 3, 12),
      2,
      expect.closeTo(0.65, 12),
    ])
  }),
)

test(
  'strata are by the values of a column; numbers of many values are halved at their median; all comes first',
  withRuns(async runs => {
    const values = [0.5, 0.6, 0.7, 0.8, 0.9, 0.4, 0.3, 0.2, 0.1, 0.55]
    const facts = Object.fromEntries(
      Object.keys(dice(values)).map((image, i) => [image, { sex: i === 0 ? null : i % 2 ? 'F' : 'M', age: 20 + i }]),
    )
    const both: readonly MadeRun[] = [
      { metrics: dice(values), facts },
      { metrics: dice(values.map(v => v + 0.01)), facts },
    ]
    const bySex = await compared(runs, both, { by: 'sex' })
    expect(bySex.strata.map(s => [s.value, s.images])).toEqual([
      [null, 10],
      ['F', 5],
      ['M', 4],
      ['n/a', 1],
    ])
    expect(bySex.strata[1]!.metrics[0]!.runs['A']!.mean).toBeCloseTo((0.6 + 0.8 + 0.4 + 0.2 + 0.55) / 5, 12)
    const byAge = await compared(runs, both, { by: 'age' })
    expect(byAge.strata.map(s => s.value)).toEqual([null, 'age <= 24.5', 'age > 24.5'])
  }),
)

test(
  "of three runs every pair is tested, with Holm's correction",
  withRuns(async runs => {
    const c = golden.paired.find(p => p.name === '13 pairs')!
    const { strata } = await compared(runs, [
      { metrics: dice(c.a) },
      { metrics: dice(c.b) },
      { metrics: dice(c.a.map((v, i) => v + i * 0.01)) },
    ])
    const { pairs } = strata[0]!.metrics[0]!
    expect(pairs.map(p => [p.a, p.b])).toEqual([
      ['A', 'B'],
      ['A', 'C'],
      ['B', 'C'],
    ])
    const [p1, p2, p3] = pairs.map(p => p.t!.p).sort((x, y) => x - y) as [number, number, number]
    const corrected = pairs.map(p => p.t!.holm!).sort((x, y) => x - y)
    const [h1, h2] = [3 * p1, Math.max(3 * p1, 2 * p2)]
    expect(corrected).toEqual([h1, h2, Math.max(h2, p3)].map(p => expect.closeTo(Math.min(1, p), 12) as number))
  }),
)

test(
  'where all differences are equal the tests that need spread are undefined, in JSON null',
  withRuns(async runs => {
    const same = await compared(runs, [{ metrics: dice([0.5, 0.6, 0.7]) }, { metrics: dice([0.5, 0.6, 0.7]), seed: 2 }])
    expect(same.strata[0]!.metrics[0]!.pairs[0]).toMatchObject({
      wilcoxon: null,
      t: null,
      cohensDz: null,
      rankBiserial: null,
      difference: { mean: 0, std: 0, interval: null },
    })
    expect(JSON.stringify(same)).not.toContain('NaN')
  }),
)

test(
  'params that differ, and steps that came to the same bytes, are told',
  withRuns(async runs => {
    const metrics = dice([0.5, 0.6])
    const { differences, steps } = await compared(runs, [
      { metrics, params: { metrics: { target_size: { thr: [20] }, soft_gt: false } } },
      { metrics: dice([0.5, 0.7]), seed: 2, params: { metrics: { target_size: { thr: [30] }, soft_gt: false, more: 'x' } } },
    ])
    expect(differences).toEqual([
      { kind: 'seed', where: 'seed', values: { A: 1, B: 2 } },
      { kind: 'param', where: 'metrics.target_size.thr', values: { A: [20], B: [30] } },
      { kind: 'param', where: 'metrics.more', values: { B: 'x' } },
    ])
    expect(steps.map(s => [s.step, s.same])).toEqual([
      ['index', true],
      ['metrics', false],
    ])
  }),
)

test(
  'a run whose results are gone, damaged or never came is compared as far as it goes',
  withRuns(async runs => {
    const [gone, damaged, failed] = [
      runs.make('unet', { metrics: dice([0.5]) }),
      runs.make('unet', { metrics: dice([0.6]) }),
      runs.make('unet', { end: 'failed' }),
    ]
    rmSync(join(gone, 'metrics/artifact.json'))
    rmSync(join(runs.dir, 'cache', (await runs.open(gone)).run.steps.get('metrics')!.digest!), { recursive: true })
    const file = join(damaged, 'metrics/artifact.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace('0.6', '0.9'))
    const opened = await Promise.all([gone, damaged, failed].map(dir => runs.open(dir)))
    const result = compareRuns(opened, plain)
    if (!result.ok) throw new Error('it is compared')
    expect(result.value.strata).toEqual([])
    expect(result.value.runs.map(run => run.remarks)).toEqual([
      ['the result of metrics is gone', 'no metrics are left of it: what these steps made is gone from the cache: metrics'],
      ['the result of metrics is damaged', 'no metrics are left of it: what these steps made is gone from the cache: metrics'],
      ['it has no metrics (failed)'],
    ])
  }),
)

test(
  'without its index subjects are told by the names of images, and that is said',
  withRuns(async runs => {
    const metrics = { 'sub-01_T1w': { dice_class0: 0.5 }, 'sub-01_T2w': { dice_class0: 0.7 } }
    const dir = runs.make('unet', { metrics })
    rmSync(join(dir, 'index'))
    const result = compareRuns([await runs.open(dir), await runs.open(runs.make('unet', { metrics, seed: 2 }))], plain)
    if (!result.ok) throw new Error('it is compared')
    expect(result.value.runs[0]).toMatchObject({
      subjects: 1,
      remarks: ['what the index said of 2 of 2 images is gone: their subjects are told by their names'],
    })
  }),
)

test(
  'an unknown column and an unknown metric are told with the nearest right one',
  withRuns(async runs => {
    const made: readonly MadeRun[] = [{ metrics: dice([0.5]), facts: { 'sub-01_T2w': { sex: 'F' } } }, { metrics: dice([0.6]) }]
    await expect(compared(runs, made, { by: 'sexx' })).rejects.toThrow('did you mean "sex"?')
    await expect(compared(runs, made, { metrics: ['dize'] })).rejects.toThrow('did you mean "dice"?')
  }),
)

test(
  'the CSV has a line per stratum, metric and pair, with names in quotes where they need them',
  withRuns(async runs => {
    const facts = { 'sub-01_T2w': { site: 'a, b' }, 'sub-02_T2w': { site: 'c' } }
    const both: readonly MadeRun[] = [
      { metrics: dice([0.5, 0.6]), facts },
      { metrics: dice([0.6, 0.8]), facts },
    ]
    const comparison = await compared(runs, both, { by: 'site' })
    const [head, ...lines] = comparisonCsv(comparison).trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines.map(line => /^(?:"[^"]*"|[^,]*)/.exec(line)![0])).toEqual(['all', '"a, b"', 'c'])
    const cells = Object.fromEntries(head!.split(',').map((name, i) => [name, lines[0]!.split(',')[i]]))
    expect(cells).toMatchObject({ metric: 'dice_class0', better: 'higher', a: comparison.runs[0]!.name, pairs: '2', wilcoxon_p: '0.5' })
  }),
)
