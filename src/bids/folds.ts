import { MersenneTwister } from '../mt19937.ts'
import { compareValues, type Value } from './columns.ts'

/**
 * Which fold tests on each group, counted from 1. The groups, sorted and permuted by numpy's generator, are dealt like cards:
 * every group is tested on in exactly one fold, and folds differ by at most one group. Several lists (the values of a column
 * that is balanced) are dealt one after the other, so that each is spread evenly too; a group of two lists counts in the first.
 */
export function dealFolds(lists: readonly (readonly Value[])[], folds: number, seed: number): ReadonlyMap<Value, number> {
  const dealt = new Map<Value, number>()
  for (const list of lists) {
    const groups = list.filter(group => !dealt.has(group)).sort(compareValues)
    for (const at of new MersenneTwister(seed).permutation(groups.length)) dealt.set(groups[at]!, (dealt.size % folds) + 1)
  }
  return dealt
}
