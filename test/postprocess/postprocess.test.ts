import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FailureError, describe as printed } from '../../src/failure.ts'
import { findObjects } from '../../src/image/components.ts'
import { gaussianFilter } from '../../src/image/gaussian.ts'
import { nonZero, type Voxels } from '../../src/image/morphology.ts'
import { readVolume } from '../../src/image/nifti.ts'
import type { Shape3 } from '../../src/image/volume.ts'
import { applySteps, dropFaint, mapsNeeded, postprocessSchema, steps, type Prediction } from '../../src/postprocess/index.ts'
import { goldenArray, goldenCases, shared, sharedTest, type Descriptor } from '../golden.ts'
import { fromC } from '../image/c-order.ts'

/** A row of voxels per class, of 1 x 1 x 2 mm. */
const row = (...classes: readonly (readonly number[])[]): Prediction => ({
  data: Float32Array.from(classes.flat()),
  shape: [classes[0]!.length, 1, 1],
  classes: classes.length,
  spacing: [1, 1, 2],
})
const after = (prediction: Prediction, mapping: unknown): readonly number[] => {
  const values = [...applySteps(prediction, postprocessSchema.parse(mapping)).data]
  return values.map(value => Math.round(value * 1e6) / 1e6)
}

describe('the steps', () => {
  test('binarize_prediction makes 1 of values of at least thr, by default 0.5', () => {
    expect(after(row([0.49, 0.5, 1]), { binarize_prediction: {} })).toEqual([0, 1, 1])
    expect(after(row([0.69, 0.7, 1]), { binarize_prediction: { thr: 0.7 } })).toEqual([0, 1, 1])
  })
  test('binarize_maxpooling gives each voxel to the highest class; the background wins ties, then the first class', () => {
    const prediction = row([0.2, 0.5, 0.4, 0.4], [0.3, 0, 0.4, 0.5])
    expect(after(prediction, { binarize_maxpooling: {} })).toEqual([0, 0, 1, 0, 0, 0, 0, 1])
  })
  test('keep_largest keeps the largest object of every class, and its soft values', () => {
    const prediction = row([0.3, 0, 0.2, 0.9, 0.0005], [0, 0.4, 0.5, 0, 0.9])
    expect(after(prediction, { keep_largest: {} })).toEqual([0, 0, 0.2, 0.9, 0, 0, 0.4, 0.5, 0, 0])
  })
  test('keep_largest, fill_holes and remove_small of nothing are nothing', () => {
    const nothing = row([0, 0, 0], [0, 0, 0])
    for (const step of [{ keep_largest: {} }, { fill_holes: {} }, { remove_small: { thr: 2 } }])
      expect(after(nothing, step)).toEqual([0, 0, 0, 0, 0, 0])
  })
  test('remove_noise removes what is strictly below thr', () => {
    expect(after(row([0.3, 0.4, 0.5]), { remove_noise: { thr: 0.4 } })).toEqual([0, 0.4, 0.5])
  })
  test('remove_small counts voxels or mm³, for all classes or for each', () => {
    const prediction = row([1, 0, 1, 1, 0], [1, 0, 1, 1, 0])
    expect(after(prediction, { remove_small: { thr: 2 } })).toEqual([0, 0, 1, 1, 0, 0, 0, 1, 1, 0])
    // 4 mm³ are 2 voxels here, and 3 mm³ are 1.5: rounded to the even 2.
    expect(after(prediction, { remove_small: { unit: 'mm3', thr: [3, 2] } })).toEqual([0, 0, 1, 1, 0, 1, 0, 1, 1, 0])
    expect(after(prediction, { remove_small: { unit: 'vox', thr: [3, 0] } })).toEqual([0, 0, 0, 0, 0, 1, 0, 1, 1, 0])
  })
  test('fill_holes takes values of at least 0.5, each class by itself', () => {
    const hollow = new Float32Array(54).fill(0.6)
    hollow[13] = 0.2
    hollow[27 + 13] = 0.6
    const filled = applySteps(
      { data: hollow, shape: [3, 3, 3], classes: 2, spacing: [1, 1, 1] },
      postprocessSchema.parse({ fill_holes: {} }),
    )
    expect([...filled.data]).toEqual(new Array(54).fill(1))
  })
  test('uncertainty keeps what is strictly below thr, and for maps of certainty what is strictly above', () => {
    const uncertainty = {
      '_unc-vox': Float32Array.of(0.1, 0.5, 0.6),
      '_unc-iou': Float32Array.of(0.1, 0.5, 0.6),
      _soft: Float32Array.of(1, 0, 1),
    }
    const kept = (mapping: unknown) => after({ ...row([0.7, 0.8, 0.9]), uncertainty }, mapping)
    expect(kept({ uncertainty: { thr: 0.5 } })).toEqual([0.7, 0, 0])
    expect(kept({ threshold_uncertainty: { thr: 0.5, suffix: '_unc-vox.nii.gz' } })).toEqual([0.7, 0, 0])
    expect(kept({ uncertainty: { thr: 0.5, suffix: '_unc-iou.nii.gz' } })).toEqual([0, 0, 0.9])
    expect(kept({ uncertainty: { thr: 0.5, suffix: '_soft.nii.gz' } })).toEqual([0.7, 0, 0.9])
  })
  test('thr -1 switches binarize_prediction, remove_noise and uncertainty off', () => {
    const off = { binarize_prediction: { thr: -1 }, remove_noise: {}, uncertainty: { thr: -1, suffix: '_unc-vox.nii.gz' } }
    expect(after(row([0.2, 0.9]), off)).toEqual([0.2, 0.9])
  })
  test('binary results are uint8, soft ones float32', () => {
    const type = (mapping: unknown) => applySteps(row([0.2, 0.9]), postprocessSchema.parse(mapping)).data.constructor
    expect(type({ keep_largest: {}, remove_noise: { thr: 0.5 } })).toBe(Float32Array)
    expect(type({ binarize_prediction: {}, keep_largest: {}, remove_small: { thr: 1 } })).toBe(Uint8Array)
    expect([type({ fill_holes: {} }), type({ binarize_maxpooling: {} })]).toEqual([Uint8Array, Uint8Array])
  })
  test('no step changes the prediction it is given', () => {
    const settings: Readonly<Record<string, object>> = { remove_small: { thr: 9 }, remove_noise: { thr: 1 } }
    for (const name of Object.keys(steps)) {
      const prediction = row([0.2, 0.9, 0, 1])
      applySteps(prediction, postprocessSchema.parse({ [name]: settings[name] ?? {} }))
      expect(prediction).toEqual(row([0.2, 0.9, 0, 1]))
    }
  })
})

