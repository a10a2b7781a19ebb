import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import infer from '../../nodes/infer.ts'
import { describe, FailureError } from '../../src/failure.ts'
import { pointRas } from '../../src/image/affine.ts'
import { hwdGrid, restoreNative, takeSlice } from '../../src/image/hwd.ts'
import { readVolume } from '../../src/image/nifti.ts'
import { axisCodes } from '../../src/image/orientation.ts'
import type { Volume } from '../../src/image/volume.ts'
import { readNpy } from '../../src/npy.ts'
import { phantom, runChain } from './chain.ts'
import { artifactIn, withFolder } from './each.ts'

/** The voxels turned to RAS, and where the first and the last of them lie. */
function turned(volume: Volume) {
  const grid = hwdGrid(volume, 'axial')
  const [height, width, depth] = grid.shape
  const data = new Float32Array(height * width * depth)
  for (let k = 0; k < depth; k++) takeSlice(volume.data, grid, k, data.subarray(k * height * width, (k + 1) * height * width))
  const corners = [[0, 0, 0], grid.shape.map(n => n - 1)].flatMap(voxel => pointRas(grid.affine, voxel))
  return { data, corners }
}

const overlap = (a: Float32Array, b: Float32Array): number => {
  const both = a.reduce((sum, v, i) => sum + (v > 0.5 && b[i]! > 0.5 ? 1 : 0), 0)
  const size = (x: Float32Array) => x.reduce((sum, v) => sum + Number(v > 0.5), 0)
  return (2 * both) / (size(a) + size(b))
}

// Two subjects have 9 labelled coronal slices and more of the others: so many epochs, and filters, find the cord.
test.each([
  ['sagittal', 20, 8],
  ['coronal', 60, 16],
  ['axial', 20, 8],
] as const)(
  'of %s slices a mask lies in the grid of the stored image, over the label, whatever the orientation of storage',
  (axis, num_epochs, n_filters) =>
    withFolder(async home => {
      const settings = {
        index: { contrasts: ['T2w'] },
        // Few coronal slices meet the cord; those that do not are left out, and come back as zeros.
        slices: { slice_axis: axis, filter_empty_mask: true },
        tensors: { CenterCrop: { size: [24, 24] } },
        model: {
          ...{ batch_size: 6, training_time: { num_epochs }, scheduler: { initial_lr: 0.01 } },
          network: { name: 'Unet', depth: 2, n_filters, dropout_rate: 0 },
        },
      }
      const seen = []
      for (const code of ['RAS', 'PIR']) {
        const data = await phantom(home, code, { subjects: 4, contrasts: ['T2w'], orientations: [code], tilt: 10 })
        const ran = await runChain(join(home, `of-${code}`), [data], settings)
        const [id] = ran.split.test
        const { image, labels } = ran.index.images.find(row => row.id === id)!
        const [stored, label] = [await readVolume(join(data.dir, image)), await readVolume(join(data.dir, labels[0]![0]!))]
        // What was cut, put back, is the stored label, voxel by voxel: whatever the network learned.
        const { native, slices } = ran.slices.images[id!]!
        const cut = Float32Array.from((await readNpy(join(ran.dir('slices'), `${id}_label.npy`))).data)
        assert.deepEqual(restoreNative(native, axis, slices, cut, 1), label.data)
        const soft = await readVolume(join(ran.dir('predictions'), ran.predictions.images[id!]!.file))
        const mask = await readVolume(join(ran.dir('masks'), ran.masks.images[id!]!.file))
        for (const made of [soft, mask]) {
          assert.deepEqual([made.shape, axisCodes(made.affine)], [stored.shape, code])
          made.affine.forEach((v, i) => assert.ok(Math.abs(v - stored.affine[i]!) < 1e-4, `affine ${i}: ${v}, ${stored.affine[i]}`))
        }
        seen.push({ soft: turned(soft), label: turned(label), mask: turned(mask), dice: ran.metrics.rows[0]!.values['dice_class0'] })
      }
      const [first, ...others] = seen
      assert.ok(new Set(first!.soft.data).size > 100)
      for (const other of others) {
        // The anatomy is that of the first; so is the network, and what it says of every place in space.
        assert.deepEqual(other.label.data, first!.label.data)
        assert.deepEqual(other.soft.data, first!.soft.data)
        other.soft.corners.forEach((mm, i) => assert.ok(Math.abs(mm - first!.soft.corners[i]!) < 1e-3))
        assert.equal(other.dice, first!.dice)
      }
      const dice = overlap(first!.mask.data, first!.label.data)
      assert.ok(dice > 0.5, `dice ${dice}`)
      assert.ok(Math.abs(dice - first!.dice!) < 1e-6)
    }),
)

