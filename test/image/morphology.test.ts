import { describe, expect, test } from 'vitest'
import { fillHoles, keepLargest, removeSmall, threshold, type Voxels } from '../../src/image/morphology.ts'
import { Random } from '../../src/random.ts'
import { goldenArray, goldenCases, sharedTest, type Descriptor } from '../golden.ts'
import { fromC } from './c-order.ts'

/** Rows of digits as a 2D image, first axis along a row. */
const picture = (...rows: readonly string[]): Uint8Array => Uint8Array.from(rows.join(''), Number)

describe('threshold', () => {
  test('takes what is equal to it, as 32-bit numbers', () => {
    expect([...threshold(Float32Array.of(0.69, 0.7, 0.71), 0.7)]).toEqual([0, 1, 1])
  })
})

describe('holes', () => {
  test('an enclosed one is filled', () => {
    expect(fillHoles(picture('11100', '10100', '11100'), [5, 3])).toEqual(picture('11100', '11100', '11100'))
  })
  test('one that is open through a corner is not', () => {
    const mask = picture('00000', '01100', '01010', '01110', '00000')
    expect(fillHoles(mask, [5, 5])).toEqual(mask)
  })
  test('in a single slice of a volume nothing is enclosed, as in scipy', () => {
    const ring = picture('111', '101', '111')
    expect(fillHoles(ring, [3, 3, 1])).toEqual(ring)
    expect(fillHoles(ring, [3, 3])).toEqual(picture('111', '111', '111'))
  })
  test('in 3D the hole of a hollow cube is filled, and its own mask is left alone', () => {
    const cube = new Uint8Array(27).fill(1)
    cube[13] = 0
    expect(fillHoles(cube, [3, 3, 3]).every(v => v === 1)).toBe(true)
    expect(cube[13]).toBe(0)
  })
})

describe('the largest object', () => {
  test('stays with its values, and the others go', () => {
    const soft = Float32Array.of(0.25, 0, 0.5, 0.75, 0, 1)
    expect([...keepLargest(soft, threshold(soft, 0.001), [6, 1], 4)]).toEqual([0, 0, 0.5, 0.75, 0, 0])
  })
  test('of two equal ones the first in C order stays', () => {
    // In C order of [x, y] the object at x = 0 comes first, though it is later in memory.
    expect([...keepLargest(picture('01', '10'), picture('01', '10'), [2, 2], 4)]).toEqual([0, 0, 1, 0])
  })
  test('of nothing is nothing', () => {
    expect([...keepLargest(new Uint8Array(4), new Uint8Array(4), [2, 2], 4)]).toEqual([0, 0, 0, 0])
  })
})

test('small objects go, those of just the size stay', () => {
  expect(removeSmall(picture('11011101'), [8, 1], 4, 2)).toEqual(picture('11011100'))
  expect(removeSmall(picture('11011101'), [8, 1], 4, 3)).toEqual(picture('00011100'))
})

test('a volume of 460 x 460 x 16 voxels is labelled in well under a second', () => {
  const shape = [460, 460, 16]
  const mask = new Uint8Array(460 * 460 * 16)
  const random = new Random(2, 'speed')
  for (let blob = 0; blob < 400; blob++) {
    const at = Math.floor(random.uniform(0, mask.length - 20 * 460))
    for (let row = 0; row < 20; row++) mask.fill(1, at + row * 460, at + row * 460 + 25)
  }
  const start = performance.now()
  keepLargest(mask, mask, shape, 6)
  fillHoles(mask, shape)
  // About 15 ms each on an idle core; this many times more only if the work is not linear.
  expect(performance.now() - start).toBeLessThan(1500)
})

const folder = 'postprocessing'
interface Case {
  readonly name: string
  readonly function: string
  readonly params: { readonly thr?: number; readonly size_min?: number; readonly structure?: unknown }
  readonly input: Descriptor
  readonly output?: Descriptor
}
const load = (d: Descriptor): Voxels => fromC(goldenArray(folder, d) as Voxels, d.shape)

/** ivadomed's functions by name, on one class; 4D inputs are taken class by class. */
const ours: Readonly<Record<string, (data: Voxels, shape: readonly number[], params: Case['params']) => Voxels>> = {
  threshold_predictions: (data, _, { thr }) => threshold(data, thr!),
  keep_largest_object: (data, shape) => keepLargest(data, threshold(data, 0.001), shape, shape.length === 2 ? 4 : 6),
  fill_holes: (data, shape) => fillHoles(threshold(data, 0.5), shape),
  remove_small_objects: (data, shape, { size_min }) => removeSmall(data, shape, 18, size_min!),
}
/** ivadomed joins objects of different classes here; ours does not, see test/postprocess. */
const wrong = ['largest_4d_classes_connect']

sharedTest('golden/postprocessing', "ivadomed's functions give what it gives, voxel by voxel", () => {
  const cases = (goldenCases(folder) as { cases: readonly Case[] }).cases.filter(
    c => c.function in ours && c.output && !wrong.includes(c.name),
  )
  expect(cases.length).toBeGreaterThanOrEqual(22)
  for (const c of cases) {
    const data = load(c.input)
    const classes = c.input.shape[3] ?? 1
    const shape = c.input.shape.slice(0, 3)
    const size = data.length / classes
    const parts = Array.from({ length: classes }, (_, k) =>
      ours[c.function]!(data.subarray(k * size, (k + 1) * size), shape.length === 1 ? [...shape, 1] : shape, c.params),
    )
    expect({ [c.name]: parts.flatMap(part => [...part]) }).toEqual({ [c.name]: [...load(c.output!)] })
  }
})
