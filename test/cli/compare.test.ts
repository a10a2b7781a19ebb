import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Comparison } from '../../src/compare/compare.ts'
import { expectMessage, Place } from '../faults/place.ts'

/** Three subjects tested on: the phantom's labels against predictions that two thresholds cut. */
const place = new Place()
const threshold = 'masks.binarize_prediction.thr=0.3'

beforeAll(async () => {
  await place.phantom(8)
  // Trained enough to find something, so that there is something to compare.
  const changes = [
    ['train_fraction: 0.6, test_fraction: 0.2', 'train_fraction: 0.4, test_fraction: 0.4'],
    ['n_filters: 2', 'n_filters: 4'],
    ['num_epochs: 2 }', 'num_epochs: 15 }\n      scheduler: { initial_lr: 0.03 }'],
  ] as const
  place.pipeline(text => changes.reduce((t, [from, to]) => t.replace(from, to), text))
  for (const args of [[], ['--set', threshold]]) expect((await place.run(...args)).code).toBe(0)
})
afterAll(() => place.remove())

const pipe = (...args: readonly string[]) => place.pipe(args)
const json = async <T>(...args: readonly string[]): Promise<T> => JSON.parse((await pipe(...args)).out) as T

/** A column of a run's own table, by image. */
function columnOf(run: string, column: string): ReadonlyMap<string, number> {
  const [head, ...rows] = place
    .read('runs/small', run, 'metrics/evaluation_3Dmetrics.csv')
    .toString()
    .trimEnd()
    .split('\n')
    .map(l => l.split(','))
  return new Map(rows.map(row => [row[0]!, Number(row[head!.indexOf(column)])]))
}

