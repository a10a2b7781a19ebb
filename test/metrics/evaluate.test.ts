import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { open } from 'yauzl-promise'
import { describe, expect, test } from 'vitest'
import type { Voxels } from '../../src/image/morphology.ts'
import { readVolume } from '../../src/image/nifti.ts'
import type { Shape3, Volume } from '../../src/image/volume.ts'
import { evaluate, type Evaluated, type EvaluationParams } from '../../src/metrics/index.ts'
import { goldenArray, goldenCases, shared, sharedTest, type Descriptor } from '../golden.ts'
import { fromC } from '../image/c-order.ts'

const standard: EvaluationParams = {
  metrics: ['ivadomed'],
  object_detection_metrics: true,
  target_size: { unit: 'vox', thr: [20, 100] },
  overlap: { unit: 'vox', thr: 3 },
  surface_tolerance: 1,
}
const withParams = (params: Partial<EvaluationParams>): EvaluationParams => ({ ...standard, ...params })

/** The row as an object; undefined metrics are NaN. */
const rowOf = (evaluated: Evaluated, params: EvaluationParams = standard): Record<string, number> => {
  const { columns, values } = evaluate(evaluated, params)
  return Object.fromEntries(columns.map((column, at) => [column, values[at]!]))
}

/** Rows of digits, one class after the other, as an image of depth 1. */
const pair = (pred: readonly string[], gt: readonly string[], classes = 1, spacing = [1, 1, 1] as [number, number, number]): Evaluated => ({
  pred: Uint8Array.from(pred.join(''), Number),
  gt: Uint8Array.from(gt.join(''), Number),
  shape: [pred[0]!.length, pred.length / classes, 1],
  classes,
  spacing,
})

describe('metrics of voxels', () => {
  test('are those of a worked example: 8 true positives, 3 false positives, 2 false negatives, 7 true negatives', () => {
    const row = rowOf(
      pair(['11111111', '111000', '000000'].join('').match(/.{10}/g)!, ['11111111', '000110', '000000'].join('').match(/.{10}/g)!),
    )
    expect(row).toMatchObject({ vol_pred_class0: 11, vol_gt_class0: 10, rvd_class0: -0.1, avd_class0: 0.1 })
    expect(row['dice_class0']).toBeCloseTo(16 / 21, 12)
    expect(row['recall_class0']).toBeCloseTo(8 / 10, 12)
    expect(row['precision_class0']).toBeCloseTo(8 / 11, 12)
    expect(row['specificity_class0']).toBeCloseTo(7 / 10, 12)
  })
  test('are undefined where there is nothing to divide by', () => {
    const row = rowOf(pair(['000'], ['000']))
    for (const name of ['rvd', 'avd', 'dice', 'recall', 'precision', 'ltpr', 'lfdr'])
      expect([name, row[`${name}_class0`]]).toEqual([name, NaN])
    expect(row).toMatchObject({ vol_pred_class0: 0, specificity_class0: 1, n_pred_class0: 0, n_gt_class0: 0, mse_class0: 0 })
  })
  test('volumes are in mm³, by the 32-bit sizes of the header', () => {
    const size = Math.fround(0.7)
    expect(rowOf(pair(['11'], ['10'], 1, [size, size, 2]))['vol_pred_class0']).toBe(2 * Math.fround(Math.fround(size * size) * 2))
  })
  test('a soft prediction gives soft sums', () => {
    const row = rowOf({ ...pair(['11'], ['10']), pred: Float32Array.of(0.75, 0.25) })
    expect(row).toMatchObject({
      dice_class0: 0.75,
      recall_class0: 0.75,
      precision_class0: 0.75,
      specificity_class0: 0.75,
      vol_pred_class0: 1,
    })
    expect(row['mse_class0']).toBe((0.0625 + 0.0625) / 2)
  })
  test("mse is ivadomed's: over one slice, whatever the depth", () => {
    const deep: Evaluated = { ...pair(['1111'], ['0000']), shape: [2, 1, 2] }
    expect(rowOf(deep)['mse_class0']).toBe(2)
  })
})

