import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readVolume } from '../../src/image/nifti.ts'
import type { Shape3 } from '../../src/image/volume.ts'
import { evaluate, metricGroups, pairsOfLabels, RowOfClasses, type Evaluated, type EvaluationParams } from '../../src/metrics/index.ts'
import { Random } from '../../src/random.ts'
import { goldenArray, goldenCases, shared, sharedTest, type Descriptor } from '../golden.ts'
import { fromC } from '../image/c-order.ts'

const standard: EvaluationParams = {
  metrics: ['overlap', 'surface', 'objects'],
  object_detection_metrics: true,
  target_size: { unit: 'vox', thr: [2, 5] },
  overlap: { unit: 'vox', thr: 3 },
  surface_tolerance: 1,
}
const rowOf = (evaluated: Evaluated, params: Partial<EvaluationParams> = {}): Record<string, number> => {
  const { columns, values } = evaluate(evaluated, { ...standard, ...params })
  return Object.fromEntries(columns.map((column, at) => [column.replace(/_class0$/, ''), values[at]!]))
}
const line = (pred: string, gt: string, spacing: Evaluated['spacing'] = [1, 1, 1]): Evaluated => ({
  pred: Uint8Array.from(pred, Number),
  gt: Uint8Array.from(gt, Number),
  shape: [pred.length, 1, 1],
  classes: 1,
  spacing,
})

describe('overlap', () => {
  test('iou, the relative volume difference with its usual sign, and the mean over all voxels', () => {
    const row = rowOf({ ...line('11110000', '11000000'), shape: [2, 2, 2] })
    expect(row).toMatchObject({ iou: 0.5, relative_volume_difference: 1, mean_squared_error: 0.25 })
    expect(rowOf(line('1000', '1111'))['relative_volume_difference']).toBe(-0.75)
  })
  test('soft values on either side count by their value', () => {
    const soft = { ...line('00', '00'), pred: Float32Array.of(0.5, 0.25), gt: Float32Array.of(1, 0.5) }
    const row = rowOf(soft, { metrics: ['ivadomed', 'overlap'] })
    expect(row['iou']).toBeCloseTo(0.625 / (0.75 + 1.5 - 0.625), 12)
    expect(row).toMatchObject({ vol_pred: 0.75, vol_gt: 1.5, relative_volume_difference: -0.5, mean_squared_error: (0.25 + 0.0625) / 2 })
    expect(row['dice']).toBeCloseTo(1.25 / 2.25, 12)
  })
})

/** Voxels of 24 x 20 x 12 within an ellipsoid. */
const ellipsoid = (centre: Shape3, radii: Shape3): Uint8Array =>
  Uint8Array.from({ length: 24 * 20 * 12 }, (_, i) => {
    const at = [i % 24, Math.floor(i / 24) % 20, Math.floor(i / 480)]
    return at.reduce((sum, p, axis) => sum + ((p - centre[axis]!) / radii[axis]!) ** 2, 0) <= 1 ? 1 : 0
  })

