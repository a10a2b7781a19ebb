import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { describe as told, FailureError } from '../../src/failure.ts'
import { centreOfMass } from '../../src/image/centre-of-mass.ts'
import { crop } from '../../src/transforms/center-crop.ts'
import { chainSchema, runOnce, undoChain } from '../../src/transforms/chain.ts'
import { roiCrop, roiStart } from '../../src/transforms/roi-crop.ts'
import type { Planes, Sample } from '../../src/transforms/transform.ts'
import { goldenArray, goldenCases, sharedTest } from '../golden.ts'
import { goldenPlane, picture, planes, row0, type GoldenCase } from './sample.ts'

const size = (...s: number[]) => roiCrop.params.parse({ size: s })

/** Regions of 9 x 10 pixels, each of the pixels named. */
const regions = (...slices: readonly (readonly (readonly [number, number])[])[]): Planes => {
  const data = new Float32Array(slices.length * 90)
  slices.forEach((pixels, s) => {
    for (const [y, x] of pixels) data[s * 90 + y * 10 + x] = 1
  })
  return planes([slices.length, 9, 10], data)
}
const sample = (roi: Planes | undefined, channels = 1): Sample => ({
  image: picture([channels * (roi?.shape[0] ?? 1), 9, 10]),
  roi,
  spacing: [1, 1],
  from: { id: 'sub-01_T1w', slices: [4, 7, 8] },
})
const refusal = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    assert.ok(error instanceof FailureError, String(error))
    return told(error.failure)
  }
  assert.fail('nothing failed')
}

test('the centre of mass is the mean position, by weight', () => {
  assert.deepEqual(centreOfMass([0, 1, 0, 0, 3, 0], [2, 3]), [0.75, 1])
  assert.deepEqual(centreOfMass([0, 0, 0, 0, 0, 0, 0, 2], [2, 2, 2]), [1, 1, 1])
  assert.equal(centreOfMass([0, 0], [2, 1]), undefined)
})

test('a window begins where its middle falls on the region, ties to even', () => {
  assert.deepEqual(
    [roiStart(10, 4), roiStart(10, 7), roiStart(10, 5), roiStart(10.5, 4), roiStart(11.5, 4), roiStart(1, 6)],
    [8, 6, 8, 8, 10, -2],
  )
})

test('each slice is cut about its own region, image, label and region alike', () => {
  const roi = regions(
    [
      [2, 3],
      [4, 3],
    ],
    [[8, 9]],
  )
  const given = { ...sample(roi, 2), label: picture([2, 9, 10]) }
  const { sample: cut, undo } = roiCrop.apply(given, size(4, 6))
  assert.deepEqual(undo.starts, [
    [1, 0],
    [6, 6],
  ])
  assert.deepEqual(
    [cut.image.shape, cut.label!.shape, cut.roi!.shape],
    [
      [4, 4, 6],
      [2, 4, 6],
      [2, 4, 6],
    ],
  )
  const alone = (all: Planes, p: number, start: readonly [number, number]) =>
    crop({ shape: [1, 9, 10], data: all.data.subarray(p * 90, (p + 1) * 90) }, start, [4, 6]).data
  assert.deepEqual(cut.image.data.subarray(3 * 24), alone(given.image, 3, [6, 6]))
  assert.deepEqual(cut.label!.data.subarray(24), alone(given.label, 1, [6, 6]))
  // The region's pixel is in the middle of the window.
  assert.equal(cut.roi!.data[24 + 2 * 6 + 3], 1)
})

test('a prediction comes back to where its slice was cut, whichever slices it is of, through records as JSON', () => {
  const roi = regions([[2, 3]], [[5, 5]], [[8, 9]])
  const chain = chainSchema.parse({ ROICrop: { size: [4, 6] } })
  const { sample: cut, undo } = runOnce(chain, sample(roi))
  const records = JSON.parse(JSON.stringify(undo)) as typeof undo
  // Two classes of slices 1 and 2: planes 2 to 5.
  const ones = planes([4, 4, 6], new Float32Array(96).fill(1))
  const back = undoChain(records, ones, { first: 1, count: 2 })
  assert.deepEqual(back.shape, [4, 9, 10])
  const corner = (p: number) => {
    const at = back.data.subarray(p * 90, (p + 1) * 90).indexOf(1)
    return [Math.floor(at / 10), at % 10]
  }
  assert.deepEqual([0, 1, 2, 3].map(corner), [
    [3, 2],
    [3, 2],
    [6, 6],
    [6, 6],
  ])
  // What was inside is back exactly where it was.
  const whole = undoChain(records, cut.image, { first: 0, count: 3 })
  const original = sample(roi).image.data
  whole.data.forEach((v, i) => assert.ok(v === 0 || v === original[i]))
  expect(whole.data.filter(v => v !== 0).length).toBeGreaterThan(50)
})