test('steps run in the order they are written', () => {
  const prediction = row([0.9, 0, 0.4, 0.4, 0.4])
  expect(after(prediction, { binarize_prediction: {}, keep_largest: {} })).toEqual([1, 0, 0, 0, 0])
  expect(after(prediction, { keep_largest: {}, binarize_prediction: {} })).toEqual([0, 0, 0, 0, 0])
})

test('faint values, up to 0.01, are dropped before the steps', () => {
  const { data } = dropFaint(row([0.01, 0.0101, 0.5]))
  expect([...data].map(value => value > 0)).toEqual([false, true, true])
})

describe('settings', () => {
  const issues = (mapping: unknown) => postprocessSchema.safeParse(mapping).error?.issues.map(i => [i.path.join('.'), i.message] as const)
  test("the tutorial's are accepted, in its order", () => {
    const entries = postprocessSchema.parse({
      remove_noise: { thr: -1 },
      keep_largest: {},
      binarize_prediction: { thr: 0.5 },
      uncertainty: { thr: -1, suffix: '_unc-vox.nii.gz' },
      fill_holes: {},
      remove_small: { unit: 'vox', thr: 3 },
    })
    expect(entries.map(({ name }) => name)).toEqual([
      'remove_noise',
      'keep_largest',
      'binarize_prediction',
      'uncertainty',
      'fill_holes',
      'remove_small',
    ])
  })
  test('the maps of uncertainty that steps ask for are known before they run, under both names of the step', () => {
    const entries = postprocessSchema.parse({
      uncertainty: { thr: 0.5, suffix: '_unc-iou.nii.gz' },
      threshold_uncertainty: { thr: 0 },
      binarize_prediction: { thr: 0.5 },
    })
    expect(mapsNeeded(entries)).toEqual(['_unc-iou', '_unc-vox'])
    expect(mapsNeeded(postprocessSchema.parse({ uncertainty: { thr: -1 } }))).toEqual([])
  })
  test('a map of uncertainty that no step makes is refused', () => {
    expect(issues({ uncertainty: { thr: 0.5, suffix: '_unc-std.nii.gz' } })?.map(([path]) => path)).toEqual(['uncertainty.suffix'])
  })
  test('a step or setting that does not exist, and a size that is not whole, are refused', () => {
    expect(issues({ keep_biggest: {} })).toHaveLength(1)
    expect(issues({ fill_holes: { size: 3 } })).toHaveLength(1)
    expect(issues({ remove_small: { thr: 3.5 } })?.map(([path]) => path)).toEqual(['remove_small.thr'])
    expect(issues({ remove_small: {} })?.map(([path]) => path)).toEqual(['remove_small.thr'])
  })
  test('a list that does not fit the classes says so', () => {
    let message = ''
    try {
      after(row([1], [1]), { remove_small: { thr: [3] } })
    } catch (e) {
      message = e instanceof FailureError ? printed(e.failure) : ''
    }
    expect(message).toBe(
      'remove_small.thr has 1 value, and the prediction has 2 classes\n  give one value for all classes, or a list with one value per class',
    )
  })
})

