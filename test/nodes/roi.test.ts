import assert from 'node:assert/strict'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'vitest'
import slice from '../../nodes/slice.ts'
import transform from '../../nodes/transform.ts'
import { describe as told, FailureError } from '../../src/failure.ts'
import { writeNifti } from '../../src/image/nifti-write.ts'
import { centreOfMass } from '../../src/image/centre-of-mass.ts'
import { readNpy } from '../../src/npy.ts'
import { undoChain } from '../../src/transforms/chain.ts'
import { shared, sharedTest } from '../golden.ts'
import { artifactIn, runEach, withFolder } from './each.ts'

const shape = [6, 8, 3]
const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]

/** A volume of 6 x 8 x 3 voxels, by height, width and slice. */
async function put(path: string, value: (h: number, w: number, k: number) => number): Promise<void> {
  const data = Float32Array.from({ length: 144 }, (_, i) => value(i % 6, Math.floor(i / 6) % 8, Math.floor(i / 48)))
  await writeNifti(path, { shape, affine, dtype: 'float32', qformCode: 0, sformCode: 1, xyztUnits: 2, data })
}

/** One image; its label is half of its region of interest, which has 0, 1 and 4 voxels in its slices. */
async function oneImage(dir: string) {
  await mkdir(dir, { recursive: true })
  await put(join(dir, 'image.nii.gz'), (h, w, k) => 1 + h + 10 * w + 100 * k)
  const region = (h: number, w: number, k: number) =>
    Number((k === 1 && h === 2 && w === 6) || (k === 2 && (h === 1 || h === 2) && (w === 3 || w === 4)))
  await put(join(dir, 'roi.nii.gz'), region)
  await put(join(dir, 'seg.nii.gz'), (h, w, k) => region(h, w, k) / 2)
  const row = { id: 'a', dataset: 0, subject: 'sub-01', contrast: 'T1w', entities: {}, metadata: {}, image: 'image.nii.gz' }
  const index = { targets: ['_seg'], images: [{ ...row, labels: [['seg.nii.gz']], roi: 'roi.nii.gz' }] }
  return { index: artifactIn('index', dir, index), datasets: [artifactIn('dataset', dir, { name: 'd' })] }
}

async function cut(root: string, settings: unknown, change: (inputs: Awaited<ReturnType<typeof oneImage>>) => void = () => undefined) {
  const inputs = await oneImage(join(root, 'data'))
  change(inputs)
  const dir = join(root, 'slices')
  await mkdir(dir, { recursive: true })
  return { dir, ...(await runEach(slice, dir, settings, inputs)) }
}

test('the region of interest is cut beside the image, and slices with little of it are dropped', () =>
  withFolder(async root => {
    const { dir, document } = await cut(root, { slice_filter_roi: 0 })
    const { slices, roi } = document.images['a']!
    assert.deepEqual(slices, [1, 2])
    const { shape: packed, data } = await readNpy(join(dir, roi!))
    assert.deepEqual(packed, [2, 1, 6, 8])
    assert.deepEqual([data.indexOf(1), data.lastIndexOf(1)], [2 * 8 + 6, 48 + 2 * 8 + 4])
  }))

test('slice_filter_roi counts voxels; without it all slices stay', () =>
  withFolder(async root => {
    assert.deepEqual((await cut(join(root, '1'), { slice_filter_roi: 3 })).document.images['a']!.slices, [2])
    assert.deepEqual((await cut(join(root, '2'), {})).document.images['a']!.slices, [0, 1, 2])
  }))

test('a filter by a region that is not known is a mistake', () =>
  withFolder(async root => {
    try {
      await cut(root, { slice_filter_roi: 3 }, ({ index }) => delete (index.value.images[0] as { roi?: string }).roi)
      assert.fail('nothing failed')
    } catch (error) {
      assert.ok(error instanceof FailureError, String(error))
      assert.match(told(error.failure), /^slice_filter_roi needs a region of interest, and image a has none\n/)
    }
  }))