describe('surfaces', () => {
  const gt = ellipsoid([11, 9, 5], [7, 6, 4])
  const pred = ellipsoid([12, 10, 6], [7, 5, 4])
  for (let z = 2; z < 4; z++) for (let y = 2; y < 4; y++) pred.fill(1, 2 + 24 * (y + 20 * z), 4 + 24 * (y + 20 * z))
  /** Made with scipy 1.10: binary_erosion, distance_transform_edt, numpy.percentile. */
  const byScipy = [
    { spacing: [1, 1, 1], hd95: 2, assd: 0.9843682346086923, nsd: 0.7322695035460993, nsd2: 0.9592198581560284 },
    { spacing: [0.5, 0.5, 5], hd95: 2.23606797749979, assd: 0.7849603634260595, nsd: 0.7429078014184397, nsd2: 0.9379432624113475 },
    { spacing: [0.7, 0.9, 2.5], hd95: 2.6570660511172846, assd: 1.1689909184974825, nsd: 0.5035460992907801, nsd2: 0.8173758865248227 },
  ] as const
  test.each(byScipy)('have the distances that scipy gives, in voxels of $spacing mm', ({ spacing, hd95, assd, nsd, nsd2 }) => {
    const example: Evaluated = { pred, gt, shape: [24, 20, 12], classes: 1, spacing }
    const row = rowOf(example)
    expect([row['hd95']! - hd95, row['assd']! - assd, row['nsd']! - nsd].every(off => Math.abs(off) < 1e-9)).toBe(true)
    expect(rowOf(example, { surface_tolerance: 2 })['nsd']).toBeCloseTo(nsd2, 12)
  })
  test('reach to the border of the image', () => {
    const slab = (depth: number) => Uint8Array.from({ length: 120 }, (_, i) => (Math.floor(i / 6) % 5 < depth ? 1 : 0))
    const row = rowOf({ pred: slab(3), gt: slab(5), shape: [6, 5, 4], classes: 1, spacing: [1, 2, 3] })
    expect(row).toMatchObject({ hd95: 4, assd: 0.875, nsd: 0.725 })
  })
  test('do not depend on which is the prediction', () => {
    const there = rowOf({ pred, gt, shape: [24, 20, 12], classes: 1, spacing: [1, 1, 2] }, { metrics: ['surface'] })
    const back = rowOf({ pred: gt, gt: pred, shape: [24, 20, 12], classes: 1, spacing: [1, 1, 2] }, { metrics: ['surface'] })
    for (const name of ['hd95', 'assd', 'nsd']) expect(there[name]).toBeCloseTo(back[name]!, 12)
  })
  test('of equal masks do not differ', () => {
    expect(rowOf({ pred: gt, gt, shape: [24, 20, 12], classes: 1, spacing: [1, 1, 1] })).toMatchObject({ hd95: 0, assd: 0, nsd: 1 })
  })
  test('that a tolerance divides by rounding of the header agree', () => {
    expect(rowOf(line('100', '010', [1.0000001, 1, 1]))['nsd']).toBe(1)
  })
  test('of a soft prediction are those of its values of at least 0.5', () => {
    const soft = { ...line('0000', '0110'), pred: Float32Array.of(0.49, 0.5, 0.9, 0) }
    expect(rowOf(soft)).toMatchObject({ hd95: 0, assd: 0, nsd: 1 })
  })
})

describe('where a mask is empty', () => {
  test('on both sides all is undefined, but for the error, which is 0', () => {
    const row = rowOf(line('000', '000'))
    for (const name of ['iou', 'relative_volume_difference', 'hd95', 'assd', 'nsd', 'object_recall', 'object_false_discovery_rate'])
      expect([name, row[name]]).toEqual([name, NaN])
    expect(row['mean_squared_error']).toBe(0)
  })
  test('the prediction: nothing was found', () => {
    expect(rowOf(line('000', '110'))).toMatchObject({
      iou: 0,
      relative_volume_difference: -1,
      hd95: NaN,
      assd: NaN,
      nsd: 0,
      object_recall: 0,
      object_false_discovery_rate: NaN,
    })
  })
  test('the truth: all that was found is false', () => {
    expect(rowOf(line('110', '000'))).toMatchObject({
      iou: 0,
      relative_volume_difference: NaN,
      hd95: NaN,
      nsd: 0,
      object_recall: NaN,
      object_false_discovery_rate: 1,
    })
  })
})