describe('metrics of objects', () => {
  const loose = withParams({ overlap: { unit: 'vox', thr: 1 } })
  test('one found, one missed, one false', () => {
    const example = pair(['1110000011', '0000000000'], ['1110110000', '0000000000'])
    expect(rowOf(example)).toMatchObject({ n_pred_class0: 2, n_gt_class0: 2, ltpr_class0: 0.5, lfdr_class0: 0.5 })
    expect([...evaluate(example, standard).painted!].join('')).toBe('1110330022' + '0000000000')
  })
  test('a predicted object hides the missed one below it', () => {
    expect([...evaluate(pair(['110'], ['011']), standard).painted!].join('')).toBe('223')
  })
  test('objects below the wanted overlap never match, even when they are the same', () => {
    expect(rowOf(pair(['110'], ['110']))).toMatchObject({ ltpr_class0: 0, lfdr_class0: 1 })
    expect(rowOf(pair(['110'], ['110']), loose)).toMatchObject({ ltpr_class0: 1, lfdr_class0: 0 })
  })
  test('the overlap may be told in mm³ or as part of the true object', () => {
    const example = pair(['1100000'], ['1111000'], 1, [1, 1, 2])
    const rate = (unit: 'vox' | 'mm3' | 'ratio', thr: number) => rowOf(example, withParams({ overlap: { unit, thr } }))['ltpr_class0']
    expect([rate('mm3', 4), rate('mm3', 6), rate('ratio', 0.5), rate('ratio', 0.75)]).toEqual([1, 0, 1, 0])
  })
  test('diagonal voxels are one object, and voxels that touch by a corner are two', () => {
    const corner: Evaluated = {
      pred: Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 1),
      gt: new Uint8Array(8),
      shape: [2, 2, 2],
      classes: 1,
      spacing: [1, 1, 1],
    }
    expect(rowOf(corner)['n_pred_class0']).toBe(2)
    expect(rowOf(pair(['10', '01'], ['10', '01']))['n_pred_class0']).toBe(1)
  })
  test('more than 255 objects are told apart (ivadomed counts them modulo 256)', () => {
    const dots = Array.from({ length: 20 }, () => '10'.repeat(40)).flatMap(line => [line, '0'.repeat(80)])
    expect(rowOf(pair(dots, dots), loose)).toMatchObject({ n_pred_class0: 800, ltpr_class0: 1, lfdr_class0: 0 })
  })
  test('without object detection there are no rates, no sizes and no painted volume', () => {
    const { columns, painted } = evaluate(pair(['111'], ['111']), withParams({ object_detection_metrics: false }))
    expect(painted).toBeUndefined()
    expect(columns).toHaveLength(13)
    expect(rowOf(pair(['111'], ['111']), withParams({ object_detection_metrics: false }))).toMatchObject({
      ltpr_class0: NaN,
      lfdr_class0: NaN,
      n_gt_class0: 1,
    })
  })
})

describe('columns', () => {
  const names = ['vol_pred', 'vol_gt', 'rvd', 'avd', 'dice', 'recall', 'precision', 'specificity', 'n_pred', 'n_gt', 'ltpr', 'lfdr', 'mse']
  test("are ivadomed's, in its order, with those of the sizes that occur", () => {
    const { columns } = evaluate(pair(['11100'], ['11100']), standard)
    expect(columns).toEqual([...names.map(name => `${name}_class0`), 'ltpr_0-20vox_class0', 'n_0-20vox', 'lfdr_0-20vox_class0'])
  })
  test('of several classes name the class, also where ivadomed lets a later class overwrite the number of objects', () => {
    const row = rowOf(pair(['11100', '00000'], ['11100', '00000'], 2))
    expect([row['n_0-20vox_class0'], row['n_0-20vox_class1'], row['n_0-20vox']]).toEqual([1, 0, undefined])
  })
  test('an empty list of sizes gives no columns of sizes', () => {
    const { columns } = evaluate(pair(['11100'], ['11100']), withParams({ target_size: { unit: 'vox', thr: [] } }))
    expect(columns).toHaveLength(13)
  })
  test('sizes in mm³ are named in voxels, as ivadomed names them', () => {
    const { columns } = evaluate(pair(['11100'], ['11100'], 1, [1, 1, 2]), withParams({ target_size: { unit: 'mm3', thr: [4, 20] } }))
    // 5 mm³ are 2.5 voxels: rounded to the even 2.
    expect(columns.slice(13)).toEqual(['ltpr_2.0-10.0mm3_class0', 'n_2.0-10.0mm3', 'lfdr_2.0-10.0mm3_class0'])
  })
})

