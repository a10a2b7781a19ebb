import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import infer from '../../nodes/infer.ts'
import postprocess from '../../nodes/postprocess.ts'
import { canonical } from '../../src/fingerprint.ts'
import { hwdGrid } from '../../src/image/hwd.ts'
import { readVolumes } from '../../src/image/nifti.ts'
import { initialise } from '../../src/net/initialise.ts'
import { models } from '../../src/net/models/index.ts'
import type { Net } from '../../src/net/net.ts'
import { Random } from '../../src/random.ts'
import { chainSchema } from '../../src/transforms/chain.ts'
import { near } from '../near.ts'
import { artifactIn, runEach, withFolder } from './each.ts'
import { kept, modelIn, native, split, tensorsIn, voxels } from './predicting.ts'
import { failureOf } from './whole.ts'

/** Dropout, then a sigmoid: a slice is kept and doubled, or all of it becomes 0.5. */
const dropping = (rate = 0.5): Net => ({
  inputs: { input: [1, 'h', 'w'] },
  layers: [
    ...(rate > 0 ? [{ id: 'drop', op: 'dropout', inputs: ['input'], attrs: { rate } }] : []),
    { id: 'prediction', op: 'sigmoid', inputs: [rate > 0 ? 'drop' : 'input'], attrs: { background: false } },
  ],
  output: 'prediction',
})
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
const logit = (p: number) => Math.log(p / (1 - p))

const id = 'sub-01_T2w'
interface Asked {
  readonly uncertainty?: unknown
  readonly draw?: unknown
  readonly net?: Net
  readonly card?: boolean
}
/** Runs infer into a folder of its own, and reads what it wrote. */
async function predicted(dir: string, name: string, { uncertainty = {}, draw = {}, net = dropping(), card = true }: Asked) {
  const out = join(dir, name)
  mkdirSync(out)
  const inputs = { model: modelIn(dir, ['_seg'], net, card), tensors: await tensorsIn(dir, draw), split: split(dir) }
  const ran = await runEach(infer, out, { uncertainty }, inputs)
  const bytes = (suffix: string) => readFileSync(join(out, `${id}${suffix}.nii.gz`))
  const read = async (suffix: string) => (await readVolumes(join(out, `${id}${suffix}.nii.gz`))).data
  return { ...ran, out, bytes, read, files: readdirSync(out).sort() }
}
const maps = ['_soft', '_unc-vox', '_unc-avgUnc', '_unc-cv', '_unc-iou']
const filesOf = (...suffixes: readonly string[]) => suffixes.map(suffix => `${id}${suffix}.nii.gz`).sort()

/** The places of every predicted slice in the stored volume, where the network answered: within the crop. */
function placesOfSlices(plain: Float32Array): readonly (readonly number[])[] {
  const { shape, strides, start } = hwdGrid(native, 'coronal')
  return kept.map(k => {
    const all = Array.from({ length: shape[0] * shape[1] }, (_, i) => {
      const [h, w] = [Math.floor(i / shape[1]), i % shape[1]]
      return start + h * strides[0] + w * strides[1] + k * strides[2]
    })
    return all.filter(at => plain[at]! > 0)
  })
}

test('four samples with dropout are four files, and maps beside the prediction', () =>
  withFolder(async dir => {
    const { document, files, lines } = await predicted(dir, 'a', { uncertainty: { epistemic: true, n_it: 4 } })
    assert.deepEqual(files, filesOf('_pred', '_pred_00', '_pred_01', '_pred_02', '_pred_03', ...maps))
    assert.deepEqual(document.images, {
      [id]: { file: `${id}_pred.nii.gz`, uncertainty: Object.fromEntries(maps.map(map => [map, `${id}${map}.nii.gz`])) },
    })
    assert.deepEqual(lines, [])
  }))