test('ROICrop cuts every slice about its region, and the document says how to come back', () =>
  withFolder(async root => {
    const { dir, document } = await cut(root, { slice_filter_roi: 0 })
    const out = join(root, 'tensors')
    await mkdir(out)
    const inputs = { slices: artifactIn('slices', dir, document) }
    const { document: made } = await runEach(transform, out, { ROICrop: { size: [2, 4] } }, inputs)
    assert.deepEqual((await readdir(out)).sort(), ['a_image.npy', 'a_label.npy'])
    const { undo, shape: size, image } = made.images['a']!
    assert.deepEqual(size, [2, 4])
    assert.deepEqual(undo, [
      {
        name: 'ROICrop',
        shape: [6, 8],
        starts: [
          [1, 4],
          [1, 2],
        ],
      },
    ])
    const { data } = await readNpy(join(out, image))
    const value = (h: number, w: number, k: number) => 1 + h + 10 * w + 100 * k
    assert.deepEqual([data[0], data[1 * 4 + 2], data[8]], [value(1, 4, 1), value(2, 6, 1), value(1, 2, 2)])
    // A prediction of the second slice only.
    const back = undoChain(undo, { shape: [1, 2, 4], data: new Float32Array(8).fill(1) }, { first: 1, count: 1 })
    assert.deepEqual([back.data.indexOf(1), back.data.lastIndexOf(1)], [1 * 8 + 2, 2 * 8 + 5])
  }))

test('an empty region is told by image and slice', () =>
  withFolder(async root => {
    const { dir, document } = await cut(root, {})
    const inputs = { slices: artifactIn('slices', dir, document) }
    await assert.rejects(
      runEach(transform, root, { ROICrop: { size: [2, 4] } }, inputs),
      (error: unknown) =>
        error instanceof FailureError && told(error.failure).startsWith('ROICrop finds no region of interest in slice 0 of image a\n'),
    )
  }))

test('soft_gt is said by the document of the slices and by that of the tensors, and changes no slice', () =>
  withFolder(async root => {
    const hard = await cut(join(root, '1'), {})
    const { dir, document, elements } = await cut(join(root, '2'), { soft_gt: true })
    assert.deepEqual([hard.document.soft, document.soft], [undefined, true])
    assert.deepEqual(
      elements.map(e => e.value),
      hard.elements.map(e => e.value),
    )
    const out = join(root, 'out')
    await mkdir(out)
    const { document: made } = await runEach(transform, out, {}, { slices: artifactIn('slices', dir, document) })
    assert.equal(made.soft, true)
    const { data } = await readNpy(join(out, made.images['a']!.label!))
    assert.deepEqual([...new Set(data)].sort(), [0, 0.5])
  }))

sharedTest('data/functional_testing', 'a real spinal cord is in the middle of its slices, and slices with little of it are dropped', () =>
  withFolder(async root => {
    const folder = join(shared, 'data/functional_testing')
    const seg = 'derivatives/labels/sub-unf01/anat/sub-unf01_T2w_seg-manual.nii.gz'
    const row = { id: 'a', dataset: 0, subject: 'sub-unf01', contrast: 'T2w', entities: {}, metadata: {}, labels: [[seg]], roi: seg }
    const index = { targets: ['_seg'], images: [{ ...row, image: 'sub-unf01/anat/sub-unf01_T2w.nii.gz' }] }
    const inputs = { index: artifactIn('index', root, index), datasets: [artifactIn('dataset', folder, { name: 'd' })] }
    const dir = join(root, 'slices')
    await mkdir(dir)
    const count = (data: ArrayLike<number>) => Array.from(data).filter(v => v !== 0).length
    const all = await runEach(slice, dir, {}, inputs)
    const { shape: whole, data: drawn } = await readNpy(join(dir, all.document.images['a']!.roi!))
    const area = whole[2]! * whole[3]!
    const sizes = all.document.images['a']!.slices.map((k, s) => ({ k, voxels: count(drawn.subarray(s * area, (s + 1) * area)) }))
    const limit = sizes.map(s => s.voxels).sort((a, b) => a - b)[3]!
    const some = await runEach(slice, dir, { slice_filter_roi: limit }, inputs)
    assert.deepEqual(
      some.document.images['a']!.slices,
      sizes.filter(s => s.voxels > limit).map(s => s.k),
    )
    assert.ok(some.document.images['a']!.slices.length < sizes.length)

    const out = join(root, 'tensors')
    await mkdir(out)
    const chain = { Resample: { hspace: 0.75, wspace: 0.75 }, ROICrop: { size: [48, 64] } }
    const { document } = await runEach(transform, out, chain, { slices: artifactIn('slices', dir, some.document) })
    const { shape: packed, data } = await readNpy(join(out, document.images['a']!.label!))
    assert.deepEqual(packed.slice(1), [1, 48, 64])
    for (let s = 0; s < packed[0]!; s++) {
      const mask = data.subarray(s * 48 * 64, (s + 1) * 48 * 64)
      const [y, x] = centreOfMass(mask, [48, 64])!
      assert.ok(Math.abs(y! - 24) <= 1 && Math.abs(x! - 32) <= 1, `${y} ${x}`)
      assert.ok(
        [...mask].some(v => v > 0 && v < 1),
        'labels are soft after Resample',
      )
    }
  }),
)
