import assert from 'node:assert/strict'
import { test } from 'vitest'
import { MersenneTwister } from '../src/mt19937.ts'
import { goldenCases, sharedTest } from './golden.ts'

const first = (seed: number, count: number) => {
  const twister = new MersenneTwister(seed)
  return Array.from({ length: count }, () => twister.uint32())
}

test('the numbers are those that the C++ standard demands of mt19937', () => {
  // [rand.predef]: the 10000th number of a generator seeded with 5489.
  assert.equal(first(5489, 10000).at(-1), 4123659995)
})

test('permutations are those of numpy', () => {
  // np.random.RandomState(6).permutation(10) and (8), as design/ivadomed.md prints them for the tutorial.
  assert.deepEqual(new MersenneTwister(6).permutation(10), [8, 1, 7, 0, 6, 5, 2, 4, 3, 9])
  assert.deepEqual(new MersenneTwister(6).permutation(8), [0, 5, 6, 7, 4, 3, 1, 2])
})

test('a permutation holds every index once, and of none or one there is nothing to draw', () => {
  const order = new MersenneTwister(1).permutation(1000)
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    order.map((_, i) => i),
  )
  assert.deepEqual(new MersenneTwister(1).permutation(0), [])
  assert.deepEqual(new MersenneTwister(1).permutation(1), [0])
})

test('samples are those of Python', () => {
  // CPython 3.11: random.seed(6), random.sample(range(10), 3); both ways that it draws, and a seed of 32 bits.
  assert.deepEqual(MersenneTwister.asPython(6).sample(10, 3), [9, 1, 7])
  assert.deepEqual(MersenneTwister.asPython(6).sample(100, 5), [73, 10, 62, 97, 33])
  assert.deepEqual(MersenneTwister.asPython(0xffffffff).sample(1000, 7), [650, 634, 208, 220, 621, 534, 298])
  assert.deepEqual(MersenneTwister.asPython(1).sample(4, 0), [])
})

test('the samples of one generator follow each other', () => {
  const twister = MersenneTwister.asPython(6)
  assert.deepEqual(
    [twister.sample(10, 3), twister.sample(8, 2)],
    [
      [9, 1, 7],
      [4, 0],
    ],
  )
})

sharedTest('golden/loader/split', 'samples equal the tables that Python made', () => {
  const golden = goldenCases('loader/split') as { python_random_sample: { seed: number; n: number; k: number; sample: number[] }[] }
  assert.ok(golden.python_random_sample.length > 10)
  for (const { seed, n, k, sample } of golden.python_random_sample) assert.deepEqual(MersenneTwister.asPython(seed).sample(n, k), sample)
})

sharedTest('golden/loader/split', 'numbers and permutations equal the tables that numpy made', () => {
  const golden = goldenCases('loader/split') as {
    numpy_permutation: { seed: number; n: number; permutation: number[] }[]
    numpy_uint32_first5: Record<string, number[]>
  }
  assert.ok(golden.numpy_permutation.length > 30)
  for (const { seed, n, permutation } of golden.numpy_permutation) assert.deepEqual(new MersenneTwister(seed).permutation(n), permutation)
  for (const [seed, numbers] of Object.entries(golden.numpy_uint32_first5)) assert.deepEqual(first(Number(seed), 5), numbers)
})
