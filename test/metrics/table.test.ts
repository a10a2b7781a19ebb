import { expect, test } from 'vitest'
import { rowOf, tableOf, toCsv, type Row } from '../../src/metrics/table.ts'

const rows = (entries: Readonly<Record<string, Readonly<Record<string, number>>>>): Map<string, Row> =>
  new Map(Object.entries(entries).map(([id, values]) => [id, rowOf({ columns: Object.keys(values), values: Object.values(values) })]))

test('rows are sorted by id, whatever order the images come in', () => {
  const table = tableOf(rows({ b: { dice: 1 }, a: { dice: 0.5 }, B: { dice: 0 } }))
  expect(table.rows.map(row => row.image)).toEqual(['B', 'a', 'b'])
})

test('columns that only some images have stand beside their neighbours', () => {
  const table = tableOf(rows({ a: { mse: 0, lfdr_big: 1, vol: 2 }, b: { mse: 0, lfdr_small: 1, vol: 2 } }))
  expect(table.columns).toEqual(['mse', 'lfdr_small', 'lfdr_big', 'vol'])
})

test('the mean of a column leaves out the images where it is undefined', () => {
  const { means } = tableOf(rows({ a: { dice: 0.5, ltpr: NaN }, b: { dice: NaN, ltpr: NaN }, c: { dice: 1 } }))
  expect(means).toEqual({ dice: 0.75, ltpr: null })
})

test('in the CSV the id comes first, and what is undefined is empty', () => {
  const csv = toCsv(tableOf(rows({ 'sub-01_T1w': { dice: 0.1, rvd: NaN }, 'sub-02_T1w': { dice: 1, rvd: -0.25, extra: 3 } })))
  expect(csv).toBe('image_id,dice,rvd,extra\nsub-01_T1w,0.1,,\nsub-02_T1w,1,-0.25,3\n')
})

test('a table of no images has a header', () => {
  expect(toCsv(tableOf(new Map()))).toBe('image_id\n')
})
