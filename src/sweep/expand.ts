import { isDeepStrictEqual } from 'node:util'
import { draw } from './draw.ts'
import type { Space, SweepValue, Values } from './space.ts'

/** The trials of a sweep, in an order that depends on the space alone; two that are equal are one. */
export function expand(space: Space): readonly Values[] {
  const parts = [gridOf(space.grid), zipOf(space.zip), space.list.length ? space.list : [{}], drawsOf(space)]
  const combined = hasParts(space) ? parts.reduce(product) : []
  const meant = combined.map(trial => onlyWhen(trial, space.when))
  const kept = meant.filter(trial => !space.exclude.some(values => has(trial, values)))
  return distinct([[...kept, ...space.include], foldsOf(space.folds), seedsOf(space.seeds)].reduce(product))
}

/** A trial as `--set` takes it: JSON is YAML in one line. What looks like a variable now is text. */
export function setsOf(trial: Values): readonly string[] {
  return Object.entries(trial).map(([key, value]) => `${key}=${JSON.stringify(value).replaceAll('${', () => '$${')}`)
}

/** With nothing but `include`, there is no trial beside those included. */
function hasParts({ grid, zip, list, draw, include }: Space): boolean {
  return !include.length || list.length > 0 || [grid, zip, draw].some(part => Object.keys(part).length > 0)
}

function product(left: readonly Values[], right: readonly Values[]): readonly Values[] {
  return left.flatMap(a => right.map(b => ({ ...a, ...b })))
}

function gridOf(grid: Space['grid']): readonly Values[] {
  return Object.entries(grid)
    .map(([key, values]) => values.map((value): Values => ({ [key]: value })))
    .reduce(product, [{}])
}

function zipOf(zip: Space['zip']): readonly Values[] {
  const columns = Object.entries(zip)
  const first = columns[0]
  if (!first) return [{}]
  return first[1].map((_, i) => Object.fromEntries(columns.map(([key, values]): [string, SweepValue] => [key, values[i]!])))
}

function drawsOf({ draw: params, samples, seed }: Space): readonly Values[] {
  const keys = Object.entries(params)
  if (!keys.length) return [{}]
  return Array.from({ length: samples }, (_, i) => Object.fromEntries(keys.map(([key, from]) => [key, draw(from, seed, key, i)])))
}

/** The trial without the params whose condition it does not meet. */
function onlyWhen(trial: Values, when: Space['when']): Values {
  return Object.entries(when).reduce((left, [key, condition]) => (has(left, condition) ? left : without(left, key)), trial)
}

const without = (trial: Values, key: string): Values => Object.fromEntries(Object.entries(trial).filter(([name]) => name !== key))

function foldsOf(folds: Space['folds']): readonly Values[] {
  const ofStep = (step: string, of: number): readonly Values[] =>
    Array.from({ length: of }, (_, i) => ({ [`${step}.folds`]: of, [`${step}.fold`]: i + 1 }))
  return Object.entries(folds)
    .map(([step, of]) => ofStep(step, of))
    .reduce(product, [{}])
}

/** The keys in which the repeats of one variant differ. */
export const repeatedBy = ({ folds, seeds }: Space): readonly string[] => [
  ...Object.keys(folds).flatMap(step => [`${step}.folds`, `${step}.fold`]),
  ...(seeds.length > 0 ? ['seed'] : []),
]

function seedsOf(seeds: readonly number[]): readonly Values[] {
  return seeds.length ? seeds.map(seed => ({ seed })) : [{}]
}

function has(trial: Values, values: Values): boolean {
  return Object.entries(values).every(([key, value]) => isDeepStrictEqual(trial[key], value))
}

function distinct(trials: readonly Values[]): readonly Values[] {
  return trials.filter((trial, i) => trials.findIndex(other => isDeepStrictEqual(other, trial)) === i)
}
