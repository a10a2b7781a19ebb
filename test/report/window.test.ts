import { expect, test } from 'vitest'
import { hwdGrid, takeSlice, type SliceAxis } from '../../src/image/hwd.ts'
import { pictureOf } from '../../src/image/picture.ts'
import { boxAround, windowOf } from '../../src/report/window.ts'

const shape = [5, 4, 3] as const
/** Stored as LPI, so that axes have to be flipped. */
const affine = [-1, 0, 0, 4, 0, -2, 0, 6, 0, 0, 3, 0, 0, 0, 0, 1]

test.each(['axial', 'coronal', 'sagittal'] as const)('a window of a whole %s slice is the picture of it', (axis: SliceAxis) => {
  const data = Float32Array.from({ length: 60 }, (_, i) => (i * 37) % 61)
  const grid = hwdGrid({ shape, affine }, axis)
  const [height, width, depth] = grid.shape
  for (let k = 0; k < depth; k++) {
    const plane = new Float32Array(height * width)
    takeSlice(data, grid, k, plane)
    const picture = pictureOf(plane, [height, width], axis)
    const window = windowOf(grid, [1, 2, 3], axis, k, { height: [0, height], width: [0, width] })
    expect([window.height, window.width]).toEqual([picture.height, picture.width])
    const [low, high] = [Math.min(...plane), Math.max(...plane)]
    expect(Uint8Array.from(window.voxels, i => Math.round(((data[i]! - low) / (high - low)) * 255))).toEqual(picture.pixels)
    expect(window.spacing).toEqual(axis === 'axial' ? [1, 2] : [2, 1])
  }
})

test('of large slices every second voxel is shown, and its spacing is twice as large', () => {
  const grid = hwdGrid({ shape: [700, 500, 1], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] }, 'axial')
  const { height, width, spacing, voxels } = windowOf(grid, [0.5, 0.5, 1], 'axial', 0, { height: [0, 700], width: [0, 500] })
  expect({ height, width, spacing }).toEqual({ height: 250, width: 350, spacing: [1, 1] })
  // The front is up: the first row shows the last but one of 500.
  expect([...voxels.subarray(0, 3)]).toEqual([498 * 700, 498 * 700 + 2, 498 * 700 + 4])
})

test('the box is around what is marked, with a margin, large enough to see where it is, and inside the image', () => {
  const grid = hwdGrid({ shape: [200, 100, 2], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] }, 'axial')
  const marked = (x: readonly [number, number], y: readonly [number, number]): Uint8Array => {
    const mask = new Uint8Array(200 * 100 * 2)
    for (const [i, j] of [[x[0], y[0]], [x[1], y[1]]] as const) mask[i + 200 * j + 200 * 100] = 1
    return mask
  }
  expect(boxAround([marked([100, 109], [50, 59])], grid)).toEqual({ height: [85, 125], width: [35, 75] })
  expect(boxAround([marked([50, 149], [3, 4]), new Uint8Array(40000)], grid)).toEqual({ height: [40, 160], width: [0, 40] })
  expect(boxAround([new Uint8Array(40000)], grid)).toEqual({ height: [0, 200], width: [0, 100] })
})
