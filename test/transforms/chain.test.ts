import assert from 'node:assert/strict'
import { describe, expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { chainSchema, draw, runOnce, show, splitChain, undoChain } from '../../src/transforms/chain.ts'
import { transforms } from '../../src/transforms/index.ts'
import type { DatasetType } from '../../src/transforms/transform.ts'
import { goldenArray, goldenCases, sharedTest, type Descriptor } from '../golden.ts'
import { float32Tolerance, near } from '../near.ts'
import { dice, ellipse, goldenPlane, picture, planes, row0, sampleOf } from './sample.ts'

const tutorial = {
  Resample: { hspace: 0.75, wspace: 0.75, dspace: 1 },
  CenterCrop: { size: [128, 128] },
  RandomAffine: { degrees: 5, scale: [0.1, 0.1], translate: [0.03, 0.03], applied_to: ['im', 'gt'], dataset_type: ['training'] },
  ElasticTransform: { alpha_range: [28, 30], sigma_range: [3.5, 4.5], p: 0.1, applied_to: ['im', 'gt'], dataset_type: ['training'] },
  NormalizeInstance: { applied_to: ['im'] },
}
const chain = (written: unknown) => chainSchema.parse(written)
const names = (entries: readonly { readonly name: string }[]) => entries.map(e => e.name)
const prepared = sampleOf(picture([2, 40, 48]), ellipse([1, 40, 48]))

describe('the settings', () => {
  test('keep their order, and get their defaults', () => {
    const entries = chain({ CenterCrop: { size: [8, 8] }, Resample: { wspace: 1, hspace: 2 } })
    assert.deepEqual(names(entries), ['CenterCrop', 'Resample'])
    assert.deepEqual(entries[1], {
      name: 'Resample',
      hspace: 2,
      wspace: 1,
      dspace: 1,
      applied_to: ['im', 'gt', 'roi'],
      dataset_type: ['training', 'validation', 'testing'],
    })
  })

  test.each([
    ['a transform that does not exist', { Resamble: {} }, 'Resamble'],
    ['a setting that does not exist', { Resample: { hspace: 1, wspace: 1, hspac: 1 } }, 'hspac'],
    ['a grid of the image alone', { CenterCrop: { size: [8, 8], applied_to: ['im'] } }, 'both im and gt'],
    ['a grid of the training images alone', { Resample: { hspace: 1, wspace: 1, dataset_type: ['training'] } }, 'cannot leave out'],
  ])('%s is refused', (_, written, word) => {
    const { success, error } = chainSchema.safeParse(written)
    assert.equal(success, false)
    expect(JSON.stringify(error.issues)).toContain(word)
  })

  test('print as the tutorial prints them, for the images they are for', () => {
    assert.deepEqual(show(chain(tutorial), 'training'), [
      'Resample: {hspace: 0.75, wspace: 0.75, dspace: 1}',
      'CenterCrop: {size: [128, 128]}',
      'RandomAffine: {degrees: 5, translate: [0.03, 0.03], scale: [0.1, 0.1], applied_to: [im, gt]}',
      'ElasticTransform: {alpha_range: [28, 30], sigma_range: [3.5, 4.5], p: 0.1, applied_to: [im, gt]}',
      'NormalizeInstance: {}',
    ])
    assert.deepEqual(
      show(chain(tutorial), 'testing').map(line => line.split(':')[0]),
      ['Resample', 'CenterCrop', 'NormalizeInstance'],
    )
  })

  test('a misspelt transform or setting is named at its place', () => {
    const issues = (written: unknown) => chainSchema.safeParse(written).error!.issues
    assert.deepEqual(
      issues({ RandomAfine: {}, Resample: { hspace: 1, wspac: 1 } }).map(({ code, path, ...rest }) => [
        code,
        path,
        'keys' in rest ? rest.keys : undefined,
      ]),
      [
        ['unrecognized_keys', [], ['RandomAfine']],
        ['invalid_type', ['Resample', 'wspace'], undefined],
        ['unrecognized_keys', ['Resample'], ['wspac']],
      ],
    )
  })

  test('every transform describes every setting', () => {
    for (const [name, transform] of Object.entries(transforms)) {
      for (const [key, schema] of Object.entries(transform.params.shape))
        assert.ok((schema as { description?: string }).description, `${name}.${key}`)
    }
  })
})

describe('once', () => {
  test('grid transforms are done first, wherever they stand', () => {
    const { once, draw } = splitChain(
      chain({
        NormalizeInstance: {},
        CenterCrop: { size: [8, 8] },
        NumpyToTensor: {},
        RandomReverse: {},
        Resample: { hspace: 1, wspace: 1 },
      }),
    )
    assert.deepEqual(
      [names(once), names(draw)],
      [
        ['CenterCrop', 'Resample'],
        ['NormalizeInstance', 'RandomReverse'],
      ],
    )
  })

  test('what a crop throws away is not resampled, which changes no bit of what it keeps', () => {
    const label = ellipse([1, 40, 48])
    for (const [spacing, size] of [
      [
        [0.5, 0.6],
        [12, 16],
      ],
      [
        [0.5, 0.6],
        [12, 160],
      ],
      [
        [2, 0.9],
        [80, 30],
      ],
      [
        [1, 0.6],
        [40, 9],
      ],
      [
        [3, 3],
        [200, 200],
      ],
    ] as const) {
      const [resample, crop] = chain({ Resample: { hspace: 0.75, wspace: 1 }, CenterCrop: { size } })
      const whole = runOnce([resample!], sampleOf(picture([2, 40, 48]), label, spacing))
      const apart = runOnce([crop!], whole.sample)
      const together = runOnce([resample!, crop!], sampleOf(picture([2, 40, 48]), label, spacing))
      for (const part of ['image', 'label'] as const) {
        assert.deepEqual(together.sample[part], apart.sample[part])
        assert.ok(new Set(apart.sample[part]!.data).size > 1)
      }
      assert.deepEqual(together.undo, [...whole.undo, ...apart.undo])
    }
  })

  test('a prediction comes back to the grid of the slice, through the undo records as JSON', () => {
    const { once } = splitChain(chain({ ...tutorial, CenterCrop: { size: [48, 80] } }))
    const { sample, undo } = runOnce(once, prepared)
    assert.deepEqual(sample.image.shape, [2, 48, 80])
    assert.deepEqual(names(undo), ['Resample', 'CenterCrop'])
    const records = JSON.parse(JSON.stringify(undo)) as typeof undo
    const back = undoChain(records, sample.label!, row0)
    assert.deepEqual(back.shape, [1, 40, 48])
    expect(dice(back.data, prepared.label!.data)).toBeGreaterThan(0.98)
  })
})

describe('a draw', () => {
  const training = (written: unknown, sample = prepared, seed = 1, soft = false) =>
    draw(splitChain(chain(written)).draw, sample, 'training', new Random(seed), { soft })
  const spatial = {
    RandomAffine: { degrees: 15, scale: [0.2, 0.2], translate: [0.1, 0.1] },
    ElasticTransform: { alpha_range: [28, 30], sigma_range: [3.5, 4.5], p: 1 },
    RandomReverse: {},
  }

  test('moves image and label by one and the same map', () => {
    for (let seed = 0; seed < 5; seed++) {
      const same = sampleOf(picture([1, 40, 48]), picture([1, 40, 48]))
      const { image, label } = training(spatial, same, seed, true)
      assert.deepEqual(label!.data, image.data)
      assert.notDeepEqual(image.data, same.image.data)
      // Also where a transform of the image alone stands between the maps.
      const { RandomAffine, ...rest } = spatial
      const between = training({ RandomAffine, AdditiveGaussianNoise: { std: 0 }, ...rest }, same, seed, true)
      expect(
        dice(
          between.label!.data.map(v => v / 100),
          between.image.data.map(v => v / 100),
        ),
      ).toBeGreaterThan(0.9)
    }
  })

  test('is the same for the same seed, and another for another', () => {
    assert.deepEqual(training(spatial, prepared, 1), training(spatial, prepared, 1))
    assert.notDeepEqual(training(spatial, prepared, 1).image.data, training(spatial, prepared, 2).image.data)
  })

  test('gives a label of 0 and 1, cut at one half, unless labels are soft', () => {
    const soft = sampleOf(picture([1, 1, 4]), planes([1, 1, 4], [0.49, 0.5, 0.51, 1]))
    assert.deepEqual([...training({}, soft).label!.data], [0, 1, 1, 1])
    near(training({}, soft, 1, true).label!.data, [0.49, 0.5, 0.51, 1], 1e-7)
    assert.deepEqual([...new Set(training(spatial).label!.data)].toSorted(), [0, 1])
  })

  test('a transform of training never touches validation or testing', () => {
    const entries = splitChain(chain(tutorial)).draw
    for (const type of ['validation', 'testing'] satisfies DatasetType[]) {
      const [a, b] = [1, 2].map(seed => draw(entries, prepared, type, new Random(seed)))
      assert.deepEqual(a, b)
      assert.deepEqual(a!.label, prepared.label)
    }
  })

  test('changes the values of the parts it is applied to', () => {
    const shift = (applied_to: string[]) =>
      training({ RandomShiftIntensity: { shift_range: [9, 9], prob: 1, applied_to } }, prepared, 1, true)
    near(
      shift(['im']).image.data,
      prepared.image.data.map(v => v + 9),
      1e-5,
    )
    near(shift(['im']).label!.data, prepared.label!.data, 0)
    near(shift(['gt']).image.data, prepared.image.data, 0)
    near(
      shift(['gt']).label!.data,
      prepared.label!.data.map(v => v + 9),
      1e-5,
    )
  })

  test('each channel is normalised for itself', () => {
    const { image } = training({ NormalizeInstance: {} })
    for (const channel of [image.data.subarray(0, 40 * 48), image.data.subarray(40 * 48)]) {
      near([channel.reduce((a, b) => a + b, 0) / channel.length], [0], 1e-5)
    }
  })

  test('never writes to the sample, and never hands out its arrays', () => {
    const before = structuredClone(prepared)
    for (const written of [{}, spatial, { NormalizeInstance: {} }]) {
      const drawn = training(written, prepared, 1, true)
      drawn.image.data.fill(-1)
      drawn.label!.data.fill(-1)
      assert.deepEqual(prepared, before)
    }
  })

  test('input dropout zeros any number of channels but all, in training only', () => {
    const sample = sampleOf(planes([3, 1, 2], [1, 2, 3, 4, 5, 6]))
    const dropped = (type: DatasetType, seed: number) => draw([], sample, type, new Random(seed), { inputDropout: true }).image.data
    const counts = new Map<string, number>()
    for (let seed = 0; seed < 3000; seed++) {
      const left = dropped('training', seed)
      left.forEach((v, i) => assert.ok(v === 0 ? left[i ^ 1] === 0 : v === i + 1))
      const key = [0, 2, 4].map(i => Number(left[i] !== 0)).join('')
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    // None, one and two of three are dropped equally often, and so is each choice of them.
    const expected = { 111: 1000, 110: 333, 101: 333, '011': 333, 100: 333, '010': 333, '001': 333 }
    for (const [key, n] of Object.entries(expected)) expect(Math.abs((counts.get(key) ?? 0) - n), key).toBeLessThan(90)
    assert.equal(counts.size, 7)
    assert.deepEqual(sample.image.data, Float32Array.of(1, 2, 3, 4, 5, 6))
    assert.deepEqual(dropped('validation', 1), sample.image.data)
  })

  test('a sample without a label is drawn as one with a label', () => {
    const { image } = training(spatial, sampleOf(prepared.image))
    assert.deepEqual(image, training(spatial).image)
  })

  test('an elastic map after an affine one blurs no more than the affine one alone', () => {
    const rough = planes(
      [1, 64, 64],
      Float32Array.from({ length: 4096 }, (_, i) => (i * 7919) % 97),
    )
    const energy = (x: Float32Array) => x.reduce((sum, v, i) => sum + (i > 0 ? (v - x[i - 1]!) ** 2 : 0), 0)
    const affine = { RandomAffine: { degrees: 10 } }
    const both = { ...affine, ElasticTransform: { alpha_range: [1, 1], sigma_range: [4, 4], p: 1 } }
    const once = energy(training(affine, sampleOf(rough)).image.data)
    expect(energy(training(both, sampleOf(rough)).image.data)).toBeGreaterThan(0.95 * once)
  })
})

interface Compose {
  readonly config: Record<string, unknown>
  readonly preprocessing_of_training: Record<string, unknown>
  readonly rest_of_training: Record<string, unknown>
  readonly run_input: readonly Descriptor[]
  readonly run_after_preprocessing: readonly Descriptor[]
  readonly run_tensor: Descriptor
  readonly undo_input: Descriptor
  readonly undo_output: readonly Descriptor[]
}
sharedTest('golden/transforms/compose/cases.json', 'a whole configuration is split, run and undone as by ivadomed', () => {
  const folder = 'transforms/compose'
  const golden = goldenCases(folder) as Compose
  const { once, draw: rest } = splitChain(chain(golden.config))
  assert.deepEqual(names(once), Object.keys(golden.preprocessing_of_training))
  assert.deepEqual(
    names(rest),
    Object.keys(golden.rest_of_training).filter(name => name !== 'NumpyToTensor'),
  )

  const channels = golden.run_input.map(d => goldenArray(folder, d))
  const image = planes(
    [2, 40, 48],
    channels.flatMap(c => [...c]),
  )
  const done = runOnce(once, sampleOf(image))
  const preprocessed = golden.run_after_preprocessing.flatMap(d => [...goldenArray(folder, d)])
  near(done.sample.image.data, preprocessed, float32Tolerance(preprocessed))

  const tensor = goldenArray(folder, golden.run_tensor)
  near(draw(rest, done.sample, 'testing', new Random(0)).image.data, tensor, float32Tolerance(tensor))

  const prediction = planes([1, 32, 40], goldenArray(folder, golden.undo_input))
  const expected = goldenPlane(folder, golden.undo_output[0]!)
  const back = undoChain(done.undo, prediction, row0)
  assert.deepEqual(back.shape, expected.shape)
  near(back.data, expected.data, float32Tolerance(expected.data))
})