const folder = 'evaluation'
interface Case {
  readonly data: string
  readonly params_name: string
  readonly params: Partial<EvaluationParams>
  readonly dims: readonly [number, number, number]
  readonly results: Readonly<Record<string, number | string>>
  readonly painted: Descriptor
}
interface Golden {
  readonly cases: readonly Case[]
  readonly data: Readonly<Record<string, { readonly data_pred: Descriptor; readonly data_gt: Descriptor }>>
}
const load = (d: Descriptor): Voxels => fromC(goldenArray(folder, d) as Voxels, d.shape)
const ivadomedDefaults = { target_size: { unit: 'vox', thr: [] }, overlap: { unit: 'vox', thr: 3 } } as const

/** What ivadomed's columns say where ours are right and it is not: labels counted in 8 bits. */
const corrected: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  more_than_255_objects: { ltpr_class0: 1, lfdr_class0: 0 },
}

sharedTest('golden/evaluation', "all pairs and settings give ivadomed's row and painted volume, but for its two defects", () => {
  const { cases, data } = goldenCases(folder) as Golden
  expect(cases.length).toBe(33)
  for (const c of cases) {
    const name = `${c.data} ${c.params_name}`
    const { data_pred: pred, data_gt: gt } = data[c.data]!
    const classes = gt.shape[3] ?? 1
    const shape = gt.shape.slice(0, 3) as unknown as Shape3
    const evaluated = { pred: load(pred), gt: load(gt) as Uint8Array, shape, classes, spacing: c.dims }
    const params = { ...standard, ...ivadomedDefaults, ...c.params }
    const { columns, values, painted } = evaluate(evaluated, params)
    // With several classes our counts of a size bin name their class.
    const theirs = (column: string): string => column.replace(/^(n_\d.*)_class\d+$/, '$1')
    expect({ [name]: [...new Set(columns.map(theirs))] }).toEqual({ [name]: Object.keys(c.results) })
    const tolerance = c.data === 'soft_pred' ? 1e-6 : 1e-9
    columns.forEach((column, at) => {
      if (column !== theirs(column)) return
      const want = corrected[c.data]?.[column] ?? Number(c.results[column])
      const value = values[at]!
      const close = Object.is(value, want) || Math.abs(value - want) <= tolerance * Math.max(1e-9, Math.abs(want))
      expect({ name, column, value: close ? want : value }).toEqual({ name, column, value: want })
    })
    if (params.object_detection_metrics) expect({ [name]: [...painted!] }).toEqual({ [name]: [...load(c.painted)] })
  }
})

/** Everything moved by one voxel along the first axis, the last coming first, as numpy.roll. */
const rolled = (data: Float32Array, [nx]: Shape3): Uint8Array => Uint8Array.from(data, (_, i) => data[i % nx === 0 ? i + nx - 1 : i - 1]!)
const labelDir = (dataset: string, subject: string): string => join(shared, 'data', dataset, 'derivatives/labels', subject, 'anat')

/** Compares with a golden row of design/ivadomed.md 1.8, which has six decimals. */
function expectRow(
  evaluated: Evaluated,
  golden: { row: Readonly<Record<string, number | null>>; painted_counts: Readonly<Record<string, number>> },
): void {
  const row = rowOf(evaluated)
  for (const [column, want] of Object.entries(golden.row)) {
    const value = row[column] ?? row[`${column}_class0`]
    if (want === null) expect([column, value]).toEqual([column, NaN])
    else expect(Math.abs(value! - want), column).toBeLessThanOrEqual(1e-6)
  }
  const counts: Record<string, number> = {}
  for (const colour of evaluate(evaluated, standard).painted!) counts[colour] = (counts[colour] ?? 0) + 1
  expect(counts).toEqual(golden.painted_counts)
}

const quick = (start: string): { row: Record<string, number | null>; painted_counts: Record<string, number> } => {
  const rows = goldenCases('quick', 'golden_eval_post_transforms.json') as Record<string, never>
  return rows[Object.keys(rows).find(key => key.startsWith(start))!]!
}

sharedTest('golden/quick', 'row A: two classes of the hippocampus', async () => {
  const dir = labelDir('hippocampus', 'sub-001')
  const labels = await Promise.all(['anterior', 'posterior'].map(part => readVolume(join(dir, `sub-001_T1w_seg-${part}.nii.gz`))))
  const { shape, spacing } = labels[0]!
  const size = labels[0]!.data.length
  const gt = new Uint8Array(2 * size)
  const pred = new Uint8Array(2 * size)
  labels.forEach(({ data }, c) => {
    gt.set(data, c * size)
    pred.set(rolled(data, shape), c * size)
  })
  for (let k = 0; k < 3; k++) for (let j = 0; j < 3; j++) pred.fill(1, shape[0] * (j + shape[1] * k), shape[0] * (j + shape[1] * k) + 3)
  expectRow({ pred, gt, shape, classes: 2, spacing }, quick('A '))
})

