import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { directionOf, directions, headColumns, isMain, metricOf, neutral } from '../../src/compare/direction.ts'
import { evaluate, metricGroups } from '../../src/metrics/index.ts'

/** Every column that there can be: of two classes, with objects of all sizes. */
function allColumns(): readonly string[] {
  const shape = [6, 6, 2] as const
  const size = 6 * 6 * 2
  const class0 = Uint8Array.from({ length: size }, (_, i) => (i < 2 || i > 30 ? 1 : 0))
  const labels = Uint8Array.from([...class0, ...class0])
  const { columns } = evaluate(
    { pred: labels, gt: labels, shape, classes: 2, spacing: [1, 1, 1] },
    {
      metrics: [...metricGroups],
      object_detection_metrics: true,
      target_size: { unit: 'vox', thr: [3, 20] },
      overlap: { unit: 'vox', thr: 1 },
      surface_tolerance: 1,
    },
  )
  return columns
}

test('of every metric it is known whether more is better, less, or neither', () => {
  const columns = allColumns()
  expect(columns.length).toBeGreaterThan(50)
  const known = [...Object.keys(directions), ...neutral]
  expect([...new Set(columns.map(metricOf))].filter(metric => !known.includes(metric))).toEqual([])
  // And nothing is known of what does not exist.
  expect(known.filter(metric => !columns.map(metricOf).includes(metric))).toEqual([])
})

test('the table of docs/metrics.md says the same', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8')
  const table = text.slice(text.indexOf('## What is better'), text.indexOf('\n## ', text.indexOf('## What is better') + 1))
  const rows = [...table.matchAll(/^\| (higher|lower|nearer to zero) *\| (.*) *\|$/gm)]
  const told = rows.flatMap(([, words, metrics]) =>
    [...metrics!.matchAll(/`(\w+)`/g)].map(([, metric]) => [metric!, words === 'nearer to zero' ? 'zero' : words!] as const),
  )
  expect(Object.fromEntries(told)).toEqual(directions)
})

test('a column is its metric with a class and a size', () => {
  expect(['dice_class0', 'ltpr_0-20vox_class1', 'n_101-INFvox', 'n_gt_objects_0.0-3.5mm3_class0', 'own'].map(metricOf)).toEqual([
    'dice',
    'ltpr',
    'n',
    'n_gt_objects',
    'own',
  ])
  expect(['ltpr_0-20vox_class1', 'toString'].map(directionOf)).toEqual(['higher', undefined])
  expect(['ltpr_0-20vox_class1', 'ltpr_class1', 'vol_gt_class0'].map(isMain)).toEqual([false, true, false])
})

test('a table stands for itself by its Dice, else by the first metric that has a better, else by its first column', () => {
  expect(headColumns(['vol_gt_class0', 'dice_class0', 'hd95_class0', 'dice_class1'])).toEqual(['dice_class0', 'dice_class1'])
  expect([headColumns(['vol_gt_class0', 'hd95_class0']), headColumns(['own']), headColumns([])]).toEqual([['hd95_class0'], ['own'], []])
})
