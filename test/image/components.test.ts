import { describe, expect, test } from 'vitest'
import { findObjects, paintLabels, type Connectivity } from '../../src/image/components.ts'
import { Random } from '../../src/random.ts'
import { goldenArray, goldenCases, sharedTest, type Descriptor } from '../golden.ts'
import { fromC } from './c-order.ts'

/** Sets voxels of a 3D image by their (x, y, z). */
function image([nx, ny, nz]: readonly [number, number, number], ...voxels: readonly (readonly [number, number, number])[]): Uint8Array {
  const mask = new Uint8Array(nx * ny * nz)
  for (const [x, y, z] of voxels) mask[x + nx * (y + ny * z)] = 1
  return mask
}

const count = (mask: Uint8Array, shape: readonly number[], connectivity: Connectivity): number =>
  findObjects(mask, shape, connectivity).count

describe('which voxels touch', () => {
  const shape = [3, 3, 3] as const
  const pairs = [
    { by: 'a face', other: [2, 1, 1], joined: [true, true, true] },
    { by: 'an edge along z', other: [2, 2, 1], joined: [false, true, true] },
    { by: 'an edge along x', other: [1, 0, 2], joined: [false, true, true] },
    { by: 'an edge along y', other: [0, 1, 2], joined: [false, true, true] },
    { by: 'a corner', other: [0, 2, 2], joined: [false, false, true] },
    { by: 'another corner', other: [2, 0, 0], joined: [false, false, true] },
  ] as const
  test.each(pairs)('two voxels that touch by $by', ({ other, joined }) => {
    const mask = image(shape, [1, 1, 1], other)
    expect([6, 18, 26].map(c => count(mask, shape, c as Connectivity) === 1)).toEqual(joined)
  })

  test('in 2D, diagonal pixels touch with 8 neighbours and not with 4', () => {
    const mask = Uint8Array.of(1, 0, 0, 1)
    expect([count(mask, [2, 2], 4), count(mask, [2, 2], 8)]).toEqual([2, 1])
  })

  test('voxels at the end of a row do not touch those at the start of the next', () => {
    expect(count(image([4, 3, 2], [3, 0, 0], [0, 1, 0], [3, 2, 0]), [4, 3, 2], 26)).toBe(3)
    expect(count(image([4, 3, 2], [3, 2, 0], [0, 0, 1]), [4, 3, 2], 26)).toBe(2)
  })
})

describe('objects', () => {
  test('are numbered by their first voxel in C order, where z is fastest', () => {
    const mask = image([3, 3, 3], [2, 0, 0], [0, 2, 0], [0, 0, 2])
    const labels = paintLabels(findObjects(mask, [3, 3, 3], 6), 27)
    expect([labels[2], labels[6], labels[18]]).toEqual([3, 2, 1])
  })

  test('an object that is joined late is one object, with all its voxels', () => {
    // A comb: teeth along y that meet only in the last row.
    const mask = Uint8Array.of(1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1)
    const objects = findObjects(mask, [5, 3], 4)
    expect([objects.count, [...objects.sizes]]).toEqual([1, [4, 11]])
  })

  test('an empty image has none, and a full one is one', () => {
    expect(count(new Uint8Array(24), [2, 3, 4], 6)).toBe(0)
    expect([...findObjects(new Uint8Array(24).fill(1), [2, 3, 4], 6).sizes]).toEqual([0, 24])
  })

  test('a shape that does not fit the voxels is a bug, and throws', () => {
    expect(() => findObjects(new Uint8Array(5), [2, 3], 4)).toThrow('shape 2x3 does not fit 5 voxels')
  })
})

/** Labels by flooding from every voxel in C order: slow, and obviously right. */
function flooded(mask: Uint8Array, [nx, ny, nz]: readonly [number, number, number], axes: number): Int32Array {
  const labels = new Int32Array(mask.length)
  const at = (x: number, y: number, z: number): number => x + nx * (y + ny * z)
  let next = 0
  for (let x = 0; x < nx; x++)
    for (let y = 0; y < ny; y++)
      for (let z = 0; z < nz; z++) {
        if (!mask[at(x, y, z)] || labels[at(x, y, z)]) continue
        const queue = [[x, y, z]]
        labels[at(x, y, z)] = ++next
        for (const [a, b, c] of queue)
          for (const dx of [-1, 0, 1])
            for (const dy of [-1, 0, 1])
              for (const dz of [-1, 0, 1]) {
                const [i, j, k] = [a! + dx, b! + dy, c! + dz]
                if (Math.abs(dx) + Math.abs(dy) + Math.abs(dz) > axes) continue
                if (i < 0 || j < 0 || k < 0 || i >= nx || j >= ny || k >= nz || !mask[at(i, j, k)] || labels[at(i, j, k)]) continue
                labels[at(i, j, k)] = next
                queue.push([i, j, k])
              }
      }
  return labels
}

test('random images of any density are labelled as by flooding', () => {
  const shape = [9, 7, 5] as const
  for (const density of [0.1, 0.3, 0.5, 0.8])
    for (const [connectivity, axes] of [
      [6, 1],
      [18, 2],
      [26, 3],
    ] as const) {
      const random = new Random(1, 'components', density, connectivity)
      const mask = Uint8Array.from({ length: 315 }, () => (random.uniform() < density ? 1 : 0))
      expect(paintLabels(findObjects(mask, shape, connectivity), 315)).toEqual(flooded(mask, shape, axes))
    }
})

interface Labelled {
  readonly name: string
  readonly input: Descriptor
  readonly labels: Descriptor
  readonly n: number
  readonly sizes: readonly number[]
}

sharedTest('golden/postprocessing', 'labels, their numbers and sizes equal those of scipy.ndimage.label', () => {
  const folder = 'postprocessing'
  const cases = (goldenCases(folder) as { label: readonly Labelled[] }).label
  expect(cases).toHaveLength(3)
  for (const c of cases) {
    const { shape } = c.input
    const mask = fromC(goldenArray(folder, c.input) as Uint8Array, shape)
    const objects = findObjects(mask, shape, c.name.endsWith('conn2') ? 18 : 6)
    expect([c.name, objects.count, [...objects.sizes]]).toEqual([c.name, c.n, c.sizes])
    expect(paintLabels(objects, mask.length)).toEqual(Int32Array.from(fromC(goldenArray(folder, c.labels) as Int32Array, shape)))
  }
})
