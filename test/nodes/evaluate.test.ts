import { existsSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { z } from 'zod'
import type { index as indexKind } from '../../nodes/artifacts.ts'
import evaluate from '../../nodes/evaluate.ts'
import { describe, FailureError } from '../../src/failure.ts'
import { readVolumes } from '../../src/image/nifti.ts'
import { writeNifti } from '../../src/image/nifti-write.ts'
import { artifactIn, runEach, withFolder } from './each.ts'

type Row = z.infer<typeof indexKind.schema>['images'][number]

const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]
const write = (path: string, values: readonly number[], shape: readonly number[], place = affine) =>
  writeNifti(path, { shape, data: Float32Array.from(values), dtype: 'float32', affine: place, qformCode: 1, sformCode: 1, xyztUnits: 2 })

/** Masks of images with their labels: a row of voxels per class each, or no label. */
interface Example {
  readonly mask: readonly (readonly number[])[]
  /** Per class the raters' labels. */
  readonly labels: readonly (readonly (readonly number[])[])[]
}

/** Writes the examples below `dir`, and gives the node's inputs. */
async function inputsOf(
  dir: string,
  examples: Readonly<Record<string, Example>>,
  targets: readonly string[] = ['_seg'],
  labelAffine = affine,
) {
  const masks = join(dir, 'masks')
  const data = join(dir, 'data')
  await mkdir(masks, { recursive: true })
  await mkdir(data, { recursive: true })
  const rows: Row[] = []
  for (const [id, { mask, labels }] of Object.entries(examples)) {
    await write(
      join(masks, `${id}_pred.nii.gz`),
      mask.flat(),
      mask.length === 1 ? [mask[0]!.length, 1, 1] : [mask[0]!.length, 1, 1, mask.length],
    )
    const files = labels.map((raters, c) => raters.map((_, r) => `${id}${targets[c]}${r}.nii.gz`))
    for (const [c, raters] of labels.entries())
      for (const [r, values] of raters.entries()) await write(join(data, files[c]![r]!), values, [values.length, 1, 1], labelAffine)
    rows.push({ id, dataset: 0, subject: id, contrast: 'T2w', entities: {}, image: `${id}.nii.gz`, labels: files, metadata: {} })
  }
  const images = Object.fromEntries(Object.keys(examples).map(id => [id, { file: `${id}_pred.nii.gz` }]))
  return {
    masks: artifactIn('masks', masks, { targets: [...targets], images }),
    index: artifactIn('index', data, { targets: [...targets], images: rows }),
    datasets: [artifactIn('dataset', data, { name: 'data' })],
  }
}

const good: Example = { mask: [[1, 1, 1, 0, 0, 0, 1]], labels: [[[1, 1, 1, 1, 0, 0, 0]]] }

test('the table has a row per image, and the means of its columns', () =>
  withFolder(async dir => {
    const perfect: Example = { mask: [[0, 1, 1, 1, 1, 0, 0]], labels: [[[0, 1, 1, 1, 1, 0, 0]]] }
    const { document, lines } = await runEach(evaluate, dir, {}, await inputsOf(dir, { b: good, a: perfect }))
    const csv = readFileSync(join(dir, 'evaluation_3Dmetrics.csv'), 'utf8')
      .trimEnd()
      .split('\n')
      .map(line => line.split(','))
    expect(csv[0]!.slice(0, 6)).toEqual(['image_id', 'vol_pred_class0', 'vol_gt_class0', 'rvd_class0', 'avd_class0', 'dice_class0'])
    expect(csv[0]).toEqual(['image_id', ...document.columns])
    expect(csv.slice(1).map(row => [row[0], ...row.slice(1, 6).map(Number)])).toEqual([
      ['a', 8, 8, 0, 0, 1],
      ['b', 8, 8, 0, 0, 0.75],
    ])
    expect(document.rows.map(row => [row.image, row.values['lfdr_class0']])).toEqual([
      ['a', 0],
      ['b', 0.5],
    ])
    expect(document.means['dice_class0']).toBe(0.875)
    expect(lines).toEqual(['info: mean dice over 2 images: _seg 0.8750 [0.7500, 1.0000]'])
    expect(document.intervals!['dice_class0']).toEqual({ low: 0.75, high: 1 })
  }))

