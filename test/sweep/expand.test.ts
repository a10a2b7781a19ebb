import { expect, test } from 'vitest'
import { expand, setsOf } from '../../src/sweep/expand.ts'
import type { Space } from '../../src/sweep/space.ts'

const nothing: Space = {
  grid: {},
  zip: {},
  list: [],
  draw: {},
  samples: 0,
  seed: 6,
  include: [],
  exclude: [],
  when: {},
  folds: {},
  seeds: [],
}

test('a grid gives every combination, the first key slowest', () => {
  const grid = { 'model.depth': [2, 3], 'train.rate': [0.1, 0.2, 0.3] }
  expect(expand({ ...nothing, grid }).map(trial => Object.values(trial))).toEqual([
    [2, 0.1],
    [2, 0.2],
    [2, 0.3],
    [3, 0.1],
    [3, 0.2],
    [3, 0.3],
  ])
})

test('a zip goes side by side, and is crossed with the grid', () => {
  const trials = expand({ ...nothing, grid: { 'a.x': [1, 2] }, zip: { 'a.y': [3, 4], 'a.z': ['p', 'q'] } })
  expect(trials).toEqual([
    { 'a.x': 1, 'a.y': 3, 'a.z': 'p' },
    { 'a.x': 1, 'a.y': 4, 'a.z': 'q' },
    { 'a.x': 2, 'a.y': 3, 'a.z': 'p' },
    { 'a.x': 2, 'a.y': 4, 'a.z': 'q' },
  ])
})

test('what is excluded goes, what is included comes, equal trials are one, and each is repeated with every seed', () => {
  const space = { ...nothing, grid: { 'a.x': [1, 2, 2] }, exclude: [{ 'a.x': 1 }], include: [{ 'a.x': 9 }], seeds: [5, 6] }
  expect(expand(space)).toEqual([
    { 'a.x': 2, seed: 5 },
    { 'a.x': 2, seed: 6 },
    { 'a.x': 9, seed: 5 },
    { 'a.x': 9, seed: 6 },
  ])
})

test('a list is taken as written, and alone an include adds no trial beside its own', () => {
  const list = [{ 'a.x': 1 }, { 'b.y': [1, { z: null }] }]
  expect(expand({ ...nothing, list })).toEqual(list)
  expect(expand({ ...nothing, include: list })).toEqual(list)
  expect(setsOf(list[1]!)).toEqual(['b.y=[1,{"z":null}]'])
})

test('more samples and more params leave the values drawn before as they are, within their bounds', () => {
  const rate = { kind: 'log_uniform', low: 1e-4, high: 1e-1 } as const
  const few = expand({ ...nothing, draw: { 'a.rate': rate }, samples: 50 })
  const more = expand({ ...nothing, draw: { 'a.k': { kind: 'choice', of: [1, 2] }, 'a.rate': rate }, samples: 400 })
  expect(more.slice(0, 50).map(trial => trial['a.rate'])).toEqual(few.map(trial => trial['a.rate']))
  const rates = more.map(trial => Number(trial['a.rate']))
  expect(rates.every(r => r >= 1e-4 && r < 1e-1)).toBe(true)
  expect(rates.filter(r => r < 10 ** -2.5).length / 400).toBeCloseTo(0.5, 1)
})
