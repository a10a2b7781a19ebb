import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readVolumes } from '../../src/image/nifti.ts'
import type { Shape3 } from '../../src/image/volume.ts'
import { uncertaintyMaps, type UncertaintyMaps, type UncertaintySuffix } from '../../src/uncertainty/maps.ts'
import { goldenArray, goldenCases, shared, sharedTest, type Descriptor } from '../golden.ts'
import { fromC } from '../image/c-order.ts'
import { float32Tolerance, near } from '../near.ts'

/** Samples as rows of voxels. */
const ofRows = (...rows: readonly (readonly number[])[]): UncertaintyMaps =>
  uncertaintyMaps(
    rows.map(row => Float32Array.from(row)),
    [rows[0]!.length, 1, 1],
    1,
  )

describe('voxel by voxel', () => {
  test('_soft is the mean', () => {
    const maps = ofRows([1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0])
    expect([...maps._soft]).toEqual([1, 0.5, 0.25, 0])
  })
  test('_unc-vox is the entropy of the mean: ln 2 where samples are undecided, 0 where they agree', () => {
    const maps = ofRows([1, 1, 0], [0, 1, 0])
    expect(Math.abs(maps['_unc-vox'][0]! - Math.LN2)).toBeLessThan(3e-5)
    expect([...maps['_unc-vox'].subarray(1)]).toEqual([0, 0])
  })
})

describe('structure by structure', () => {
  test('volumes and overlap are those of the whole object in each sample', () => {
    // Volumes 3, 5 and 4; 3 voxels in all, 5 in any.
    const maps = ofRows([0, 1, 1, 1, 0, 0, 0], [0, 1, 1, 1, 1, 1, 0], [0, 1, 1, 1, 1, 0, 0])
    const std = Math.sqrt((1 + 1 + 0) / 3)
    near(maps['_unc-iou'], [0, 0.6, 0.6, 0.6, 0.6, 0.6, 0], 1e-7)
    near(maps['_unc-cv'], [0, ...new Array<number>(5).fill(std / 4), 0], 1e-7)
    const vox = maps['_unc-vox']
    const average = (vox[4]! + vox[5]!) / 5
    near(maps['_unc-avgUnc'], [0, ...new Array<number>(5).fill(average), 0], 1e-7)
  })
  test('a sample that lacks the structure has none of it: iou 0, and a volume of 0 among the others', () => {
    const maps = ofRows([1, 1, 0], [0, 0, 0])
    expect([maps['_unc-iou'][0], maps['_unc-cv'][0]]).toEqual([0, 1])
  })
  test('one that few samples show is a structure all the same, though not predicted', () => {
    const maps = ofRows([0, 1, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0])
    expect(maps['_unc-cv'][1]).toBeCloseTo(Math.sqrt(3), 6)
  })
  test('of the objects of a sample, the one that shares most with it counts', () => {
    // In the second sample the structure of five voxels falls into two and one of it.
    const maps = ofRows([1, 1, 1, 1, 1], [1, 1, 0, 1, 0])
    near(maps['_unc-iou'], new Array<number>(5).fill(2 / 5), 1e-7)
  })
  test('single voxels are passed over', () => {
    const maps = ofRows([1, 0, 1, 1], [1, 0, 1, 1])
    expect([[...maps['_unc-iou']], maps['_unc-vox'][0]]).toEqual([[0, 0, 1, 1], 0])
  })
  test('faint values do not join what they surround', () => {
    const maps = ofRows([0.9, 0.9, 0.01, 0.9, 0.9], [0.9, 0.9, 0.01, 0.9, 0.9])
    near(maps['_unc-iou'], [1, 1, 0, 1, 1], 0)
  })
  test('each class is by itself', () => {
    const samples = [Float32Array.of(1, 1, 0, 0, 1, 1), Float32Array.of(1, 1, 0, 0, 0, 0)]
    const maps = uncertaintyMaps(samples, [3, 1, 1], 2)
    near(maps['_unc-iou'], [1, 1, 0, 0, 0, 0], 0)
    near(maps['_unc-cv'], [0, 0, 0, 0, 1, 1], 0)
  })
})

test('the worked example of four soft samples', () => {
  const offsets = [0.1, -0.1, 0.05, -0.2]
  const samples = offsets.map(offset => {
    const data = new Float32Array(72)
    for (let z = 0; z < 2; z++) for (const y of [1, 2]) data.fill(0.8 + offset, 1 + 6 * (y + 6 * z), 3 + 6 * (y + 6 * z))
    for (const y of [4, 5]) data.fill(0.4 + offset, 4 + 6 * y, 6 + 6 * y)
    return data
  })
  const maps = uncertaintyMaps(samples, [6, 6, 2], 1)
  const [high, low] = [1 + 6 * 1, 4 + 6 * 4]
  const pair = (suffix: UncertaintySuffix) => [maps[suffix][high]!, maps[suffix][low]!]
  near(pair('_soft'), [0.7625, 0.3625], 1e-6)
  near(pair('_unc-vox'), [0.548161, 0.654823], 1e-6)
  near(pair('_unc-avgUnc'), [0.548161, 0.654823], 1e-6)
  near(pair('_unc-cv'), [0, 0], 0)
  near(pair('_unc-iou'), [1, 1], 0)
  expect(maps['_unc-vox'].reduce((a, b) => a + b, 0)).toBeCloseTo(7.004581, 5)
})

test('one sample says nothing of uncertainty: a bug of the caller', () => {
  expect(() => uncertaintyMaps([new Float32Array(1)], [1, 1, 1], 1)).toThrow('at least 2 samples')
})

const folder = 'uncertainty'
interface Case {
  readonly name: string
  readonly samples: readonly string[]
  readonly outputs: Readonly<
    Record<string, { readonly data: Descriptor; readonly summary: { readonly datatype: string; readonly scl_slope: number } }>
  >
}
sharedTest('golden/uncertainty', "the maps of real samples are ivadomed's; its _pred is _soft cut at 1/n", async () => {
  const { cases } = goldenCases(folder) as { readonly cases: readonly Case[] }
  expect(cases).toHaveLength(5)
  for (const { name, samples, outputs } of cases) {
    const volumes = await Promise.all(samples.map(file => readVolumes(join(shared, 'golden', folder, file))))
    const shape: Shape3 = volumes[0]!.shape
    const maps = uncertaintyMaps(
      volumes.map(v => v.data),
      shape,
      volumes[0]!.volumes,
    )
    for (const [map, { data, summary }] of Object.entries(outputs)) {
      const expected = fromC(goldenArray(folder, data) as Float32Array, data.shape)
      if (map === 'pred') {
        const theirs = Float32Array.from(maps._soft, mean => (mean >= Math.fround(1 / samples.length) ? 1 : 0))
        expect({ [name]: [...theirs] }).toEqual({ [name]: [...expected].map(value => (value > 0 ? 1 : 0)) })
        continue
      }
      // Files of 8 bits hold a value to one step of their slope.
      near(maps[`_${map}` as UncertaintySuffix], expected, summary.datatype === 'uint8' ? summary.scl_slope : float32Tolerance(expected))
    }
  }
})