describe('two runs that differ in a threshold', () => {
  test('are compared by the numbers of their tables: the param, the steps they share, means, paired differences', async () => {
    const comparison = await json<Comparison>('compare', 'small@2', 'small', '--json')
    expect(comparison.differences).toEqual([{ kind: 'param', where: 'masks.binarize_prediction.thr', values: { A: 0.5, B: 0.3 } }])
    const shared = comparison.steps.filter(step => step.same).map(step => step.step)
    expect(shared).toEqual(['dataset', 'index', 'split', 'slices', 'tensors', 'model', 'predictions'])
    const [a, b] = comparison.runs.map(run => columnOf(run.name.split('/')[1]!, 'vol_pred_class0'))
    expect(a!.size).toBe(3)
    const metric = comparison.strata[0]!.metrics.find(m => m.metric === 'vol_pred_class0')!
    const mean = (values: Iterable<number>): number => [...values].reduce((x, y) => x + y, 0) / 3
    expect(metric.runs['A']!.mean).toBeCloseTo(mean(a!.values()), 9)
    expect(metric.runs['B']!.mean).toBeCloseTo(mean(b!.values()), 9)
    const { difference, pairs, moved, t } = metric.pairs[0]!
    const differences = [...a!].map(([image, value]) => b!.get(image)! - value)
    expect([pairs, difference.mean]).toEqual([3, expect.closeTo(mean(differences), 9)])
    expect(moved.map(m => m.difference).sort()).toEqual([...differences].sort().map(d => expect.closeTo(d, 9) as number))
    // t = mean / (standard deviation / √3).
    const spread = Math.sqrt(differences.reduce((s, d) => s + (d - mean(differences)) ** 2, 0) / 2)
    expect(t?.t ?? 0).toBeCloseTo(spread > 0 ? mean(differences) / (spread / Math.sqrt(3)) : 0, 9)
  })

  test('are shown as tables, with strata, and written as CSV', async () => {
    const shown = await pipe('compare', 'small@2', 'small', '--by', 'sex', '--csv', 't.csv')
    expect([shown.code, shown.err]).toEqual([0, ''])
    expect(shown.out).toMatch(/^A {2}small\/\S+ {2}\S+ \S+ {2}done\nB {2}small/)
    expect(shown.out).toMatch(/^masks\.binarize_prediction\.thr +0\.5 +0\.3$/m)
    expect(shown.out).toContain('other results: masks, metrics')
    expect(shown.out).toMatch(/^B - A +subjects +difference +Wilcoxon p +paired t p +dz +r$/m)
    expect(shown.out).toMatch(/^dice_class0 +3 /m)
    expect(shown.out).toMatch(/^sex: [FM], \d images? of \d subjects?$/m)
    expect(shown.out).not.toMatch(/NaN|undefined in|\[object/)
    const lines = place.read('t.csv').toString().trimEnd().split('\n')
    expect(lines[0]).toMatch(/^stratum,metric,better,a,b,/)
    expect(lines.some(line => /^all,dice_class0,higher,small/.test(line))).toBe(true)
  })

  test('are shown on a page; one that cannot be written is said', async () => {
    expect((await pipe('compare', 'small@2', 'small', '--html', 'c.html')).code).toBe(0)
    const page = place.read('c.html').toString()
    expect(page).toContain('<title>Comparison of 2 runs</title>')
    expect(page).toContain('dice_class0, A to B: 3 subjects from A to B')
    expectMessage(await pipe('compare', 'small@2', 'small', '--html', 'no/c.html'), 2, 'cannot write no/c.html')
  })

  test('are found by the folder, too, and one metric can be asked for', async () => {
    const shown = await pipe('compare', 'small@2', 'runs/small/latest', '--metric', 'dice', '--per', 'image')
    expect(shown.out.match(/^(dice|iou|vol)\S*/gm)).toEqual(['dice_class0', 'dice_class0'])
    expect(shown.out).toMatch(/^B - A +images/m)
  })

  test('differ in what pipe diff says, also from their file', async () => {
    const between = await pipe('diff', 'small@2', 'small')
    expect(between.out).toMatch(
      /^A {2}runs\/small\/\S+\nB {2}runs\/small\/\S+\n\nwhat differs +A +B\nmasks\.binarize_prediction\.thr {2}0\.5 {2}0\.3\n$/,
    )
    expect((await pipe('diff', 'small@2', 'p.yaml')).out).toContain('the pipelines are equal')
    expect(await json('diff', 'small', 'p.yaml', '--json')).toEqual([
      { kind: 'param', where: 'masks.binarize_prediction.thr', values: [0.3, 0.5] },
    ])
    expectMessage(await pipe('diff', 'small', 'q.yaml'), 2, 'the pipeline file does not exist')
  })
})

test('pipe why --if says what a change would make anew, without doing it', async () => {
  const before = readdirSync(place.at('runs/small'))
  const said = await pipe('why', 'p.yaml', '--if', 'masks.binarize_prediction.thr=0.9')
  const fates = said.out.split('\n').flatMap(line => /^(kept|anew|depends) +(\w+)/.exec(line)?.slice(1).join(' ') ?? [])
  expect(fates).toEqual([
    ...['dataset', 'index', 'split', 'slices', 'tensors', 'model', 'predictions'].map(step => `kept ${step}`),
    'anew masks',
    'depends metrics',
  ])
  expect(said.out).toMatch(/^with masks\.binarize_prediction\.thr=0\.9:$/m)
  expect(said.out).toMatch(/^anew +masks +param binarize_prediction\.thr: 0\.\d -> 0\.9; 3 of 3 elements$/m)
  expect(said.out).toMatch(/^9 steps: 7 kept, 1 made anew, 1 depending on what those give; about/m)
  // A value that was there before makes nothing anew.
  expect((await pipe('why', 'p.yaml', '--if', threshold)).out).toContain('9 steps: 9 kept, 0 made anew')
  const own = await json<readonly object[]>('why', 'p.yaml', 'model', '--if', 'model.batch_size=2', '--json')
  expect(own).toMatchObject([
    { step: 'model', fate: 'anew', anyway: false, why: { kind: 'changed', changes: [{ what: 'param batch_size' }] } },
  ])
  const both = await pipe('why', 'p.yaml', '--set', 'model.batch_size=2', '--if', 'masks.binarize_prediction.thr=0.9')
  expect(both.out).toMatch(/^anew +model .*\(also without the change\)$/m)
  expectMessage(await pipe('why', 'p.yaml', '--if', 'masks.binarise.thr=1'), 2, 'binarize_prediction')
  expectMessage(await pipe('why', 'p.yaml', 'modl', '--if', threshold), 2, 'no step is called "modl"')
  expect(readdirSync(place.at('runs/small'))).toEqual(before)
})

test('mistakes are said: nothing there, one run, the same run twice, a metric, a column, a unit, a file that cannot be written', async () => {
  expectMessage(await pipe('compare', 'smal', 'small'), 2, 'did you mean "small"?')
  expectMessage(await pipe('compare', 'small'), 2, 'two runs at least are compared, and 1 is given')
  expectMessage(await pipe('compare', 'small', 'latest'), 2, '"small" and "latest" are the same run')
  expectMessage(await pipe('compare', 'small', 'small@9'), 2, 'of 2 runs, 2 went well')
  expectMessage(await pipe('compare', 'small@2', 'small', '--metric', 'dise'), 2, 'did you mean "dice"?')
  expectMessage(await pipe('compare', 'small@2', 'small', '--by', 'sexe'), 2, 'did you mean "sex"?')
  expectMessage(await pipe('compare', 'small@2', 'small', '--per', 'voxel'), 2, '--per cannot be "voxel"')
  expectMessage(await pipe('compare', 'small@2', 'small', '--csv', 'no/t.csv'), 2, 'cannot write no/t.csv')
  expectMessage(await pipe('runs', '--out', 'nowhere'), 2, 'there are no runs in nowhere')
})

test('pipe runs lists runs that went well, failed, or were killed, folders that are none, and results that are gone', async () => {
  await place.run('--set', 'model.training_time.num_epochs=3', '--set', 'index.contrasts=[T1w]', '--out', 'more')
  let killed = false
  await place.pipe(['run', 'p.yaml', '--json', '--out', 'more', '--set', 'model.training_time.num_epochs=500'], {
    onEvent: (event, kill) => {
      if (killed || event.type !== 'node-progress' || event.step !== 'model') return
      killed = true
      kill('SIGKILL')
    },
  })
  place.copy('runs/small', 'more/small')
  mkdirSync(place.at('more/notes'))
  const listed = await pipe('runs', '--out', 'more')
  expect([listed.code, listed.err]).toEqual([0, ''])
  const lines = listed.out.split('\n')
  expect(lines[0]).toMatch(/^when +run +result +metrics +time +size$/)
  const results = lines.slice(1, 5).map(line => /(done|failed at \w+|unfinished): 9 steps/.exec(line)?.[1])
  expect(results).toEqual(['done', 'done', 'failed at index', 'unfinished'])
  expect(lines[1]).toMatch(/done: 9 steps, 8 ran, 1 cached +dice \d\.\d{4} +\d+\.\d s +\d+\.\d MB$/)
  expect(listed.out).toContain('more/notes is no run: there is no run in it')

  const { runs } = await json<{
    runs: readonly { name: string; state: string; metrics: Record<string, Record<string, number>>; bytes: number }[]
  }>('runs', 'p.yaml', '--out', 'more', '--json')
  const own = JSON.parse(place.read('runs', runs[0]!.name, 'metrics/artifact.json').toString()) as {
    value: { means: Record<string, number> }
  }
  expect(runs[0]!.metrics['metrics']!['dice_class0']).toBeCloseTo(own.value.means['dice_class0']!, 12)
  expect(runs.map(run => run.state)).toEqual(['done', 'done', 'failed', 'unfinished'])

  // Without metrics what remains is compared; what needs them is refused.
  const [good, failed] = [runs[1]!.name, runs[2]!.name]
  const rest = await pipe('compare', good, failed, '--out', 'more')
  expect(rest.code).toBe(0)
  expect(rest.out).toContain('B: it has no metrics (failed)')
  expect(rest.out).toMatch(/^index\.contrasts +\["T2w"\] +\["T1w"\]$/m)
  expectMessage(await pipe('compare', good, failed, '--out', 'more', '--csv', 't.csv'), 2, '--csv needs them', 'it has no metrics (failed)')

  rmSync(place.at('cache/artifacts'), { recursive: true })
  const gone = await pipe('runs')
  expect(gone.code).toBe(0)
  expect(gone.out).toContain('the result of metrics is gone')
  expect((await pipe('compare', 'small@2', 'small')).out).toContain('no metrics are left of it')
  expect(readFileSync(place.at('p.yaml'), 'utf8')).toContain('name: small')
})