test('several datasets make one index, whose images of equal names stay apart, and their subjects together', () =>
  withFolder(async home => {
    const params = { subjects: 4, contrasts: ['T2w'], shape: [20, 18, 4] } as const
    const datasets = [await phantom(home, 'first', params, 1), await phantom(home, 'second', { ...params, orientations: ['PIR'] }, 2)]
    const { index, split, slices, predictions, metrics, dir } = await runChain(home, datasets, { index: {} })
    const names = ['sub-01_T2w', 'sub-02_T2w', 'sub-03_T2w', 'sub-04_T2w']
    assert.deepEqual(
      index.images.map(row => [row.id, row.dataset]),
      [...names.map(id => [`ds1_${id}`, 1]), ...names.map(id => [id, 0])],
    )
    assert.equal(Object.keys(slices.images).length, 8)
    // One subject is tested on: its image in either dataset, and neither is trained on.
    const [one, other] = split.test
    assert.deepEqual([split.test.length, other!], [2, one!.replace('ds1_', '')])
    assert.deepEqual(Object.keys(predictions.images), split.test)
    assert.deepEqual(
      metrics.rows.map(row => row.image),
      split.test,
    )
    for (const [id, from] of [
      [other!, 0],
      [one!, 1],
    ] as const) {
      const stored = await readVolume(join(datasets[from]!.dir, index.images.find(row => row.id === id)!.image))
      const predicted = await readVolume(join(dir('predictions'), predictions.images[id]!.file))
      assert.deepEqual([predicted.shape, axisCodes(predicted.affine)], [stored.shape, axisCodes(stored.affine)])
    }
  }))

test('channels and raters go through from the index to the metrics, and the model says which channels it takes', () =>
  withFolder(async home => {
    const data = await phantom(home, 'data', { subjects: 4, contrasts: ['T1w', 'T2w'], shape: [20, 18, 4] })
    // A second rater, who draws the same.
    const drawn = readdirSync(data.dir, { recursive: true, encoding: 'utf8' }).filter(f => f.endsWith('_seg-manual.nii.gz'))
    for (const file of drawn) copyFileSync(join(data.dir, file), join(data.dir, file.replace('_seg-manual', '_seg-second')))
    const both = artifactIn('dataset', data.dir, { name: 'data' })
    const indexed = { contrasts: ['T2w', 'T1w'], multichannel: true, target_suffix: [['_seg-manual', '_seg-second']] }
    const model = { is_input_dropout: true }
    const { slices, split, trained, masks, metrics, dir, packed, divided } = await runChain(home, [both], { index: indexed, model })
    assert.deepEqual([slices.channels, slices.contrasts, slices.images['sub-01']!.raters], [2, ['T2w', 'T1w'], [2]])
    assert.deepEqual([trained.value.channels, trained.value.contrasts], [2, ['T2w', 'T1w']])
    const card = JSON.parse(readFileSync(join(trained.dir, 'model.json'), 'utf8')) as { contrasts: unknown; net: { inputs: object } }
    assert.deepEqual([card.contrasts, card.net.inputs], [['T2w', 'T1w'], { input: [2, 'h', 'w'] }])
    assert.deepEqual(
      Object.values(masks.images).map(m => m.file),
      split.test.map(id => `${id}_pred.nii.gz`),
    )
    assert.deepEqual(
      metrics.rows.map(row => row.image),
      split.test,
    )
    assert.ok((await readVolume(join(dir('predictions'), `${split.test[0]}_pred.nii.gz`))).data.some(v => v > 0))

    const swapped = { ...packed, value: { ...packed.value, contrasts: ['T1w', 'T2w'] } }
    assert.throws(
      () => infer.each.elements({ params: infer.params.parse({}), inputs: { model: trained, tensors: swapped, split: divided } }),
      (error: unknown) =>
        error instanceof FailureError &&
        describe(error.failure).startsWith(
          'the model does not fit the tensors: it was trained on the contrasts T2w,T1w, and they have T1w,T2w\n',
        ),
    )
  }))
