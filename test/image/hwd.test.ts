import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { pointRas } from '../../src/image/affine.ts'
import { hwdGrid, hwdSpacing, restoreNative, takeSlice, toHwd } from '../../src/image/hwd.ts'
import type { SliceAxis } from '../../src/image/hwd.ts'
import { readHeader, readVolume } from '../../src/image/nifti.ts'
import type { Volume } from '../../src/image/volume.ts'
import { goldenArray, goldenCases, shared, sharedTest, type Descriptor } from '../golden.ts'
import { near } from '../near.ts'

const axes: readonly SliceAxis[] = ['sagittal', 'coronal', 'axial']

/** One orientation of the golden numbers: as stored, as canonical, and per slice axis. */
interface Turned {
  readonly codes: string
  readonly stored: Descriptor & { readonly shape: readonly [number, number, number] }
  readonly affine: readonly number[][]
  readonly zooms: [number, number, number]
  readonly canonical_affine: readonly number[][]
  readonly axes: readonly { readonly orient_img_hwd: Descriptor; readonly shape_hwd: number[]; readonly zooms_hwd: number[] }[]
}

function volume(shape: readonly [number, number, number], affine: readonly number[], data?: Float32Array<ArrayBuffer>): Volume {
  const count = shape[0] * shape[1] * shape[2]
  return {
    shape,
    volumes: 1,
    spacing: [1, 1, 1],
    affine,
    datatype: 'float32',
    qformCode: 1,
    sformCode: 1,
    xyztUnits: 2,
    data: data ?? Float32Array.from({ length: count }, (_, at) => at),
  }
}
const ras = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
/** i to the left, j down, k forwards. */
const lia = [-2, 0, 0, 9, 0, 0, 4, -7, 0, -3, 0, 5, 0, 0, 0, 1]

describe('cutting', () => {
  test('an axial slice of a RAS image has x as height and y as width', () => {
    const { grid, slices } = toHwd(volume([2, 3, 2], ras), 'axial')
    assert.deepEqual(grid.shape, [2, 3, 2])
    // Stored x fastest: voxel (x, y, z) is x + 2 y + 6 z.
    assert.deepEqual([...slices], [0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11])
  })

  test('coronal: height z, width x; sagittal: height z, width y', () => {
    const v = volume([2, 3, 2], ras)
    assert.deepEqual([...toHwd(v, 'coronal').slices], [0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11])
    assert.deepEqual([...toHwd(v, 'sagittal').slices], [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11])
  })

  test('the affine of the slices gives every voxel the place it has in the file', () => {
    const v = volume([2, 3, 4], lia)
    for (const axis of axes) {
      const { grid, slices } = toHwd(v, axis)
      const [height, width, depth] = grid.shape
      for (let d = 0; d < depth; d++)
        for (let h = 0; h < height; h++)
          for (let w = 0; w < width; w++) {
            const stored = slices[(d * height + h) * width + w]!
            const ijk = [stored % 2, Math.floor(stored / 2) % 3, Math.floor(stored / 6)]
            assert.deepEqual(pointRas(grid.affine, [h, w, d]), pointRas(lia, ijk))
          }
    }
  })

  test('spacing: of the header for a RAS image, of the affine for others; both in float32', () => {
    const header = { spacing: [0.5, 0.6, 0.7], affine: ras } as const
    assert.deepEqual(hwdSpacing(header, 'sagittal'), [0.7, 0.6, 0.5])
    assert.deepEqual(hwdSpacing({ ...header, affine: lia }, 'axial'), [2, 4, 3])
    assert.deepEqual(hwdSpacing({ ...header, affine: lia.map(v => v * 0.1) }, 'coronal'), [0.3, 0.2, 0.4].map(Math.fround))
  })

  sharedTest('golden/loader/orientation', 'ten orientations are cut as ivadomed does', () => {
    const { cases } = goldenCases('loader/orientation') as { cases: Turned[] }
    for (const { codes, stored, affine, zooms, axes: golden, canonical_affine } of cases) {
      const v = { ...volume(stored.shape, affine.flat(), storedOrder(goldenArray('', stored), stored.shape)), spacing: zooms }
      near(hwdGrid(v, 'axial').affine, canonical_affine.flat(), 1e-12)
      axes.forEach((axis, number) => {
        const expected = golden[number]!
        const { grid, slices } = toHwd(v, axis)
        assert.deepEqual([codes, axis, grid.shape], [codes, axis, expected.shape_hwd])
        assert.deepEqual(hwdSpacing(v, axis), expected.zooms_hwd)
        const [height, width, depth] = grid.shape
        const hwd = goldenArray('', expected.orient_img_hwd)
        const moved = Float32Array.from(
          hwd,
          (_, at) => slices[((at % depth) * height + Math.floor(at / depth / width)) * width + (Math.floor(at / depth) % width)]!,
        )
        assert.deepEqual(moved, hwd)
      })
    }
  })
})

