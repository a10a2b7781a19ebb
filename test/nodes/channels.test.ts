import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'vitest'
import bidsIndex from '../../nodes/bids-index.ts'
import slice from '../../nodes/slice.ts'
import transform from '../../nodes/transform.ts'
import { describe as told, FailureError } from '../../src/failure.ts'
import { writeNifti } from '../../src/image/nifti-write.ts'
import { readNpy } from '../../src/npy.ts'
import { makeBatch } from '../../src/net/augment.ts'
import { patchParams } from '../../src/net/patch-params.ts'
import { patchesOf } from '../../src/net/patch-samples.ts'
import { samplesOf } from '../../src/net/sets.ts'
import { goldenArray, goldenCases, shared, sharedTest, type Descriptor } from '../golden.ts'
import { artifactIn, runEach, withFolder } from './each.ts'
import { runWhole } from './whole.ts'

const shape = [3, 4, 2]
/** 1 x 2 x 3 mm, RAS. */
const affine = [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1]
/** The same place, stored from right to left. */
const mirrored = [-1, 0, 0, 2, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1]

async function put(path: string, voxels: (at: number) => number, change: { shape?: number[]; affine?: readonly number[] } = {}) {
  await mkdir(dirname(path), { recursive: true })
  const header = { shape, affine, qformCode: 0, sformCode: 1, xyztUnits: 2, ...change }
  const count = header.shape.reduce((a, b) => a * b)
  await writeNifti(path, { ...header, dtype: 'float32', data: Float32Array.from({ length: count }, (_, at) => voxels(at)) })
}

/** A subject with two contrasts, the second stored in another way, and a label of the second. */
async function dataset(home: string, second: { shape?: number[]; affine?: readonly number[] } = { affine: mirrored }) {
  const dir = join(home, 'data')
  await put(join(dir, 'sub-01/anat/sub-01_T1w.nii.gz'), at => at)
  await put(join(dir, 'sub-01/anat/sub-01_T2w.nii.gz'), at => 100 + at, second)
  await put(join(dir, 'derivatives/labels/sub-01/anat/sub-01_T2w_seg.nii.gz'), at => Number(at === 13), second)
  return artifactIn('dataset', dir, { name: 'data' })
}

const settings = { contrasts: ['T1w', 'T2w'], target_suffix: ['_seg'], multichannel: true }

/** Index and slices of a dataset. */
async function cut(home: string, data: Awaited<ReturnType<typeof dataset>>, params: object = {}, indexed: object = settings) {
  const { document, lines } = await runWhole(bidsIndex, join(home, 'index'), indexed, { datasets: [data] })
  const index = artifactIn('index', join(home, 'index/out'), document)
  const dir = join(home, 'slices')
  await mkdir(dir, { recursive: true })
  const sliced = await runEach(slice, dir, params, { index, datasets: [data] })
  return { index: document, indexLines: lines, ...sliced, dir }
}

test('contrasts become the channels of one image, voxel beside voxel whatever the orientation of storage', () =>
  withFolder(async home => {
    const { index, indexLines, document, elements, dir } = await cut(home, await dataset(home))
    assert.deepEqual([index.contrasts, index.images.map(i => i.id)], [['T1w', 'T2w'], ['sub-01']])
    assert.equal(indexLines.at(-1), 'info: index: 1 images of 1 subjects (1 T1w+T2w)')
    assert.deepEqual([document.channels, document.contrasts], [2, ['T1w', 'T2w']])
    assert.equal((elements[0]!.files['image'] as readonly unknown[]).length, 2)
    const { shape: packed, data } = await readNpy(join(dir, 'sub-01_image.npy'))
    assert.deepEqual(packed, [2, 2, 3, 4])
    // Voxel (i, j, k) of T1w is number i + 3 j + 12 k, that of T2w, which runs from right to left, 100 + (2 - i) + 3 j + 12 k.
    const expected = [0, 1].flatMap(k =>
      [0, 1].flatMap(c => [0, 1, 2].flatMap(i => [0, 1, 2, 3].map(j => (c === 0 ? i : 102 - i) + 3 * j + 12 * k))),
    )
    assert.deepEqual([...data], expected)
    // Number 13 of the label is (1, 0, 1): the middle stays where it is.
    assert.deepEqual([...(await readNpy(join(dir, 'sub-01_label.npy'))).data].indexOf(1), 12 + 4)
  }))

