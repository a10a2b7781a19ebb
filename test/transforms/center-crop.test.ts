import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { centerCrop, crop, cropStart } from '../../src/transforms/center-crop.ts'
import { goldenCases, sharedTest, type Descriptor } from '../golden.ts'
import { near } from '../near.ts'
import { goldenPlane, picture, planes, row0, sampleOf, type GoldenCase } from './sample.ts'

const size = (...size: number[]) => centerCrop.params.parse({ size })

test('windows begin where Python rounds to: halves go to the even number', () => {
  assert.deepEqual(
    [
      [3, 2],
      [5, 2],
      [40, 47],
      [48, 60],
      [7, 7],
      [40, 41],
    ].map(([n, s]) => cropStart(n!, s!)),
    [0, 2, -4, -6, 0, 0],
  )
})

test('the middle is cut out, of image and label alike', () => {
  const numbers = Array.from({ length: 20 }, (_, i) => i)
  const { sample, undo } = centerCrop.apply(sampleOf(planes([1, 4, 5], numbers), planes([2, 4, 5], [...numbers, ...numbers])), size(2, 3))
  assert.deepEqual([...sample.image.data], [6, 7, 8, 11, 12, 13])
  assert.deepEqual([...sample.label!.data], [6, 7, 8, 11, 12, 13, 6, 7, 8, 11, 12, 13])
  assert.deepEqual(undo, { shape: [4, 5], start: [1, 1] })
})

test('a size larger than the slice adds zeros around it', () => {
  const { sample } = centerCrop.apply(sampleOf(planes([1, 2, 1], [1, 2])), size(4, 3))
  assert.deepEqual([...sample.image.data], [0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0])
})

test('undoing gives back the inside exactly, and zeros outside', () => {
  const before = picture([3, 11, 14])
  for (const out of [
    [5, 6],
    [20, 30],
    [4, 30],
    [30, 3],
    [11, 14],
  ] as const) {
    const { sample, undo } = centerCrop.apply(sampleOf(before), size(...out))
    const back = centerCrop.undo(sample.image, undo, row0)
    assert.deepEqual(back.shape, before.shape)
    const [y0, x0] = undo.start
    const inside = (i: number) => {
      const [y, x] = [Math.floor(i / 14) % 11, i % 14]
      return y >= y0 && y < y0 + out[0] && x >= x0 && x < x0 + out[1]
    }
    near(
      back.data,
      before.data.map((v, i) => (inside(i) ? v : 0)),
      0,
    )
  }
})

test('a window beside the slice is all zeros', () => {
  assert.deepEqual([...crop(picture([1, 3, 3]), [0, 5], [1, 2]).data], [0, 0])
  assert.deepEqual([...crop(picture([1, 3, 3]), [-4, 0], [2, 1]).data], [0, 0])
})

sharedTest('golden/transforms/croppablearray/cases.json', 'windows that reach beyond a slice are those of ivadomed', () => {
  interface Golden {
    readonly input: Descriptor
    readonly slices: readonly (readonly [number | null, number | null])[]
    readonly output: Descriptor
  }
  const folder = 'transforms/croppablearray'
  const { cases } = goldenCases(folder) as { readonly cases: readonly Golden[] }
  const flat = cases.filter(c => c.input.shape.length === 2)
  expect(flat).toHaveLength(4)
  for (const { input, slices, output } of flat) {
    // Null is an end of the slice.
    const ends = slices.map(([start, stop], axis) => [start ?? 0, stop ?? input.shape[axis]!] as const)
    const [[top, bottom], [left, right]] = ends as [(typeof ends)[0], (typeof ends)[0]]
    assert.deepEqual(crop(goldenPlane(folder, input), [top, left], [bottom - top, right - left]), goldenPlane(folder, output))
  }
})

sharedTest('golden/transforms/centercrop/cases.json', 'slices are cropped and brought back exactly as by ivadomed', () => {
  interface Golden {
    readonly cases: readonly GoldenCase[]
    readonly offset_table: readonly { readonly n: number; readonly t: number; readonly offset: number }[]
  }
  const folder = 'transforms/centercrop'
  const golden = goldenCases(folder) as Golden
  expect(golden.offset_table.length).toBeGreaterThan(50)
  for (const { n, t, offset } of golden.offset_table) assert.equal(cropStart(n, t), offset, `${t} of ${n}`)
  const cases = golden.cases.filter(c => !Array.isArray(c.input) && c.input.shape.length === 2)
  expect(cases).toHaveLength(9)
  for (const { params, input, output, undo_output } of cases) {
    const { sample, undo } = centerCrop.apply(sampleOf(goldenPlane(folder, input)), centerCrop.params.parse(params))
    assert.deepEqual(sample.image, goldenPlane(folder, output))
    assert.deepEqual(centerCrop.undo(sample.image, undo, row0), goldenPlane(folder, undo_output!))
  }
})