const folder = 'postprocessing'
interface Case {
  readonly name: string
  readonly postprocessing: Readonly<Record<string, { readonly thr?: number }>>
  readonly dims: readonly [number, number, number]
  readonly input: Descriptor
  readonly output?: Descriptor
}
const load = (d: Descriptor): Voxels => Float32Array.from(fromC(goldenArray(folder, d) as Voxels, d.shape))

/** Where ivadomed is wrong: keep_largest keeps one object of all classes together. */
const joined = ['keep_largest_soft', 'keep_largest_binary', 'order_a', 'order_b']

sharedTest('golden/postprocessing', 'chains of steps give what ivadomed gives, but for its joining of classes', () => {
  const all = (goldenCases(folder) as { postprocessing_class: readonly Case[] }).postprocessing_class.filter(c => c.output)
  expect(all.length).toBeGreaterThanOrEqual(18)
  const { uncertainty_files } = goldenCases(folder) as { uncertainty_files: Readonly<Record<string, Descriptor>> }
  const uncertainty = Object.fromEntries(Object.entries(uncertainty_files).map(([file, d]) => [file.replace('.nii.gz', ''), load(d)]))
  for (const c of all) {
    const [x, y, z, classes] = c.input.shape as [number, number, number, number]
    const shape: Shape3 = [x, y, z]
    const input: Prediction = { data: load(c.input), shape, classes, spacing: c.dims, uncertainty }
    const { data } = applySteps(input, postprocessSchema.parse(c.postprocessing))
    if (!joined.includes(c.name)) {
      expect({ [c.name]: [...data] }).toEqual({ [c.name]: [...load(c.output!)] })
      continue
    }
    // Ours: what each class gives alone (golden for one class: test/image/morphology.test.ts), and one object in each.
    const size = x * y * z
    for (let k = 0; k < classes; k++) {
      const own = data.subarray(k * size, (k + 1) * size)
      const alone = { ...input, data: input.data.subarray(k * size, (k + 1) * size), classes: 1 }
      expect([...own]).toEqual([...applySteps(alone, postprocessSchema.parse(c.postprocessing)).data])
      // In the other chains a step after keep_largest may cut it up.
      if (c.name.startsWith('keep_largest')) expect({ [c.name]: findObjects(nonZero(own), shape, 6).count }).toEqual({ [c.name]: 1 })
    }
    expect([...data]).not.toEqual([...load(c.output!)])
  }
})