test('the names of the channels go on with the tensors', () =>
  withFolder(async home => {
    const { document, dir } = await cut(home, await dataset(home))
    const out = join(home, 'tensors')
    await mkdir(out)
    const chain = { CenterCrop: { size: [2, 2] } }
    const { document: tensors } = await runEach(transform, out, chain, { slices: artifactIn('slices', dir, document) })
    assert.deepEqual([tensors.channels, tensors.contrasts], [2, ['T1w', 'T2w']])
    assert.deepEqual((await readNpy(join(out, 'sub-01_image.npy'))).shape, [2, 2, 2, 2])
    assert.equal((await readNpy(join(out, 'sub-01_label.npy'))).data.constructor.name, 'Uint8Array')
  }))

test('a slice with one constant channel is dropped', () =>
  withFolder(async home => {
    const data = await dataset(home)
    await put(join(data.dir, 'sub-01/anat/sub-01_T2w.nii.gz'), at => (at < 12 ? 5 : at), { affine: mirrored })
    assert.deepEqual((await cut(home, data)).document.images['sub-01']!.slices, [1])
  }))

test('channels that are not on one grid are a failure that names both', () =>
  withFolder(async home => {
    const refusal = async (second: { shape?: number[]; affine?: readonly number[] }) => {
      const data = await dataset(home, second)
      const error: unknown = await cut(home, data).catch((e: unknown) => e)
      assert.ok(error instanceof FailureError, String(error))
      return told(error.failure).replaceAll(`${data.dir}/`, '')
    }
    assert.equal(
      await refusal({ shape: [3, 2, 4] }),
      [
        'two channels of an image are not on one grid',
        '    3 x 4 x 2 (RAS): sub-01/anat/sub-01_T1w.nii.gz',
        '    3 x 2 x 4 (RAS): sub-01/anat/sub-01_T2w.nii.gz',
        '  register and resample one to the grid of the other, or leave the image out',
      ].join('\n'),
    )
    const moved = (mm: number) => affine.map((v, at) => (at === 3 ? v + mm : v))
    assert.match(await refusal({ affine: moved(0.75) }), /T2w.nii.gz\n {4}by their headers they lie up to 0.750 mm apart\n/)
    const { lines } = await cut(home, await dataset(home, { affine: moved(0.25) }))
    assert.match(lines[0]!, /^warn: the channel lies up to 0.250 mm from the first by the two headers/)
  }))

test('documents of single channels have none of this', () =>
  withFolder(async home => {
    const { index, document, elements } = await cut(home, await dataset(home), {}, { contrasts: ['T2w'], target_suffix: ['_seg'] })
    assert.deepEqual(Object.keys(index).sort(), ['images', 'targets'])
    assert.deepEqual(Object.keys(document).sort(), ['axis', 'channels', 'images', 'targets'])
    assert.ok('path' in elements[0]!.files['image']!)
    assert.deepEqual(Object.keys(document.images['sub-01_T2w']!).sort(), ['image', 'label', 'native', 'shape', 'slices', 'spacing'])
  }))

