import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { cornerDistance, isInvertible, pointRas, qformAffine, quaternionOf, rotationOf, voxelSizes } from '../../src/image/affine.ts'
import { axisCodes, orientationOf } from '../../src/image/orientation.ts'
import { Random } from '../../src/random.ts'
import { goldenCases, sharedTest } from '../golden.ts'
import { near } from '../near.ts'

const diagonal = (x: number, y: number, z: number): number[] => [x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1]

describe('orientation', () => {
  test('codes say towards what the stored axes run', () => {
    assert.equal(axisCodes(diagonal(1, 1, 1)), 'RAS')
    assert.equal(axisCodes(diagonal(-1, 2, 3)), 'LAS')
    assert.equal(axisCodes([0, 0, 1, 0, -1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 1]), 'PIR')
  })

  test('zooms do not decide: a long voxel that leans stays with its own axis', () => {
    // The second axis is 10 mm long and leans towards z; the third is 1 mm long.
    assert.equal(axisCodes([1, 0, 0, 0, 0, 8, 0, 0, 0, 6, 1, 0, 0, 0, 0, 1]), 'RAS')
  })

  test('no RAS axis is taken twice', () => {
    // Two columns nearest to x: the first takes it.
    const sheared = [1, 1, 0, 0, 0.1, 0.2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    assert.deepEqual(new Set(orientationOf(sheared).map(d => d.ras)).size, 3)
  })

  sharedTest('golden/loader/orientation', 'orientations are those of nibabel', () => {
    const { cases } = goldenCases('loader/orientation') as {
      cases: { codes: string; affine: number[][]; io_orientation: number[][] }[]
    }
    for (const { codes, affine, io_orientation } of cases) {
      assert.equal(axisCodes(affine.flat()), codes)
      assert.deepEqual(
        orientationOf(affine.flat()).map(d => [d.ras, d.sign]),
        io_orientation,
      )
    }
  })
})

describe('affine', () => {
  /** A rotation by a random unit quaternion, zooms, and a turn of k for half of them. */
  const random = (at: number) => {
    const r = new Random(7, at)
    const q = [r.normal(), r.normal(), r.normal(), r.normal()]
    const norm = Math.hypot(...q) * (q[0]! < 0 ? -1 : 1)
    const [, b, c, d] = q.map(v => v / norm) as [number, number, number, number]
    const spacing = [r.uniform(0.3, 5), r.uniform(0.3, 5), r.uniform(0.3, 5)] as const
    const qfac = at % 2 ? 1 : -1
    return { bcd: [b, c, d] as const, spacing, qfac, affine: qformAffine([b, c, d], [1, 2, 3], spacing, qfac) } as const
  }

  test('a quaternion goes into an affine and comes back', () => {
    for (let at = 0; at < 50; at++) {
      const { affine, bcd, spacing, qfac } = random(at)
      const back = quaternionOf(affine)
      near(back.bcd, bcd, 1e-9)
      assert.equal(back.qfac, qfac)
      near(voxelSizes(affine), spacing, 1e-12)
    }
  })

  test('half turns, where the quaternion has no real part, come back too', () => {
    for (const affine of [diagonal(-1, -1, 1), diagonal(-2, 3, -1), diagonal(1, -1, -1)]) {
      const { bcd, qfac } = quaternionOf(affine)
      near(qformAffine(bcd, [0, 0, 0], voxelSizes(affine), qfac), affine, 1e-12)
    }
  })

  test('the rotation of a sheared affine is orthonormal, and nearer to it than its neighbours', () => {
    const sheared = [2, 0.3, 0.1, 0, -0.2, 1, 0.2, 0, 0.1, 0.1, 3, 0, 0, 0, 0, 1]
    const r = rotationOf(sheared)
    for (let a = 0; a < 3; a++)
      for (let b = 0; b < 3; b++) near([r[a]! * r[b]! + r[3 + a]! * r[3 + b]! + r[6 + a]! * r[6 + b]!], [a === b ? 1 : 0], 1e-12)
    // The polar factor U of A makes U^T A symmetric.
    const sizes = voxelSizes(sheared)
    const a = (row: number, column: number) => sheared[4 * row + column]! / sizes[column]!
    const product = (i: number, j: number) => r[i]! * a(0, j) + r[3 + i]! * a(1, j) + r[6 + i]! * a(2, j)
    near([product(0, 1), product(0, 2), product(1, 2)], [product(1, 0), product(2, 0), product(2, 1)], 1e-12)
  })

  test('a point of the grid has a place', () => {
    assert.deepEqual(pointRas([2, 0, 0, 10, 0, 3, 0, 20, 0, 0, 4, 30, 0, 0, 0, 1], [1, 2, 3]), [12, 26, 42])
  })

  test('flat and broken affines have no inverse', () => {
    assert.ok(isInvertible(diagonal(1e-4, 1e-4, 1e-4)))
    for (const bad of [diagonal(1, 0, 1), diagonal(1, NaN, 1), [1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]])
      assert.ok(!isInvertible(bad))
  })

  test('the distance of two grids is that of their farthest corners', () => {
    const turned = [0, -1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    assert.equal(cornerDistance([4, 4, 2], diagonal(1, 1, 1), diagonal(1, 1, 1)), 0)
    near([cornerDistance([4, 4, 2], diagonal(1, 1, 1), turned)], [6], 1e-12)
  })
})
