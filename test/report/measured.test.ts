import { expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { aggregate } from '../../src/report/aggregate.ts'
import { chooseCases, ranked } from '../../src/report/cases.ts'
import { columnParts, keyMetricsOf, measuredOf, metricsOf } from '../../src/report/measured.ts'
import { sizeCounts, sizesSection } from '../../src/report/sizes-section.ts'

const columns = ['dice_class0', 'dice_class1', 'hd95_class0', 'hd95_class1', 'n_0-20vox']
const images = ['a', 'b', 'c', 'd'].map((id, i) => ({ id, subject: `sub-${i >> 1}`, contrast: i % 2 ? 'T2w' : 'T1w' }))
const table = {
  columns,
  rows: images.map(({ id }, i) => ({
    image: id,
    values: { dice_class0: 0.1 * i, dice_class1: i === 3 ? null : 0.5, hd95_class0: 10 - i, 'n_0-20vox': i },
  })),
}

test('a column is a metric and a class; numbers of objects of one class name none', () => {
  expect(columnParts('dice_class12')).toEqual({ metric: 'dice', class: 12 })
  expect(columnParts('object_recall_0-20vox_class1')).toEqual({ metric: 'object_recall_0-20vox', class: 1 })
  expect(columnParts('n_0-20vox')).toEqual({ metric: 'n_0-20vox', class: 0 })
  expect(metricsOf(columns)).toEqual(['dice', 'hd95', 'n_0-20vox'])
  expect(keyMetricsOf(columns).map(m => m.metric)).toEqual(['dice', 'hd95'])
})

test('the table becomes a row for every class of every image; what is missing is undefined', () => {
  const rows = measuredOf(table, 2, images)
  expect(rows).toHaveLength(8)
  expect(rows[1]).toEqual({ ...images[0], class: 1, values: { dice: 0.5, hd95: null } })
  expect(measuredOf(table, 1, [])[0]).toMatchObject({ id: 'a', subject: 'a', contrast: '' })
})

test('means over all images have the intervals of the evaluation; those by contrast are over the images of the contrast', () => {
  const rows = measuredOf(table, 1, images)
  const interval = { low: 0.05, high: 0.25 }
  const options = { rows, metrics: ['dice', 'hd95'], key: ['dice'], generator: () => new Random(0, 'bootstrap') }
  const [all, t1w, t2w] = aggregate({ ...options, intervalOf: metric => (metric === 'dice' ? interval : null) })
  expect(all!.of.get('dice')).toMatchObject({ images: 4, mean: 0.15000000000000002, interval })
  expect(all!.of.get('hd95')).toMatchObject({ mean: 8.5, interval: null })
  expect([t1w!.contrast, t1w!.images, t1w!.of.get('dice')?.mean]).toEqual(['T1w', 2, 0.1])
  // Two subjects of one value each: an end of the interval is one of them.
  expect(t1w!.of.get('dice')?.interval).toEqual({ low: 0, high: 0.2 })
  expect([...t2w!.of.keys()]).toEqual(['dice'])
  for (const { of } of aggregate(options)) for (const { interval } of of.values()) expect(interval).toBeNull()
})

test('images are ranked by the mean over their classes; the worst are those with low, high or extreme values', () => {
  const rows = measuredOf(table, 2, images)
  expect(ranked(rows, 'dice', 'high').map(r => r.image)).toEqual(['a', 'b', 'd', 'c'])
  expect(ranked(rows, 'hd95', 'low').map(r => r.image)).toEqual(['a', 'b', 'c', 'd'])
  const values = [-0.5, 0.1, 0.3].map((v, i) => ({ ...images[i]!, class: 0, values: { diff: v } }))
  expect(ranked(values, 'diff', 'zero').map(r => r.score)).toEqual([-0.5, 0.3, 0.1])
})

test('worst, median and best are chosen, no image twice, also where there are few', () => {
  const rows = Array.from({ length: 9 }, (_, i) => ({ id: `i${i}`, subject: '', contrast: '', class: 0, values: { dice: i / 10 } }))
  const chosen = (n: number, count: number) => chooseCases(rows.slice(0, n), 'dice', count, 'high').map(c => `${c.rank} ${c.image}`)
  expect(chosen(9, 2)).toEqual(['worst i0', 'worst i1', 'median i3', 'median i4', 'best i7', 'best i8'])
  expect(chosen(9, 1)).toEqual(['worst i0', 'median i4', 'best i8'])
  expect(chosen(3, 2)).toEqual(['worst i0', 'worst i1', 'best i2'])
  expect(chosen(1, 2)).toEqual(['worst i0'])
  expect(chosen(0, 2)).toEqual([])
})

test('rates by size become the counts that they were made of', () => {
  const bins = ['0-20vox', '21-INFvox']
  const names = bins.flatMap(b => [`n_gt_objects_${b}`, `n_pred_objects_${b}`, `object_recall_${b}`, `object_false_discovery_rate_${b}`])
  const values = (numbers: readonly (number | null)[]) => Object.fromEntries(names.map((name, i) => [name, numbers[i] ?? null]))
  const rows = [values([3, 2, 2 / 3, 0.5, 0, 0, null, null]), values([7, 3, 3 / 7, 1 / 3, 1, 1, 1, 0])].map((v, i) => ({
    ...{ ...images[i]!, class: 0, values: v },
  }))
  const counts = sizeCounts(
    names.map(n => `${n}_class0`),
    rows,
  )
  expect(counts).toEqual([
    { bin: '0-20vox', class: 0, found: 5, missed: 5, right: 3, false: 2 },
    { bin: '21-INFvox', class: 0, found: 1, missed: 0, right: 1, false: 0 },
  ])
  expect(sizesSection(counts, ['_seg'])?.html).toContain('aria-label="5 found, 5 missed"')
  expect(sizesSection(sizeCounts(columns, []), ['_seg'])).toBeUndefined()
})
