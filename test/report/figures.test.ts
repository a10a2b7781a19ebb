import { expect, test } from 'vitest'
import { figure, place, ticksOf } from '../../src/report/figures.ts'

test('numbers have four digits that mean something, and what is undefined is a dash', () => {
  expect([0.93344, 1.23456, 12.3456, 123.456, 1234.56, -0.02, 0, 7, 0.00012].map(figure)).toEqual([
    ...['0.9334', '1.235', '12.35', '123.5', '1235', '-0.0200', '0', '7', '1.20e-4'],
  ])
  expect([null, undefined, NaN, Infinity].map(figure)).toEqual(['–', '–', '–', '–'])
  expect(place(1.23456)).toBe(1.23)
})

test('ticks are round numbers around the range, and not 0.30000000000000004', () => {
  expect(ticksOf([0, 1])).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
  expect(ticksOf([0.05, 0.29])).toEqual([0.05, 0.1, 0.15, 0.2, 0.25, 0.3])
  expect(ticksOf([-0.91, -0.2])).toEqual([-1, -0.8, -0.6, -0.4, -0.2])
  expect(ticksOf([3, 3])).toEqual([3, 4])
  expect(ticksOf([0, 0])).toEqual([0, 0.2])
  expect(ticksOf([1, 100], 6)).toEqual([0, 20, 40, 60, 80, 100])
})