test('dropout is on in the samples, slice by slice, and never in the prediction', () =>
  withFolder(async dir => {
    const plainly = await predicted(dir, 'plain', {})
    assert.deepEqual(plainly.files, filesOf('_pred'))
    const { bytes, read } = await predicted(dir, 'sampled', { uncertainty: { epistemic: true, n_it: 6, seed: 3 } })
    assert.deepEqual(bytes('_pred'), plainly.bytes('_pred'))

    const slices = placesOfSlices(await plainly.read('_pred'))
    const samples = await Promise.all([0, 1, 2, 3, 4, 5].map(pass => read(`_pred_0${pass}`)))
    const dropped = samples.map(sample =>
      slices.map(places => {
        const isDropped = sample[places[0]!] === 0.5
        for (const at of places) assert.ok(Math.abs(sample[at]! - (isDropped ? 0.5 : sigmoid(2 * voxels[at]!))) < 1e-6)
        return isDropped
      }),
    )
    const rate = dropped.flat().filter(Boolean).length / dropped.flat().length
    assert.ok(rate > 0.2 && rate < 0.8, `${rate}`)
    assert.ok(new Set(dropped.map(d => d.join())).size > 2)

    const mean = samples[0]!.map((_, i) => samples.reduce((sum, sample) => sum + sample[i]!, 0) / 6)
    near(await read('_soft'), mean, 1e-6)
  }))

test('where the samples are undecided the entropy is ln 2, and nowhere more', () =>
  withFolder(async dir => {
    // Nearly always dropped: 0.5 in every sample.
    const { read } = await predicted(dir, 'a', { net: dropping(0.999999), uncertainty: { epistemic: true, n_it: 3 } })
    const [plain, entropy] = [await read('_pred'), await read('_unc-vox')]
    entropy.forEach((u, i) => {
      assert.ok(Math.abs(u - (plain[i]! > 0 ? Math.LN2 : 0)) < 3e-5, `voxel ${i}: ${u}`)
    })
  }))

test('the same seed gives the same bytes, another seed other samples', () =>
  withFolder(async dir => {
    const asked = (seed: number) => ({
      uncertainty: { epistemic: true, aleatoric: true, n_it: 2, seed },
      draw: { RandomShiftIntensity: { shift_range: [-1, 1], prob: 1, dataset_type: ['training'] } },
    })
    const [a, b, c] = [await predicted(dir, 'a', asked(1)), await predicted(dir, 'b', asked(1)), await predicted(dir, 'c', asked(2))]
    for (const suffix of ['_pred', '_pred_00', '_pred_01', ...maps]) assert.deepEqual(a.bytes(suffix), b.bytes(suffix))
    assert.notDeepEqual(a.bytes('_pred_00'), c.bytes('_pred_00'))
    assert.deepEqual(a.bytes('_pred'), c.bytes('_pred'))
  }))

test('augmentation does what training does, anew for every sample, and puts the prediction back where the image is', () =>
  withFolder(async dir => {
    const draw = { RandomReverse: {}, RandomShiftIntensity: { shift_range: [-1, 1], prob: 1, dataset_type: ['training'] } }
    const { read } = await predicted(dir, 'a', { uncertainty: { aleatoric: true, n_it: 5 }, draw })
    const slices = placesOfSlices(await read('_pred'))
    const shifts = new Set<string>()
    for (let pass = 0; pass < 5; pass++) {
      const sample = await read(`_pred_0${pass}`)
      for (const places of slices) {
        // Mirrored, shifted, predicted, mirrored back: the sigmoid of the voxel itself, and of one shift for the whole slice.
        const shift = logit(sample[places[0]!]!) - voxels[places[0]!]!
        assert.ok(Math.abs(shift) <= 1)
        for (const at of places) assert.ok(Math.abs(sample[at]! - sigmoid(voxels[at]! + shift)) < 1e-5)
        shifts.add(shift.toFixed(4))
      }
    }
    assert.equal(shifts.size, 5 * slices.length)
  }))

test('moves by whole pixels are undone exactly; what was moved out of sight is 0', () =>
  withFolder(async dir => {
    const draw = { RandomAffine: { translate: [0.2, 0.25] } }
    const { read } = await predicted(dir, 'a', { uncertainty: { aleatoric: true, n_it: 6 }, draw })
    const inside = placesOfSlices(await read('_pred')).flat()
    const seen = new Set<number>()
    for (let pass = 0; pass < 6; pass++) {
      const sample = await read(`_pred_0${pass}`)
      const there = inside.filter(at => sample[at]! > 0)
      for (const at of there) assert.ok(Math.abs(sample[at]! - sigmoid(voxels[at]!)) < 1e-5, `sample ${pass}, voxel ${at}`)
      assert.ok(there.length > inside.length / 2, `${there.length} of ${inside.length}`)
      seen.add(there.length)
    }
    assert.ok(seen.size > 1)
  }))

