import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { FailureError, sentence } from '../../src/failure.ts'
import { zoom, zoomedSize } from '../../src/image/zoom.ts'
import { resample } from '../../src/transforms/resample.ts'
import type { Planes } from '../../src/transforms/transform.ts'
import { goldenArray, goldenCases, sharedTest, type Descriptor } from '../golden.ts'
import { float32Tolerance, near } from '../near.ts'
import { dice, ellipse, goldenPlane, picture, row0, sampleOf, type GoldenCase } from './sample.ts'

const to = (hspace: number, wspace: number) => resample.params.parse({ hspace, wspace })

test('a slice of 35 x 51 at 1 mm is 47 x 68 at 0.75 mm', () => {
  const { sample, undo } = resample.apply(sampleOf(picture([2, 35, 51]), ellipse([1, 35, 51])), to(0.75, 0.75))
  assert.deepEqual(
    [sample.image.shape, sample.label?.shape, sample.spacing],
    [
      [2, 47, 68],
      [1, 47, 68],
      [0.75, 0.75],
    ],
  )
  assert.deepEqual(undo, { shape: [35, 51] })
})

test('the spacing is the float32 of the header, the quotient a double', () => {
  // 0.7 in float32 is a little less than 0.7: 75 * 0.7 / 0.6 would be a tie (87.5 -> 88), and is not (87).
  const { sample } = resample.apply(sampleOf(picture([1, 75, 10]), undefined, [Math.fround(0.7), 1]), to(0.6, 1))
  assert.equal(sample.image.shape[1], 87)
})

test('a label keeps its shape and stays within 0 and 1, and a prediction comes back to its grid', () => {
  const before = ellipse([2, 40, 48])
  const { sample, undo } = resample.apply(sampleOf(picture([1, 40, 48]), before), to(0.6, 0.8))
  const label = sample.label!
  for (const v of label.data) assert.ok(v >= 0 && v <= 1)
  const back = resample.undo(label, undo, row0)
  assert.deepEqual(back.shape, [2, 40, 48])
  expect(dice(back.data, before.data)).toBeGreaterThan(0.98)
})

test('images are interpolated by quadratic splines, labels and predictions linearly', () => {
  const slice = picture([1, 12, 9])
  const { sample, undo } = resample.apply(sampleOf(slice, slice), to(0.5, 0.7))
  const size = [zoomedSize(12, 2), zoomedSize(9, 1 / 0.7)]
  near(sample.image.data, zoom(slice.data, [12, 9], size, 2), 1e-5)
  near(sample.label!.data, zoom(slice.data, [12, 9], size, 1), 1e-5)
  near(resample.undo(sample.image, undo, row0).data, zoom(sample.image.data, size, [12, 9], 1), 1e-5)
})

test('no slices at all get the shape that slices would get', () => {
  const { sample } = resample.apply(sampleOf({ shape: [0, 35, 51], data: new Float32Array() }), to(0.75, 0.75))
  assert.deepEqual(sample.image.shape, [0, 47, 68])
})

test('a target in the wrong unit is told, not allocated', () => {
  try {
    resample.apply(sampleOf(picture([1, 40, 48])), to(0.0001, 0.0001))
    assert.fail('it was allocated')
  } catch (error) {
    assert.ok(error instanceof FailureError)
    const said = sentence(error.failure)
    assert.deepEqual(
      [said.what, said.facts],
      ['Resample would make slices of 400000 x 480000 pixels', ['from 40 x 48 pixels of 1 x 1 mm, to pixels of 0.0001 x 0.0001 mm']],
    )
  }
})

/** scipy gives zero where the last position exceeds the input by a rounding error; there we give the edge. */
const zeroed = (n: number, m: number) => m !== n && ((n - 1) / (m - 1)) * (m - 1) > n - 1

function nearBarZeroed(got: Planes, expected: Planes, from: Planes): number {
  assert.deepEqual(got.shape, expected.shape)
  const [, height, width] = got.shape
  const tolerance = float32Tolerance(expected.data)
  let zeros = 0
  for (let i = 0; i < got.data.length; i++) {
    const lastRow = Math.floor(i / width) === height - 1 && zeroed(from.shape[1], height)
    const lastColumn = i % width === width - 1 && zeroed(from.shape[2], width)
    if (lastRow || lastColumn) {
      assert.equal(expected.data[i], 0)
      zeros++
    } else near([got.data[i]!], [expected.data[i]!], tolerance)
  }
  return zeros
}

sharedTest(
  'golden/transforms/resample/cases.json',
  'slices are resampled and brought back as by ivadomed, but for its rows of zeros',
  () => {
    const folder = 'transforms/resample'
    const cases = (goldenCases(folder) as { readonly cases: readonly GoldenCase[] }).cases.filter(
      c => !Array.isArray(c.input) && c.input.shape.length === 2 && c.input.dtype === 'float32',
    )
    expect(cases.map(c => c.name)).toHaveLength(8)
    let zeros = 0
    for (const { params, metadata_in, input, output, undo_output } of cases) {
      const [h, w] = metadata_in['zooms'] as number[]
      const before = goldenPlane(folder, input)
      const isLabel = metadata_in['data_type'] === 'gt'
      const done = resample.apply(sampleOf(before, before, [h!, w!]), resample.params.parse(params))
      const expected = goldenPlane(folder, output)
      zeros += nearBarZeroed(isLabel ? done.sample.label! : done.sample.image, expected, before)
      // ivadomed brings an image back by order 2; predictions are labels to it.
      if (isLabel) zeros += nearBarZeroed(resample.undo(expected, done.undo, row0), goldenPlane(folder, undo_output!), expected)
    }
    expect(zeros).toBeGreaterThan(0)
  },
)

sharedTest('golden/transforms/resample/cases.json', 'volumes are resampled as by ivadomed', () => {
  const folder = 'transforms/resample'
  const cases = (goldenCases(folder) as { readonly cases: readonly GoldenCase[] }).cases.filter(
    c => !Array.isArray(c.input) && c.input.shape.length === 3,
  )
  expect(cases.map(c => c.name)).toHaveLength(3)
  let compared = 0
  for (const { metadata_in, input, output } of cases) {
    const out = zoom(goldenArray(folder, input), input.shape, output.shape, metadata_in['data_type'] === 'gt' ? 1 : 2)
    const expected = goldenArray(folder, output)
    const tolerance = float32Tolerance(expected)
    for (let i = 0; i < out.length; i++) {
      if (isLastZeroed(i, input, output)) continue
      near([out[i]!], [expected[i]!], tolerance)
      compared++
    }
  }
  expect(compared).toBeGreaterThan(10_000)
})

function isLastZeroed(i: number, input: Descriptor, output: Descriptor): boolean {
  const [h, w, d] = output.shape as [number, number, number]
  const at = [Math.floor(i / (w * d)), Math.floor(i / d) % w, i % d]
  return [h, w, d].some((m, axis) => at[axis] === m - 1 && zeroed(input.shape[axis]!, m))
}
