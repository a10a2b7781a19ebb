import { describe, expect, test } from 'vitest'
import { boundary, distancesTo, type SpacingMm } from '../../src/image/distance.ts'
import type { Shape3 } from '../../src/image/volume.ts'
import { Random } from '../../src/random.ts'
import { near } from '../near.ts'

/** A mask of the voxels for which `inside` holds. */
function mask([nx, ny, nz]: Shape3, inside: (x: number, y: number, z: number) => boolean): Uint8Array {
  const voxels = new Uint8Array(nx * ny * nz)
  for (let i = 0; i < voxels.length; i++) if (inside(i % nx, Math.floor(i / nx) % ny, Math.floor(i / nx / ny))) voxels[i] = 1
  return voxels
}

/** By looking at every point from every voxel. */
function slowly(points: Uint8Array, [nx, ny]: Shape3, [sx, sy, sz]: SpacingMm): Float64Array {
  const place = (i: number) => [(i % nx) * sx, (Math.floor(i / nx) % ny) * sy, Math.floor(i / nx / ny) * sz] as const
  const all = [...points.keys()].filter(i => points[i])
  return Float64Array.from(points, (_, i) => {
    const [x, y, z] = place(i)
    return all.reduce((best, p) => Math.min(best, Math.hypot(x - place(p)[0], y - place(p)[1], z - place(p)[2])), Infinity)
  })
}

const total = (values: Float64Array): number => values.reduce((a, b) => a + b, 0)
const shape = [13, 11, 7] as const
const spacing = [1.5, 0.7, 3] as const
const at = (x: number, y: number, z: number): number => x + 13 * (y + 11 * z)

describe('the distance transform', () => {
  test('gives the numbers of scipy 1.10 (distance_transform_edt with sampling)', () => {
    const points = mask(shape, (x, y, z) => (x * 7 + y * 13 + z * 29) % 41 === 0)
    const distances = distancesTo(points, shape, spacing)
    expect(total(distances)).toBeCloseTo(2730.6124205937385, 9)
    expect(Math.max(...distances)).toBeCloseTo(6.481512169239521, 12)
    const some = [at(0, 0, 0), at(12, 10, 6), at(5, 5, 3), at(0, 10, 6), at(7, 2, 1)].map(i => distances[i]!)
    near(some, [0, 4.847679857416329, 3.176476034853718, 3.8078865529319543, 2.0518284528683193], 1e-12)

    const single = distancesTo(
      mask(shape, (x, y, z) => x === 3 && y === 8 && z === 2),
      shape,
      spacing,
    )
    expect([total(single), Math.max(...single)].map(x => x.toFixed(8))).toEqual(['9574.99161684', '18.91057905'])
  })

  test('equals the slow way for random points of any density, in any grid', () => {
    for (const density of [0.002, 0.02, 0.2, 0.7])
      for (const grid of [
        [1, 1, 1],
        [0.5, 0.5, 5],
        [3, 0.4, 1.1],
      ] as const) {
        const random = new Random(3, 'distance', density, ...grid)
        const points = mask([9, 8, 6], () => random.uniform() < density)
        points[random.integer(points.length)] = 1
        near(distancesTo(points, [9, 8, 6], grid), slowly(points, [9, 8, 6], grid), 1e-12)
      }
  })

  test('of an image without points is infinite, and of a flat or a thin one is right', () => {
    expect(distancesTo(new Uint8Array(3), [3, 1, 1], [1, 1, 1])).toEqual(Float64Array.of(Infinity, Infinity, Infinity))
    expect([...distancesTo(Uint8Array.of(1, 0, 0, 0), [4, 1, 1], [2, 1, 1])]).toEqual([0, 2, 4, 6])
    expect([...distancesTo(Uint8Array.of(1, 0, 0, 0), [1, 4, 1], [2, 0.5, 1])]).toEqual([0, 0.5, 1, 1.5])
    expect([...distancesTo(Uint8Array.of(1, 0, 0, 0), [1, 1, 4], [2, 1, 3])]).toEqual([0, 3, 6, 9])
  })

  test('can be asked for some voxels only', () => {
    const points = mask(shape, (x, y, z) => (x * 7 + y * 13 + z * 29) % 41 === 0)
    const queries = Int32Array.of(at(5, 5, 3), at(0, 0, 0), at(12, 10, 6))
    const all = distancesTo(points, shape, spacing)
    expect([...distancesTo(points, shape, spacing, queries)]).toEqual([...queries].map(i => all[i]))
  })
})

describe('the boundary of a mask', () => {
  test('is what one erosion by six neighbours takes away: the shell of a cube', () => {
    const cube = mask([7, 7, 7], (...p) => p.every(k => k >= 1 && k <= 5))
    expect(boundary(cube, [7, 7, 7])).toHaveLength(125 - 27)
  })
  test('includes voxels at the border of the image, as with scipy', () => {
    expect(boundary(new Uint8Array(27).fill(1), [3, 3, 3])).toHaveLength(26)
    const half = mask([6, 5, 4], (_, y) => y < 3)
    const most = mask([6, 5, 4], () => true)
    expect([boundary(half, [6, 5, 4]).length, boundary(most, [6, 5, 4]).length]).toEqual([64, 96])
  })
  test('does not see a hole that is open through an edge only', () => {
    const holed = mask([3, 3, 3], () => true)
    holed[0] = 0
    expect([...boundary(holed, [3, 3, 3])]).not.toContain(13)
    holed[4] = 0
    expect([...boundary(holed, [3, 3, 3])]).toContain(13)
  })
  test('of a mask of one slice is all of it, and of an empty one nothing', () => {
    expect(boundary(new Uint8Array(9).fill(1), [3, 3, 1])).toHaveLength(9)
    expect(boundary(new Uint8Array(9), [3, 3, 1])).toHaveLength(0)
  })
})