test('pixels of at least one half are the region', () => {
  const roi = planes(
    [1, 9, 10],
    regions([[2, 3]]).data.map(v => v * 0.5),
  )
  roi.data[0] = 0.49
  assert.deepEqual(roiCrop.apply(sample(roi), size(2, 2)).undo.starts, [[1, 2]])
})

test('no slices at all become none', () => {
  const cut = roiCrop.apply({ image: picture([0, 9, 10]), roi: picture([0, 9, 10]), spacing: [1, 1] }, size(4, 6))
  assert.deepEqual(cut.sample.image.shape, [0, 4, 6])
})

test('an empty region and a missing one are told with what to do', () => {
  assert.equal(
    refusal(() => roiCrop.apply(sample(regions([[2, 3]], [])), size(4, 6))),
    [
      'ROICrop finds no region of interest in slice 7 of image sub-01_T1w',
      '    after what was done before, no pixel of it is at least 0.5',
      '  drop such slices with slice_filter_roi of the slice step: 0 drops those without one, a larger number those with little',
    ].join('\n'),
  )
  assert.match(
    refusal(() => roiCrop.apply(sample(undefined), size(4, 6))),
    /^ROICrop needs a region of interest, and image sub-01_T1w has none\n/,
  )
})

sharedTest('golden/transforms/roicrop/cases.json', 'slices are cropped and brought back exactly as by ivadomed', () => {
  const folder = 'transforms/roicrop'
  const { cases } = goldenCases(folder) as { readonly cases: readonly GoldenCase[] }
  const named = (name: string) => cases.find(c => c.name === name)!
  const images = cases.filter(c => c.name.endsWith('.im') && c.input.shape.length === 2)
  expect(images).toHaveLength(5)
  for (const { name, params, input, output, undo_output, metadata_out } of images) {
    const region = named(name.replace('.im', '.roi'))
    const given: Sample = { image: goldenPlane(folder, input), roi: goldenPlane(folder, region.input), spacing: [1, 1] }
    const { sample: cut, undo } = roiCrop.apply(given, roiCrop.params.parse(params))
    assert.deepEqual(undo.starts[0], (metadata_out['crop_params'] as { ROICrop: number[] }).ROICrop.slice(0, 2))
    assert.deepEqual(cut.image, goldenPlane(folder, output))
    assert.deepEqual(cut.roi, goldenPlane(folder, region.output))
    assert.deepEqual(roiCrop.undo(cut.image, undo, row0), goldenPlane(folder, undo_output!))
  }
  const { params, input } = named('empty_roi_raises')
  assert.match(
    refusal(() =>
      roiCrop.apply({ image: goldenPlane(folder, input), roi: goldenPlane(folder, input), spacing: [1, 1] }, roiCrop.params.parse(params)),
    ),
    /finds no region/,
  )
})

sharedTest('golden/transforms/roicrop/cases.json', 'centres of volumes are those of ivadomed', () => {
  const folder = 'transforms/roicrop'
  const { cases } = goldenCases(folder) as { readonly cases: readonly GoldenCase[] }
  const volumes = cases.filter(c => c.name.endsWith('.roi') && c.input.shape.length === 3)
  expect(volumes).toHaveLength(2)
  for (const { params, input, metadata_out } of volumes) {
    const centre = centreOfMass(goldenArray(folder, input), input.shape)!
    const starts = centre.map((c, axis) => roiStart(c, (params['size'] as number[])[axis]!))
    assert.deepEqual(starts, (metadata_out['crop_params'] as { ROICrop: number[] }).ROICrop.slice(0, 3))
  }
})

sharedTest('golden/transforms/boundingboxcrop/cases.json', 'a window at a given place is cut as by BoundingBoxCrop of ivadomed', () => {
  const folder = 'transforms/boundingboxcrop'
  const { cases } = goldenCases(folder) as { readonly cases: readonly GoldenCase[] }
  const slices = cases.filter(c => c.input.shape.length === 2)
  expect(slices).toHaveLength(1)
  for (const { params, input, output, metadata_in } of slices) {
    const [yMin, , xMin] = metadata_in['bounding_box'] as number[]
    const [height, width] = params['size'] as number[]
    assert.deepEqual(crop(goldenPlane(folder, input), [yMin!, xMin!], [height!, width!]), goldenPlane(folder, output))
  }
})
