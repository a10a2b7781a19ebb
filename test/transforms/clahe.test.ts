import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { clahe as equalise, clipHistogram } from '../../src/image/clahe.ts'
import { Random } from '../../src/random.ts'
import { clahe } from '../../src/transforms/clahe.ts'
import { goldenArray, goldenCases, sharedTest } from '../golden.ts'
import { near } from '../near.ts'
import { picture, type GoldenCase } from './sample.ts'

const apply = (plane: Float32Array, settings: unknown, shape: readonly [number, number]) =>
  clahe.apply(plane, clahe.params.parse(settings), shape, new Random(0))

test('a limit that cannot hold all pixels leaves every bin full', () => {
  const histogram = new Int32Array(4)
  histogram[0] = 100
  clipHistogram(histogram, 2)
  assert.deepEqual([...histogram], [2, 2, 2, 2])
})

// The numbers are those of clip_histogram of scikit-image 0.19.3.
test.each([
  [4, [10, 0, 3, 4, 0, 1, 0, 0], [4, 1, 4, 4, 1, 2, 1, 1]],
  [8, [40, 0, 3, 4, 0, 6, 7, 2], [8, 8, 8, 8, 8, 8, 8, 8]],
  [9, [30, 0, 3, 4, 0, 6, 7, 2, 0, 1], [9, 2, 5, 7, 2, 9, 9, 4, 2, 4]],
])('what is over a limit of %d goes to the other bins, as by skimage', (limit, before, after) => {
  const histogram = Int32Array.from(before)
  clipHistogram(histogram, limit)
  assert.deepEqual([...histogram], after)
})

test('without a limit, a slice of one tile gets the cumulative histogram of its tile', () => {
  // One tile: every pixel has the same map, the share of pixels that are not brighter.
  const plane = Float32Array.from({ length: 16 }, (_, i) => i / 15)
  const out = equalise(plane, [4, 4], 1, [4, 4])
  near(
    out,
    plane.map((_, i) => i / 15),
    1e-3,
  )
})

test('gives 0 to 1, for any range of values; a constant slice gives 0', () => {
  const { data } = picture([1, 33, 41])
  const out = apply(data, { clip_limit: 0.05 }, [33, 41])
  assert.deepEqual([Math.min(...out), Math.max(...out)], [0, 1])
  // A change of unit makes no difference.
  near(
    apply(
      data.map(v => v * 8 - 300),
      { clip_limit: 0.05 },
      [33, 41],
    ),
    out,
    1e-3,
  )
  assert.deepEqual([...apply(new Float32Array(12).fill(7), {}, [3, 4])], new Array(12).fill(0))
})

test('contrast of a dark corner grows, the more the higher the limit', () => {
  const { data } = picture([1, 32, 32])
  const dim = data.map((v, i) => (i % 32 < 16 ? v / 1000 : v / 100))
  const spread = (x: Float32Array) => {
    const dark = x.filter((_, i) => i % 32 < 12)
    return Math.max(...dark) - Math.min(...dark)
  }
  const [low, high] = [0.02, 0.5].map(clip_limit => spread(apply(dim, { clip_limit }, [32, 32])))
  expect(low!).toBeGreaterThan(spread(dim))
  expect(high!).toBeGreaterThan(low!)
})

sharedTest('golden/transforms/clahe/cases.json', 'slices are equalised as by ivadomed', () => {
  const folder = 'transforms/clahe'
  const { cases } = goldenCases(folder) as { readonly cases: readonly GoldenCase[] }
  const slices = cases.filter(c => c.input.shape.length === 2 && 'output' in c)
  expect(slices).toHaveLength(4)
  for (const { params, input, output } of slices) {
    const [height, width] = input.shape as [number, number]
    near(apply(Float32Array.from(goldenArray(folder, input)), params, [height, width]), goldenArray(folder, output), 2e-4)
  }
})

sharedTest('golden/transforms/clahe/cases.json', 'values that ivadomed refuses are taken from the least to the largest', () => {
  const folder = 'transforms/clahe'
  const { cases } = goldenCases(folder) as { readonly cases: readonly GoldenCase[] }
  const { input } = cases.find(c => c.name === 'out_of_range_raises')!
  const [height, width] = input.shape as [number, number]
  const out = apply(Float32Array.from(goldenArray(folder, input)), {}, [height, width])
  assert.deepEqual([Math.min(...out), Math.max(...out)], [0, 1])
})