test('the means come with intervals over subjects, as a table and as a document', () =>
  withFolder(async dir => {
    const wrong: Example = { mask: [[1, 0, 0, 0]], labels: [[[0, 0, 1, 1]]] }
    const examples = { a: good, b: { mask: [[1, 1, 0, 0]], labels: [[[1, 1, 0, 0]]] }, c: wrong } satisfies Record<string, Example>
    const { document } = await runEach(evaluate, dir, { metrics: ['ivadomed', 'surface'] }, await inputsOf(dir, examples))
    const csv = readFileSync(join(dir, 'summary.csv'), 'utf8').trimEnd().split('\n')
    expect(csv[0]).toBe('metric,images,mean,ci95_low,ci95_high,std,median,min,max')
    expect(csv.slice(1).map(line => line.split(',')[0])).toEqual(document.columns)
    const dice = csv
      .find(line => line.startsWith('dice_class0'))!
      .split(',')
      .slice(1)
      .map(Number)
    expect([dice[0], dice[2], dice[3], ...dice.slice(5)]).toEqual([3, 0, 1, 0.75, 0, 1])
    expect([dice[1], dice[4]].map(x => x!.toFixed(6))).toEqual([(1.75 / 3).toFixed(6), '0.520416'])
    const results = JSON.parse(readFileSync(join(dir, 'results.json'), 'utf8')) as { metrics: { metric: string }[] }
    expect(results).toMatchObject({ targets: ['_seg'], images: 3, confidence: 0.95, resamples: 2000 })
    expect(results.metrics.find(m => m.metric === 'dice_class0')).toMatchObject({
      images: 3,
      mean: 1.75 / 3,
      interval: { low: 0, high: 1 },
    })
    expect(document.intervals!['dice_class0']).toEqual({ low: 0, high: 1 })
  }))

test('images of one subject are drawn together: one subject alone has no interval', () =>
  withFolder(async dir => {
    const inputs = await inputsOf(dir, { a: good, b: { mask: [[1, 1]], labels: [[[1, 1]]] } })
    const images = inputs.index.value.images.map(image => ({ ...image, subject: 'sub-01' }))
    const { document, lines } = await runEach(
      evaluate,
      dir,
      {},
      { ...inputs, index: { ...inputs.index, value: { ...inputs.index.value, images } } },
    )
    expect([document.intervals!['dice_class0'], lines]).toEqual([null, ['info: mean dice over 2 images: _seg 0.8750']])
    const off = await runEach(evaluate, dir, { bootstrap_resamples: 0 }, inputs)
    expect([off.document.intervals, off.elements]).toEqual([undefined, (await runEach(evaluate, dir, {}, inputs)).elements])
  }))

test('with soft_gt labels keep their values, and raters are averaged', () =>
  withFolder(async dir => {
    const raters = [
      [0.25, 0.75, 0, 1],
      [0.75, 0.75, 0.5, 1],
    ]
    const { document } = await runEach(
      evaluate,
      dir,
      { soft_gt: true },
      await inputsOf(dir, { x: { mask: [[1, 1, 0, 1]], labels: [raters] } }),
    )
    const values = document.rows[0]!.values
    expect([values['vol_gt_class0']! / 2, values['dice_class0']]).toEqual([2.5, (2 * 2.25) / 5.5])
    expect(values['mean_squared_error_class0']).toBeCloseTo((0.25 + 0.0625 + 0.0625) / 4, 12)
    // Surfaces and objects are those of values of at least 0.5.
    expect(values).toMatchObject({ nsd_class0: 1, hd95_class0: 0 })
  }))