/** C order (last axis fastest) to the order of a file (first axis fastest). */
function storedOrder(c: ArrayLike<number>, [x, y, z]: readonly [number, number, number]): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: x * y * z }, (_, at) => c[((at % x) * y + (Math.floor(at / x) % y)) * z + Math.floor(at / x / y)]!)
}

describe('restoring', () => {
  for (const affine of [ras, lia])
    for (const axis of axes)
      test(`all slices cut and put back are the volume (${axis}, ${affine === ras ? 'RAS' : 'LIA'})`, () => {
        const v = volume([2, 3, 4], affine)
        const { grid, slices } = toHwd(v, axis)
        const all = Array.from({ length: grid.shape[2] }, (_, k) => k)
        assert.deepEqual(restoreNative(v, axis, all, slices, 1), v.data)
      })

  test('slices that were not kept are 0, and classes follow each other', () => {
    const v = volume([2, 2, 3], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1])
    // Two slices of two classes; slice 0 of the turned volume is the last one of the file.
    const predictions = Float32Array.of(1, 2, 3, 4, 10, 20, 30, 40, 5, 6, 7, 8, 50, 60, 70, 80)
    const zero = [0, 0, 0, 0]
    assert.deepEqual(
      [...restoreNative(v, 'axial', [0, 2], predictions, 2)],
      [5, 7, 6, 8, ...zero, 1, 3, 2, 4, 50, 70, 60, 80, ...zero, 10, 30, 20, 40],
    )
  })

  test('predictions of another size are a mistake of the program', () => {
    assert.throws(
      () => restoreNative(volume([2, 2, 3], ras), 'axial', [0], new Float32Array(5), 1),
      /5 numbers are not 1 slices of 1 x 2 x 2/,
    )
  })
})

/** Slices of one image, and the volume that ivadomed makes of them. */
interface Restored {
  readonly name: string
  readonly fname_ref: string
  readonly slice_axis: number
  readonly kernel_dim: string
  readonly z_lst: number[]
  readonly params: { readonly bin_thr: number; readonly discard_noise?: boolean; readonly postprocessing?: unknown }
  readonly data: Descriptor
  readonly in_memory: Descriptor
}

sharedTest('golden/inference/pred_to_nib', 'predictions come to lie in the file as with ivadomed', async () => {
  const folder = 'inference/pred_to_nib'
  const { cases } = goldenCases(folder) as { cases: Restored[] }
  const soft = cases.filter(c => c.kernel_dim === '2d' && c.params.bin_thr === -1 && !c.params.postprocessing)
  for (const { name, fname_ref, slice_axis, z_lst, params, data, in_memory } of soft) {
    const header = await readHeader(join(shared, 'golden', fname_ref))
    const [x, y, z, classes = 1] = in_memory.shape as [number, number, number, number?]
    assert.deepEqual(header.shape, [x, y, z])
    // Values up to 0.01 are noise to ivadomed: that is the business of the stage that predicts.
    const predictions = Float32Array.from(goldenArray(folder, data), v => (v <= 0.01 && params.discard_noise !== false ? 0 : v))
    const restored = restoreNative(header, axes[slice_axis]!, z_lst, predictions, classes)
    // C order [X, Y, Z, K] there.
    const voxels = x * y * z
    const expected = goldenArray(folder, in_memory)
    const inFile = Float32Array.from({ length: voxels * classes }, (_, at) => {
      const [i, j, k, c] = [at % x, Math.floor(at / x) % y, Math.floor(at / x / y) % z, Math.floor(at / voxels)] as const
      return expected[((i * y + j) * z + k) * classes + c]!
    })
    assert.deepEqual(restored, inFile, name)
  }
  assert.equal(soft.length, 14)
})

sharedTest('golden/loader/segmentation_pair', 'an int16 image stored LAS is cut as by ivadomed', async () => {
  const { cases } = goldenCases('loader/segmentation_pair') as {
    cases: { name: string; image_file: string; input_slices: Descriptor[]; zooms: number[]; slice_index: number }[]
  }
  const golden = cases.find(c => c.name === 'int16_LAS')!
  const image = await readVolume(join(shared, 'golden', golden.image_file))
  const slice = new Float32Array(45 * 45)
  takeSlice(image.data, hwdGrid(image, 'axial'), golden.slice_index, slice)
  assert.deepEqual(slice, goldenArray('loader/segmentation_pair', golden.input_slices[0]!))
  assert.deepEqual(hwdSpacing(image, 'axial'), golden.zooms)
})