const zip = 'data/data_example_spinegeneric-r20200825.zip'

/** Labels of the tutorial's dataset, by the image they belong to. */
async function tutorialLabels(...images: readonly string[]): Promise<readonly Volume[]> {
  const dir = await mkdtemp(join(tmpdir(), 'voxelpipe-labels-'))
  const archive = await open(join(shared, zip))
  try {
    const found = new Map<string, Volume>()
    for await (const entry of archive) {
      const image = images.find(name => entry.filename.endsWith(`/${name}_seg-manual.nii.gz`))
      if (!image) continue
      const path = join(dir, `${image}.nii.gz`)
      await pipeline(await entry.openReadStream(), createWriteStream(path))
      found.set(image, await readVolume(path))
    }
    return images.map(image => found.get(image)!)
  } finally {
    await archive.close()
    await rm(dir, { recursive: true })
  }
}

sharedTest(zip, "rows B and C: the spinal cord of the tutorial's sub-unf01", async () => {
  const [t2, t1] = (await tutorialLabels('sub-unf01_T2w', 'sub-unf01_T1w')) as [Volume, Volume]
  const { shape, spacing } = t2
  const gt = Uint8Array.from(t2.data)
  const pred = rolled(t2.data, shape)
  for (let j = 5; j < 8; j++) pred.fill(1, 5 + shape[0] * j, 8 + shape[0] * j)
  pred[20 + shape[0] * 20] = 1
  expectRow({ pred, gt, shape, classes: 1, spacing }, quick('B '))
  expectRow({ pred: Uint8Array.from(t1.data), gt, shape, classes: 1, spacing }, quick('C '))
})

sharedTest(zip, "the true volumes are those of the tutorial's own table", async () => {
  const table = {
    'sub-mpicbs06_T1w': 4852.499537,
    'sub-mpicbs06_T2star': 4563.749565,
    'sub-mpicbs06_T2w': 4852.499537,
    'sub-unf01_T1w': 6161.249412,
    'sub-unf01_T2star': 5766.24945,
    'sub-unf01_T2w': 6161.249412,
  }
  const labels = await tutorialLabels(...Object.keys(table))
  Object.entries(table).forEach(([image, volume], at) => {
    const { data, shape, spacing } = labels[at]!
    const row = rowOf({ pred: data, gt: Uint8Array.from(data), shape, classes: 1, spacing })
    expect([image, Math.round(row['vol_gt_class0']! * 1e6) / 1e6, row['dice_class0']]).toEqual([image, volume, 1])
  })
})

const scores = {
  dice_score: 'dice',
  recall_score: 'recall',
  precision_score: 'precision',
  specificity_score: 'specificity',
  mse: 'mse',
} as const
interface Score {
  readonly name: string
  readonly prediction: Descriptor
  readonly groundtruth: Descriptor
  readonly values: Readonly<Record<string, number>>
}
sharedTest('golden/metrics', 'the scores of voxels are those of ivadomed.metrics', () => {
  const { cases } = goldenCases('metrics') as { cases: readonly Score[] }
  const volumes = cases.filter(c => c.name !== 'vol4d' && c.prediction.shape.length === 3)
  expect(volumes.length).toBeGreaterThanOrEqual(9)
  for (const c of volumes) {
    const shape = c.prediction.shape as unknown as Shape3
    const get = (d: Descriptor): Voxels => fromC(goldenArray('metrics', d) as Voxels, d.shape)
    const row = rowOf({ pred: get(c.prediction), gt: get(c.groundtruth), shape, classes: 1, spacing: [1, 1, 1] })
    for (const [theirs, ours] of Object.entries(scores)) {
      const value = row[`${ours}_class0`]!
      // Where undefined, these functions give 0 unless they are told to give NaN, as the table tells them.
      const want = Number.isNaN(value) && c.values[theirs] === 0 ? NaN : Number(c.values[theirs])
      expect({ [`${c.name} ${ours}`]: Object.is(value, want) || Math.abs(value - want) <= 1e-6 * Math.max(1, Math.abs(want)) }).toEqual({
        [`${c.name} ${ours}`]: true,
      })
    }
  }
})