describe('objects', () => {
  test('of less than the wanted overlap are found when all of them is', () => {
    expect(rowOf(line('11000', '11000'))).toMatchObject({ object_recall: 1, object_false_discovery_rate: 0 })
    expect(rowOf(line('01000', '11000'))).toMatchObject({ object_recall: 0, object_false_discovery_rate: 0 })
  })
  test('are counted by their own size, true and predicted ones', () => {
    // True: 2 (found), 4 (missed). Predicted: 2 (true), 1 and 6 (false).
    const row = rowOf(line('110100000000111111', '110000001111000000'))
    expect(row).toMatchObject({
      object_recall: 0.5,
      object_false_discovery_rate: 2 / 3,
      'n_gt_objects_0-2vox': 1,
      'n_pred_objects_0-2vox': 2,
      'object_recall_0-2vox': 1,
      'object_false_discovery_rate_0-2vox': 0.5,
      'n_gt_objects_3-5vox': 1,
      'object_recall_3-5vox': 0,
      'object_false_discovery_rate_3-5vox': NaN,
      'n_gt_objects_6-INFvox': 0,
      'object_false_discovery_rate_6-INFvox': 1,
    })
  })
  test('have the same columns in every image, each class its own', () => {
    const two: Evaluated = { ...line('11000000', '11000000'), shape: [4, 1, 1], classes: 2 }
    const { columns } = evaluate(two, { ...standard, metrics: ['objects'] })
    expect(columns).toHaveLength(2 * (2 + 3 * 4))
    expect(columns).toContain('n_gt_objects_0-2vox_class1')
  })
  test('by sizes in mm³ leave no gap, and are named by the limits', () => {
    // Objects of 1 and 3 voxels of 1.5 mm³: 1.5 and 4.5 mm³.
    const row = rowOf(line('1011100', '1011100', [1, 1, 1.5]), { target_size: { unit: 'mm3', thr: [2, 4] } })
    expect([row['n_gt_objects_0-2mm3'], row['n_gt_objects_2-4mm3'], row['n_gt_objects_4-INFmm3']]).toEqual([1, 0, 1])
  })
  test('with a part of the true object as overlap', () => {
    const row = (thr: number) => rowOf(line('1100', '1111'), { overlap: { unit: 'ratio', thr } })['object_recall']
    expect([row(0.5), row(0.75)]).toEqual([1, 0])
  })
})

describe('groups', () => {
  test('that are left out have no columns', () => {
    const names = (metrics: EvaluationParams['metrics']) => evaluate(line('1', '1'), { ...standard, metrics }).columns
    expect(names(['surface'])).toEqual(['hd95_class0', 'assd_class0', 'nsd_class0'])
    expect(names(['overlap'])).toEqual(['iou_class0', 'relative_volume_difference_class0', 'mean_squared_error_class0'])
    expect(names(metricGroups)).toHaveLength(13 + 3 + 3 + 3 + 2 + 12)
  })
})

test('every column is explained in docs/metrics.md', () => {
  const docs = readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8')
  const { columns } = evaluate(line('11', '11'), { ...standard, metrics: metricGroups })
  // Sizes stand for all of their kind.
  const names = new Set(columns.map(c => c.replace(/_class0$/, '').replace(/_\d+-(\d+|INF)vox$/, '')))
  expect([...names].filter(name => !docs.includes(`\`${name}`))).toEqual([])
})

/** A label map of three classes that touch, and its classes as masks one after the other. */
function labelled(seed: string): { map: Uint8Array; masks: Uint8Array } {
  const random = new Random(2, seed)
  const map = Uint8Array.from({ length: 10 * 9 * 8 }, () => (random.uniform() < 0.3 ? 1 + random.integer(3) : 0))
  // The third class lies in a corner.
  map.forEach((value, i) => value === 3 && (i % 10 > 4 || i > 400) && (map[i] = 0))
  const masks = new Uint8Array(3 * map.length)
  map.forEach((value, i) => value > 0 && (masks[(value - 1) * map.length + i] = 1))
  return { map, masks }
}

test('label maps give the same rows as their classes one by one', () => {
  const [pred, gt] = [labelled('pred'), labelled('gt')]
  const params: EvaluationParams = { ...standard, metrics: metricGroups }
  const [shape, spacing] = [
    [10, 9, 8],
    [1, 2, 1.5],
  ] as const
  const row = new RowOfClasses(3, params)
  for (const pair of pairsOfLabels(pred.map, gt.map, shape, spacing, 3)) row.add(pair)
  const { columns, values } = evaluate({ pred: pred.masks, gt: gt.masks, shape, classes: 3, spacing }, params)
  expect([row.columns, row.values]).toEqual([columns, values])
  expect(values.some(value => value > 0)).toBe(true)
})