const total = (data: Voxels): number => Array.from(data).reduce((a, b) => a + b, 0)
const hippocampus = 'data/hippocampus/derivatives/labels/sub-001/anat'
sharedTest(`golden/quick`, 'the numbers of the hippocampus example are met', async () => {
  const { readdirSync } = await import('node:fs')
  const golden = goldenCases('quick', 'golden_eval_post_transforms.json') as Record<string, Record<string, { sum: number }>>
  const expected = golden['D postprocessing on hippocampus_001 label>0 plus islands [0:2,0:2,0:1] and [30,40,20:22]']!
  const dir = join(shared, hippocampus)
  const labels = await Promise.all(readdirSync(dir).map(name => readVolume(join(dir, name))))
  const { shape, spacing } = labels[0]!
  const data = new Uint8Array(labels[0]!.data.length)
  const at = (i: number, j: number, k: number): number => i + shape[0] * (j + shape[1] * k)
  for (const label of labels) label.data.forEach((value, i) => value > 0 && (data[i] = 1))
  for (const [i, j, k] of [
    [0, 0, 0],
    [0, 1, 0],
    [1, 0, 0],
    [1, 1, 0],
    [30, 40, 20],
    [30, 40, 21],
  ] as const)
    data[at(i, j, k)] = 1
  const sum = (mapping: unknown, from: Voxels): number =>
    total(applySteps({ data: from, shape, classes: 1, spacing }, postprocessSchema.parse(mapping)).data)
  expect(sum({}, data)).toBe(expected['binarize thr .5']!.sum)
  const soft = Float32Array.from(gaussianFilter(data, shape.toReversed(), 0.5, 'reflect'))
  const nonzero = (mapping: unknown): number =>
    nonZero(applySteps({ data: soft, shape, classes: 1, spacing }, postprocessSchema.parse(mapping)).data).reduce((a, b) => a + b, 0)
  expect(sum({ binarize_prediction: { thr: 0.5 } }, soft)).toBe(expected['binarize thr .5']!.sum)
  expect(sum({ binarize_prediction: { thr: 0.1 } }, soft)).toBe(expected['binarize thr .1']!.sum)
  expect([nonzero({ remove_noise: { thr: 0.3 } }), sum({ remove_noise: { thr: 0.3 } }, soft).toFixed(2)]).toEqual([2972, '2733.80'])
  expect([nonzero({ keep_largest: {} }), sum({ keep_largest: {} }, soft).toFixed(2)]).toEqual([5647, '2947.83'])
  expect(sum({ remove_small: { unit: 'vox', thr: 3 } }, data)).toBe(expected['binarize .5 + remove_small vox 3']!.sum)
  expect(sum({ remove_small: { unit: 'vox', thr: 5 } }, data)).toBe(expected['binarize .5 + remove_small vox 5']!.sum)
  expect(sum({ remove_small: { unit: 'mm3', thr: 5 } }, data)).toBe(expected['binarize .5 + remove_small mm3 5']!.sum)
  expect(sum({ keep_largest: {} }, data)).toBe(expected['binarize .5 + keep_largest']!.sum)
  const pierced = applySteps({ data, shape, classes: 1, spacing }, postprocessSchema.parse({ keep_largest: {} })).data.slice()
  pierced[at(15, 22, 17)] = 0
  expect(total(pierced)).toBe(2947)
  expect(sum({ fill_holes: {} }, pierced)).toBe(2948)
})
