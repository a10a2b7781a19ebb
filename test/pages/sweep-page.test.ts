import { expect, test } from 'vitest'
import { sweepPage } from '../../src/pages/sweep-page.ts'
import { gridOfTrials, swept, trial } from './swept.ts'
import { rowsOf } from './tables.ts'

test('a sweep: trials best first, a line each across all params, and a map of two', () => {
  const page = sweepPage(swept(gridOfTrials))
  expect(rowsOf(page, 'Trials, best first by metrics.dice_class0').map(row => row.slice(0, 6))).toEqual([
    ['1', '2', 'DiceLoss', '0.001', '0.9000', '1'],
    ['2', '3', 'DiceLoss', '0.01', '0.8000', '2'],
    ['3', '5', '&lt;Focal&gt;', '0.001', '0.7000', '3'],
    ['4', '1', 'DiceLoss', '0.0001', '0.5000', '4'],
    ['5', '4', '&lt;Focal&gt;', '0.0001', '0.4000', '5'],
    ['6', '6', '&lt;Focal&gt;', '0.01', '–', '–'],
  ])
  // The best is drawn last, above the others, and strongest. The trial without a value has no line.
  const lines = [...page.matchAll(/class="item shade" style="--t:([\d.]+)"><title>trial (\d)/g)].map(m => [m[2], m[1]])
  expect(lines).toEqual([
    ['4', '0'],
    ['1', '0.2'],
    ['5', '0.6'],
    ['3', '0.8'],
    ['2', '1'],
  ])
  expect(rowsOf(page, 'Mean metrics.dice_class0')).toEqual([
    ['&lt;Focal&gt;', '0.4000', '0.7000', '–'],
    ['DiceLoss', '0.5000', '0.9000', '0.8000'],
  ])
  expect(page).toContain('<td style="--t:1">0.9000</td>')
  expect(page).not.toContain('vol_gt')
})

test('params of many numbers are points over an axis, params of a few values are groups; of three there is no map', () => {
  const trials = Array.from({ length: 8 }, (_, i) => trial(i + 1, { 'a.x': i / 10, 'a.y': i % 2, seed: 1 + (i % 3) }, 0.5 + i / 100))
  const page = sweepPage(swept(trials))
  expect(page.match(/class="chart items scatter"/g)).toHaveLength(1)
  expect(page.match(/class="chart items strip"/g)).toHaveLength(2)
  expect(page).not.toContain('Two params')
})

test('a sweep without metrics is a table, and says so', () => {
  const page = sweepPage(swept([trial(1, { 'a.x': 1 }, null), trial(2, { 'a.x': 2 }, null)]))
  expect(page).toContain('Nothing was measured.')
  expect(page).not.toContain('<figure')
})