test('bytes that are not 0 and 1 are values, as they are as float32', () => {
  const values = (data: Evaluated['pred']) => rowOf({ ...line('0200', '0110'), pred: data }, { metrics: metricGroups })
  expect(values(Uint8Array.of(0, 2, 0, 0))).toEqual(values(Float32Array.of(0, 2, 0, 0)))
  expect(values(Uint8Array.of(0, 2, 0, 0))['vol_pred']).toBe(2)
})

test('zeros around an image change nothing that is not told by its size', () => {
  const [pred, gt] = [ellipsoid([11, 9, 5], [3, 4, 3]), ellipsoid([12, 9, 6], [3, 4, 3])]
  const [nx, ny, nz] = [24 + 7, 20 + 5, 12 + 3]
  const padded = (data: Uint8Array): Uint8Array => {
    const out = new Uint8Array(nx * ny * nz)
    data.forEach((value, i) => (out[(i % 24) + 4 + nx * ((Math.floor(i / 24) % 20) + 2 + ny * (Math.floor(i / 480) + 1))] = value))
    return out
  }
  const [small, large] = [
    rowOf({ pred, gt, shape: [24, 20, 12], classes: 1, spacing: [1, 1, 2] }, { metrics: metricGroups }),
    rowOf({ pred: padded(pred), gt: padded(gt), shape: [nx, ny, nz], classes: 1, spacing: [1, 1, 2] }, { metrics: metricGroups }),
  ]
  for (const name of Object.keys(small).filter(n => !['specificity', 'mse', 'mean_squared_error'].includes(n)))
    expect([name, large[name]]).toEqual([name, small[name]])
  expect(small['hd95']).toBeGreaterThan(0)
})

const labels = 'data/hippocampus/derivatives/labels/sub-001/anat'
sharedTest(
  labels,
  'labels of the hippocampus moved by 1, 2 and 3 voxels lie 1, 2 and 3 mm apart; assd and nsd are those of scipy',
  async () => {
    /** Moved along y. Made with scipy 1.10 from nibabel's arrays. */
    const byScipy = {
      anterior: { assd: [0.5935251798561151, 1.047744521346672, 1.4751221480451682], nsd: [1, 0.6321942446043165, 0.4244604316546763] },
      posterior: { assd: [0.5804289544235925, 0.9660996818878954, 1.336432904347818], nsd: [1, 0.7285522788203753, 0.4906166219839142] },
    }
    for (const [part, { assd, nsd }] of Object.entries(byScipy)) {
      const { data, shape, spacing } = await readVolume(join(shared, labels, `sub-001_T1w_seg-${part}.nii.gz`))
      for (const k of [1, 2, 3]) {
        const pred = new Float32Array(data.length)
        pred.set(data.subarray(0, data.length - k * shape[0]), k * shape[0])
        const row = rowOf({ pred, gt: data, shape, classes: 1, spacing })
        expect([part, row['hd95']]).toEqual([part, k])
        expect(row['assd']).toBeCloseTo(assd[k - 1]!, 12)
        expect(row['nsd']).toBeCloseTo(nsd[k - 1]!, 12)
      }
    }
  },
)

interface Score {
  readonly name: string
  readonly prediction: Descriptor
  readonly groundtruth: Descriptor
  readonly values: Readonly<Record<string, number>>
}
sharedTest('golden/metrics', 'iou is that of ivadomed.metrics, which gives 0 where there is nothing', () => {
  const cases = (goldenCases('metrics') as { cases: readonly Score[] }).cases.filter(c => c.prediction.shape.length === 3)
  expect(cases.length).toBeGreaterThanOrEqual(9)
  for (const { name, prediction, groundtruth, values } of cases) {
    const get = (d: Descriptor) => fromC(goldenArray('metrics', d) as Float32Array, d.shape)
    const shape = prediction.shape as unknown as Shape3
    const { iou } = rowOf({ pred: get(prediction), gt: get(groundtruth), shape, classes: 1, spacing: [1, 1, 1] })
    expect([name, Number.isNaN(iou) ? 0 : iou!.toFixed(5)]).toEqual([
      name,
      Number.isNaN(iou) ? 0 : values['intersection_over_union']!.toFixed(5),
    ])
  }
})