test('without soft_gt labels are taken as they were learned from, which the masks say; with it, as it says', () =>
  withFolder(async dir => {
    const inputs = await inputsOf(dir, { x: { mask: [[1, 1, 0, 1]], labels: [[[0.25, 0.75, 0, 0.75]]] } })
    const volume = async (settings: unknown, soft?: boolean) => {
      const masks = { ...inputs.masks, value: { ...inputs.masks.value, ...(soft !== undefined && { soft }) } }
      const { document } = await runEach(evaluate, dir, settings, { ...inputs, masks })
      return document.rows[0]!.values['vol_gt_class0']! / 2
    }
    expect([await volume({}), await volume({}, false), await volume({}, true)]).toEqual([2, 2, 1.75])
    expect([await volume({ soft_gt: true }), await volume({ soft_gt: false }, true)]).toEqual([1.75, 2])
  }))

test('groups of metrics can be left out', () =>
  withFolder(async dir => {
    const { document, lines } = await runEach(evaluate, dir, { metrics: ['surface'] }, await inputsOf(dir, { x: good }))
    expect([document.columns, lines]).toEqual([['hd95_class0', 'assd_class0', 'nsd_class0'], []])
  }))

test('distances are in the millimetres of the grid', () =>
  withFolder(async dir => {
    const deep: Example = { mask: [[1, 0, 0, 0]], labels: [[[0, 0, 0, 1]]] }
    const inputs = await inputsOf(dir, { x: deep }, ['_seg'], [0.5, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1])
    const { document } = await runEach(evaluate, dir, {}, inputs)
    expect(document.rows[0]!.values).toMatchObject({ hd95_class0: 1.5, assd_class0: 1.5, nsd_class0: 0 })
  }))

test('objects are painted by what they are, in the grid of the mask', () =>
  withFolder(async dir => {
    await runEach(evaluate, dir, {}, await inputsOf(dir, { x: { mask: good.mask, labels: [[[1, 1, 1, 0, 1, 0, 0]]] } }))
    const { data, datatype, affine: place } = await readVolumes(join(dir, 'x_pred_TP-FP-FN.nii.gz'))
    expect([[...data], datatype, place]).toEqual([[1, 1, 1, 0, 3, 0, 2], 'uint8', affine])
  }))

test('without object detection nothing is painted, and the rates are empty', () =>
  withFolder(async dir => {
    const { document } = await runEach(evaluate, dir, { object_detection_metrics: false }, await inputsOf(dir, { x: good }))
    expect(existsSync(join(dir, 'x_pred_TP-FP-FN.nii.gz'))).toBe(false)
    expect([document.columns.length, document.rows[0]!.values['ltpr_class0']]).toEqual([13 + 3 + 3, null])
  }))

test('an image without a label is left out, and a class without one is empty; both are said', () =>
  withFolder(async dir => {
    const examples = {
      none: {
        mask: [
          [1, 1],
          [0, 1],
        ],
        labels: [[], []],
      },
      half: {
        mask: [
          [1, 1],
          [0, 1],
        ],
        labels: [[[1, 1]], []],
      },
    }
    const { document, lines } = await runEach(evaluate, dir, {}, await inputsOf(dir, examples, ['_seg', '_lesion']))
    expect(document.rows.map(row => row.image)).toEqual(['half'])
    expect(document.rows[0]!.values).toMatchObject({ dice_class0: 1, dice_class1: 0, vol_gt_class1: 0, rvd_class1: null })
    expect(lines).toEqual([
      'warn: none has no label, and is not evaluated',
      'warn: half has no label _lesion, which is taken as empty, as in training',
      'info: mean dice over 1 image: _seg 1.0000, _lesion 0.0000',
    ])
  }))

test('labels count from 0.5 on; of several raters half must agree', () =>
  withFolder(async dir => {
    const volume = async (raters: readonly (readonly number[])[]) => {
      const { document } = await runEach(evaluate, dir, {}, await inputsOf(dir, { x: { mask: [[1, 1, 1, 1]], labels: [raters] } }))
      return document.rows[0]!.values['vol_gt_class0']! / 2
    }
    expect(await volume([[0.49, 0.5, 0.51, 1]])).toBe(3)
    const three = [
      [1, 1, 1, 0],
      [0, 1, 1, 0],
      [0, 0, 1, 0],
    ]
    expect(await volume(three)).toBe(2)
  }))