test('transforms of no strength give the prediction, in every sample and in the mean, and it is said that nothing varied', () =>
  withFolder(async dir => {
    const draw = {
      RandomAffine: { degrees: 0, scale: [0, 0], translate: [0, 0] },
      RandomShiftIntensity: { shift_range: [0, 0], prob: 1 },
      NormalizeInstance: {},
    }
    const { read, lines } = await predicted(dir, 'a', { uncertainty: { aleatoric: true, n_it: 3 }, draw })
    const plain = await read('_pred')
    for (const suffix of ['_pred_00', '_pred_01', '_pred_02', '_soft']) near(await read(suffix), plain, 1e-5)
    assert.deepEqual(
      lines.filter(line => line.includes('samples')),
      [`warn: All samples were the same, so their maps say nothing, of: ${id}.`],
    )
  }))

test('an elastic deformation has no inverse: it is left out of the samples, with a warning', () =>
  withFolder(async dir => {
    const elastic = { ElasticTransform: { alpha_range: [9, 9], sigma_range: [2, 2], p: 1, dataset_type: ['training'] } }
    const shift = { RandomShiftIntensity: { shift_range: [-1, 1], prob: 1, dataset_type: ['training'] } }
    const uncertainty = { aleatoric: true, n_it: 2 }
    const [a, b] = [
      await predicted(dir, 'a', { uncertainty, draw: { ...elastic, ...shift } }),
      await predicted(dir, 'b', { uncertainty, draw: shift }),
    ]
    assert.deepEqual(a.bytes('_pred_01'), b.bytes('_pred_01'))
    assert.deepEqual(a.lines, ['warn: Left out of uncertainty by augmentation, since they cannot be undone: ElasticTransform.'])
    assert.deepEqual(b.lines, [])
  }))

test('several classes have maps of several classes', () =>
  withFolder(async dir => {
    const net: Net = {
      inputs: { input: [1, 'h', 'w'] },
      layers: [
        { id: 'copies', op: 'concat', inputs: ['input', 'input'] },
        { id: 'drop', op: 'dropout', inputs: ['copies'], attrs: { rate: 0.5 } },
        { id: 'prediction', op: 'sigmoid', inputs: ['drop'], attrs: { background: false } },
      ],
      output: 'prediction',
    }
    const inputs = { model: modelIn(dir, ['_a', '_b'], net, true), tensors: await tensorsIn(dir), split: split(dir) }
    await runEach(infer, dir, { uncertainty: { epistemic: true, n_it: 2 } }, inputs)
    for (const suffix of ['_pred_01', ...maps]) {
      const { shape, volumes } = await readVolumes(join(dir, `${id}${suffix}.nii.gz`))
      assert.deepEqual([shape, volumes], [[9, 6, 7], 2])
    }
  }))

test('a U-Net with weights is sampled as well: its prediction stays, and the samples differ from it and each other', () =>
  withFolder(async dir => {
    const net = models.Unet.net(models.Unet.params.parse({ channels: 1, classes: 1, depth: 1, n_filters: 4, dropout_rate: 0.3 }))
    const model = modelIn(dir, ['_seg'], net, true, initialise(net, new Random(4, 'weights')))
    const inputs = { model, tensors: await tensorsIn(dir), split: split(dir) }
    const read = async (folder: string, suffix: string) => (await readVolumes(join(dir, folder, `${id}${suffix}.nii.gz`))).data
    for (const [folder, uncertainty] of [['plain', {}] as const, ['sampled', { epistemic: true, n_it: 2 }] as const]) {
      mkdirSync(join(dir, folder))
      await runEach(infer, join(dir, folder), { uncertainty }, inputs)
    }
    const plain = await read('plain', '_pred')
    assert.deepEqual(await read('sampled', '_pred'), plain)
    const [a, b] = [await read('sampled', '_pred_00'), await read('sampled', '_pred_01')]
    const largest = (x: Float32Array, y: Float32Array) => x.reduce((most, v, i) => Math.max(most, Math.abs(v - y[i]!)), 0)
    for (const difference of [largest(a, plain), largest(b, plain), largest(a, b)]) assert.ok(difference > 0.01, `${difference}`)
  }))

