import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { softDilation } from '../../src/image/soft-dilation.ts'
import { Random } from '../../src/random.ts'
import { chainSchema, draw } from '../../src/transforms/chain.ts'
import { dilateGT } from '../../src/transforms/dilate-gt.ts'
import { goldenArray, goldenCases, sharedTest } from '../golden.ts'
import { float32Tolerance, near } from '../near.ts'
import { planes, sampleOf, type GoldenCase } from './sample.ts'

const apply = (plane: Float32Array, dilation_factor: number, shape: readonly [number, number]) =>
  dilateGT.apply(plane, dilateGT.params.parse({ dilation_factor }), shape, new Random(0))

/** 3 x 3 pixels in the middle of 11 x 11. */
const square = Float32Array.from({ length: 121 }, (_, i) => Number(Math.abs(Math.floor(i / 11) - 5) <= 1 && Math.abs((i % 11) - 5) <= 1))

test('factor 0 leaves a label as it is, soft or not', () => {
  const soft = square.map(v => v * 0.3)
  assert.deepEqual(apply(soft, 0, [11, 11]), soft)
})

test('an object of 3 x 3 gets three layers at factor 1: 0.75, 0.5, 0.25', () => {
  const out = apply(square, 1, [11, 11])
  near(out.subarray(5 * 11, 6 * 11), [0, 0.25, 0.5, 0.75, 1, 1, 1, 0.75, 0.5, 0.25, 0], 1e-7)
  // City blocks: a corner of the square is one pixel nearer than its diagonal neighbour's neighbour.
  near([out[3 * 11 + 3]!, out[2 * 11 + 3]!, out[2 * 11 + 2]!], [0.5, 0.25, 0], 1e-7)
})

test('where layers of two objects meet they add up, to at most 1; empty labels stay empty', () => {
  // Two pixels, one layer of 0.5 each at factor 1; the pixel between them belongs to both.
  near(apply(Float32Array.of(0, 1, 0, 1, 0), 1, [1, 5]), [0.5, 1, 1, 1, 0.5], 0)
  near(apply(Float32Array.of(0, 0.4, 0), 1, [1, 3]), [0, 0, 0], 0)
})

test('is done to labels by default, and hard labels are cut at 0.5 after it', () => {
  const chain = chainSchema.parse({ DilateGT: { dilation_factor: 1 } })
  const sample = sampleOf(planes([1, 11, 11], square), planes([1, 11, 11], square))
  const soft = draw(chain, sample, 'training', new Random(0), { soft: true })
  const hard = draw(chain, sample, 'training', new Random(0))
  assert.deepEqual(soft.image.data, square)
  near(soft.label!.data.subarray(55, 61), [0, 0.25, 0.5, 0.75, 1, 1], 1e-7)
  assert.deepEqual([...hard.label!.data.subarray(55, 61)], [0, 0, 1, 1, 1, 1])
})

sharedTest('golden/transforms/dilategt/cases.json', 'slices and volumes are dilated as by ivadomed', () => {
  const folder = 'transforms/dilategt'
  const { cases } = goldenCases(folder) as { readonly cases: readonly GoldenCase[] }
  // There ivadomed gives no array but one number.
  const sound = cases.filter(c => c.name !== '2d_all_below_half')
  expect(sound).toHaveLength(10)
  for (const { input, output, params } of sound) {
    const before = Float32Array.from(goldenArray(folder, input))
    const expected = goldenArray(folder, output)
    const factor = params['dilation_factor'] as number
    const got =
      input.shape.length === 2
        ? apply(before, factor, [input.shape[0]!, input.shape[1]!])
        : // Distances and neighbours know no order of axes.
          softDilation(
            Uint8Array.from(before, v => Number(v > 0.5)),
            input.shape.toReversed(),
            factor,
          )
    near(got, expected, float32Tolerance(expected))
  }
})