test('masks and labels stored as bytes give the same table, whatever number stands for a label', () =>
  withFolder(async dir => {
    const inputs = await inputsOf(dir, { x: good, y: { mask: [[0, 0, 0]], labels: [[[0, 1, 1]]] } })
    const asFloats = await runEach(evaluate, dir, {}, inputs)
    const bytes = (path: string, values: readonly number[]) =>
      writeNifti(join(dir, path), {
        shape: [values.length, 1, 1],
        data: Uint8Array.from(values),
        dtype: 'uint8',
        affine,
        qformCode: 1,
        sformCode: 1,
        xyztUnits: 2,
      })
    await bytes('masks/x_pred.nii.gz', good.mask[0]!)
    await bytes('masks/y_pred.nii.gz', [0, 0, 0])
    await bytes(
      'data/x_seg0.nii.gz',
      good.labels[0]![0]!.map(v => 255 * v),
    )
    await bytes('data/y_seg0.nii.gz', [0, 1, 1])
    expect((await runEach(evaluate, dir, {}, inputs)).document).toEqual(asFloats.document)
  }))

test('a label of another shape is refused, and both files are named', () =>
  withFolder(async dir => {
    const inputs = await inputsOf(dir, { x: { mask: [[1, 1, 1]], labels: [[[1, 1]]] } })
    const text = await runEach(evaluate, dir, {}, inputs).then(
      () => 'nothing failed',
      (e: unknown) => (e instanceof FailureError ? describe(e.failure).replaceAll(dir, '') : String(e)),
    )
    expect(text).toBe(
      `the mask of x and its label have different shapes, and cannot be compared
    mask 3 x 1 x 1: /masks/x_pred.nii.gz
    label 2 x 1 x 1: /data/x_seg0.nii.gz
  draw or resample the label on the grid of the image`,
    )
  }))

test('a label that lies elsewhere than the mask is told of', () =>
  withFolder(async dir => {
    const moved = [1, 0, 0, 30, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]
    const { lines } = await runEach(evaluate, dir, {}, await inputsOf(dir, { x: good }, ['_seg'], moved))
    expect(lines[0]).toBe('warn: the label of x lies up to 30.0 mm from its mask; they are compared voxel by voxel')
  }))

test('what an element depends on are the settings, the mask and the labels', () =>
  withFolder(async dir => {
    const { elements } = await runEach(evaluate, dir, {}, await inputsOf(dir, { x: good }))
    expect(elements).toEqual([
      {
        id: 'x',
        value: {
          classes: 1,
          params: {
            metrics: ['ivadomed', 'overlap', 'surface', 'objects'],
            object_detection_metrics: true,
            target_size: { unit: 'vox', thr: [20, 100] },
            overlap: { unit: 'vox', thr: 3 },
            surface_tolerance: 1,
            soft_gt: false,
          },
        },
        files: {
          mask: { path: join(dir, 'masks/x_pred.nii.gz'), digest: 'of x_pred.nii.gz' },
          label0: [{ path: join(dir, 'data/x_seg0.nii.gz'), digest: 'of x_seg0.nii.gz' }],
        },
      },
    ])
  }))

test('an index of other datasets than those given is a failure', () =>
  withFolder(async dir => {
    const inputs = await inputsOf(dir, { x: good })
    await expect(runEach(evaluate, dir, {}, { ...inputs, datasets: [] })).rejects.toThrow(
      'the index names a file of image x that its dataset does not have: x_seg0.nii.gz',
    )
  }))

test('limits of sizes must ascend', () => {
  expect(evaluate.params.safeParse({ target_size: { thr: [100, 20] } }).error?.issues[0]?.message).toBe('limits must ascend')
})
