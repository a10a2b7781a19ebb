import { expect, test } from 'vitest'
import { compareRuns, type CompareOptions, type Comparison } from '../../src/compare/compare.ts'
import { comparePage } from '../../src/pages/compare-page.ts'
import { withRuns, type MadeRuns } from '../compare/made-runs.ts'
import { twoRuns, threeRuns } from './compared-runs.ts'
import { rowsOf } from './tables.ts'

async function compared(runs: MadeRuns, dirs: readonly string[], options: Partial<CompareOptions> = {}): Promise<Comparison> {
  const opened = await Promise.all(dirs.map(dir => runs.open(dir)))
  const result = compareRuns(opened, { per: 'subject', metrics: [], ...options })
  if (!result.ok) throw new Error(JSON.stringify(result.failures))
  return result.value
}

test(
  'two runs: the param that differs, means with intervals, the paired tests, and subjects in the order of their moves',
  withRuns(async runs => {
    const comparison = await compared(runs, twoRuns(runs))
    const page = comparePage(comparison, { all: false })
    expect(rowsOf(page, 'Params')).toEqual([['index.contrast', 'T1w', '&lt;T2w&gt;']])
    const [dice] = rowsOf(page, 'Means over images').filter(row => row[0] === 'dice_class0')
    expect(dice!.slice(0, 2)).toEqual(['dice_class0', 'higher is better'])
    // By hand: (0.8 + 0.7 + 0.9 + 0.6) / 4 and (0.9 + 0.7 + 0.85 + 0.75) / 4.
    expect(dice!.slice(2).map(cell => cell.split(' ')[0])).toEqual(['0.7500', '0.8000'])
    const pair = comparison.strata[0]!.metrics.find(m => m.metric === 'dice_class0')!.pairs[0]!
    const [tests] = rowsOf(page, 'Differences').filter(row => row[0] === 'dice_class0')
    expect(tests!.slice(1, 3)).toEqual(['B - A', '4'])
    expect(tests![3]).toMatch(/^0\.0500 /)
    expect(tests!.slice(4, 7)).toEqual(['better', pair.wilcoxon!.p.toFixed(4), pair.t!.p.toFixed(4)])
    expect(rowsOf(page, 'dice_class0 of 4 subjects').map(row => [row[0], row[3]])).toEqual([
      ['sub-4', '0.1500'],
      ['sub-1', '0.1000'],
      ['sub-3', '-0.0500'],
      ['sub-2', '0'],
    ])
    expect(page).toContain('dice_class0, A to B: 4 subjects from A to B, 2 better, 1 worse, 1 as before')
    // Less distance is better, and volumes are not shown unasked.
    expect(page).toContain('hd95_class0, A to B: 4 subjects from A to B, 1 better, 3 worse, 0 as before')
    expect(page).not.toContain('vol_pred_class0')
    expect(comparePage(comparison, { all: true })).toContain('vol_pred_class0')
  }),
)

test(
  'of three runs every pair has its tests, with Holm’s correction, and its chart; strata have tables of their own',
  withRuns(async runs => {
    const page = comparePage(await compared(runs, threeRuns(runs), { by: 'sex' }), { all: false })
    const pairs = rowsOf(page, 'Differences, paired by subject, with 95 % intervals: 4 images')
    expect(pairs.filter(row => row[0] === 'dice_class0').map(row => row[1])).toEqual(['B - A', 'C - A', 'C - B'])
    expect(page).toContain('Holm Wilcoxon')
    for (const title of ['dice_class0, A to B', 'dice_class0, A to C', 'dice_class0, B to C'])
      expect(page).toContain(`<strong>${title}</strong>`)
    for (const sex of ['F', 'M']) expect(page).toContain(`<h3>sex: ${sex}, 2 images of 2 subjects</h3>`)
  }),
)

test(
  'what is the same in both runs is said, and not drawn',
  withRuns(async runs => {
    const metrics = { 'sub-1_T2w': { dice_class0: 0.5, hd95_class0: 1 }, 'sub-2_T2w': { dice_class0: 0.6, hd95_class0: 2 } }
    const other = { ...metrics, 'sub-2_T2w': { dice_class0: 0.7, hd95_class0: 2 } }
    const page = comparePage(await compared(runs, [runs.make('unet', { metrics }), runs.make('unet', { metrics: other })]), { all: false })
    expect(page).toContain('The same in both: hd95_class0, A to B.')
    expect(page.match(/<figure class="chart items parallel"/g)).toHaveLength(1)
  }),
)

test(
  'runs without metrics are compared by what they did, and the page says why there is no more',
  withRuns(async runs => {
    const page = comparePage(
      await compared(runs, [runs.make('unet', { seed: 1, end: 'failed' }), runs.make('unet', { seed: 2, end: 'failed' })]),
      { all: false },
    )
    expect(rowsOf(page, 'Params')).toEqual([['seed', '1', '2']])
    expect(page).not.toContain('id="metrics"')
    expect(page).toContain('<li>A: it has no metrics (failed)</li>')
  }),
)