test('postprocessing takes the maps: what the model is not certain of is removed', () =>
  withFolder(async dir => {
    const { out, document, read } = await predicted(dir, 'a', { uncertainty: { epistemic: true, n_it: 4 } })
    const [plain, entropy] = [await read('_pred'), await read('_unc-vox')]
    const masks = join(dir, 'masks')
    mkdirSync(masks)
    const predictions = artifactIn('predictions', out, document)
    await runEach(postprocess, masks, { uncertainty: { thr: 0.6, suffix: '_unc-vox.nii.gz' } }, { predictions, threshold: undefined })
    const { data } = await readVolumes(join(masks, `${id}_pred.nii.gz`))
    assert.deepEqual(
      data,
      plain.map((p, i) => (p > 0.01 && entropy[i]! < 0.6 ? p : 0)),
    )
    const left = data.filter(v => v > 0).length
    assert.ok(left > 10 && left < plain.filter(v => v > 0.01).length - 10, `${left}`)
  }))

test('a network without dropout, and a model without its card, are failures for dropout alone', () =>
  withFolder(async dir => {
    const epistemic = { uncertainty: { epistemic: true, n_it: 2 } }
    expect(await failureOf(() => predicted(dir, 'a', { ...epistemic, net: dropping(0) }))).toContain('none (dropout_rate 0)')
    expect(await failureOf(() => predicted(dir, 'b', { ...epistemic, card: false }))).toContain('there is no model.json')
    const { files } = await predicted(dir, 'c', { uncertainty: { aleatoric: true, n_it: 2 }, card: false })
    assert.equal(files.length, 3 + maps.length)
  }))

test('plain predictions depend on nothing of uncertainty, and samples on what they vary by alone', () =>
  withFolder(async dir => {
    const model = modelIn(dir, ['_seg'], dropping(), true)
    const tensors = await tensorsIn(dir)
    const valueOf = (uncertainty: unknown, draw: unknown = {}) => {
      const value = { ...tensors.value, draw: [...chainSchema.parse(draw)] }
      const params = infer.params.parse({ uncertainty })
      const [element] = infer.each.elements({ params, inputs: { model, split: split(dir), tensors: { ...tensors, value } } })
      return { element: canonical(element!.value), step: canonical(infer.meaning!(params)) }
    }
    const off = valueOf({})
    assert.equal(off.step, '{"sets":["test"]}')
    assert.deepEqual(Object.keys(JSON.parse(off.element) as object).sort(), ['axis', 'chain', 'slices', 'undo', 'volume'])
    assert.deepEqual(valueOf({ seed: 7 }), off)

    const trained = { RandomReverse: { dataset_type: ['training'] } }
    const dropout = { epistemic: true, n_it: 4 }
    assert.notDeepEqual(valueOf(dropout), off)
    assert.notDeepEqual(valueOf({ ...dropout, seed: 1 }), valueOf(dropout))
    assert.deepEqual(valueOf(dropout, trained), valueOf(dropout))
    assert.notEqual(valueOf({ ...dropout, aleatoric: true }, trained).element, valueOf({ ...dropout, aleatoric: true }).element)
  }))

test('settings that would do nothing are mistakes', () => {
  const mistake = (uncertainty: unknown) => infer.params.safeParse({ uncertainty }).error?.issues.map(i => [i.path.join('.'), i.message])
  assert.equal(mistake({ epistemic: false, aleatoric: false, n_it: 0 }), undefined)
  assert.equal(mistake({ aleatoric: true, n_it: 2 }), undefined)
  expect(mistake({ epistemic: true })?.[0]).toEqual(['uncertainty.n_it', 'is 0, so there would be no samples: at least 2, such as 20'])
  expect(mistake({ n_it: 5 })?.[0]).toEqual(['uncertainty.n_it', 'has no effect where neither epistemic nor aleatoric is true'])
  expect(mistake({ epistemic: true, n_it: 1 })?.[0]?.[1]).toContain('one sample says nothing')
})