interface GoldenSample {
  readonly slice_index: number
  /** Of patches: from and to, along height and width. */
  readonly coord: readonly number[]
  readonly input_shape: readonly number[]
  readonly input_mean: number
  readonly input_std: number
  readonly input_min: number
  readonly input_max: number
  readonly gt_sum_per_class: readonly number[]
  readonly input?: Descriptor
  readonly gt?: Descriptor
}
interface GoldenDataset {
  readonly name: string
  readonly subjects: readonly string[]
  readonly target_suffix: readonly string[]
  readonly contrast_lst: readonly string[]
  readonly transformation: object
  readonly slice_axis: string
  readonly multichannel: boolean
  readonly roi_suffix: string | null
  readonly slice_filter_roi: number | null
  readonly slice_filter_params: object
  readonly soft_gt: boolean
  readonly model_params: { readonly length_2D?: readonly number[]; readonly stride_2D?: readonly number[] }
  readonly patch_filter_params: object
  readonly length: number
  readonly samples: readonly GoldenSample[]
}

const compared = ['axial_two_classes_lpi', 'axial_three_subjects_filter_empty_mask', 'sagittal_multichannel', 'coronal_pir']
const inPatches = ['patches', 'patches_filter_train']

sharedTest('golden/loader/dataset', 'samples are those of ivadomed, along every axis, with several channels, and in patches', () =>
  withFolder(async home => {
    const folder = 'loader/dataset'
    const { cases } = goldenCases(folder) as { cases: readonly GoldenDataset[] }
    const data = artifactIn('dataset', join(shared, 'golden/inputs/bids_mini'), { name: 'mini' })
    for (const golden of cases.filter(c => [...compared, ...inPatches].includes(c.name))) {
      const { contrast_lst: contrasts, target_suffix, multichannel } = golden
      const indexed = { contrasts, target_suffix, ...(multichannel && { multichannel, label_contrast: contrasts.at(-1) }) }
      const filters = { slice_axis: golden.slice_axis, ...golden.slice_filter_params }
      const place = join(home, golden.name)
      const { index, document, dir } = await cut(place, data, filters, indexed)
      const out = join(place, 'tensors')
      await mkdir(out)
      const { document: tensors } = await runEach(transform, out, golden.transformation, { slices: artifactIn('slices', dir, document) })
      const names = (path: string) => golden.subjects.includes(path.slice(path.lastIndexOf('/') + 1))
      const ids = index.images.filter(row => names(row.image)).map(row => row.id)
      const slices = samplesOf('test', ids, tensors.images, file => join(out, file))
      const { length_2D, stride_2D } = golden.model_params
      const patches = length_2D && patchParams.parse({ length_2D, stride_2D, ...golden.patch_filter_params })
      const samples = patches ? await patchesOf('test', slices, tensors.images, patches) : slices
      assert.equal(samples.length, golden.length, golden.name)
      for (const [at, expected] of golden.samples.entries()) {
        const sample = samples[at]!
        assert.equal(sample.slice, expected.slice_index)
        if (sample.patch) assert.deepEqual(sample.patch.place, [expected.coord[0], expected.coord[2]])
        const { x, y } = await makeBatch({ seed: 0, epoch: 0, set: 'validation', chain: tensors.draw, samples: [sample] })
        assert.deepEqual(x.shape, [1, ...expected.input_shape])
        const near = (a: number, b: number, what: string) => assert.ok(Math.abs(a - b) < 2e-3, `${golden.name} ${at} ${what}: ${a}, ${b}`)
        near(Math.max(...x.data), expected.input_max, 'max')
        near(Math.min(...x.data), expected.input_min, 'min')
        const area = y.data.length / target_suffix.length
        const sums = target_suffix.map((_, k) => y.data.slice(k * area, (k + 1) * area).reduce((a, b) => a + b, 0))
        assert.deepEqual(sums, expected.gt_sum_per_class, `${golden.name} ${at}`)
        if (expected.input) goldenArray(folder, expected.input).forEach((v, i) => near(x.data[i]!, v, `voxel ${i}`))
        if (expected.gt) assert.deepEqual([...y.data], [...goldenArray(folder, expected.gt)], `${golden.name} ${at}`)
      }
    }
  }),
)
