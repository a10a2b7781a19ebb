import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import infer from '../../nodes/infer.ts'
import { describe, FailureError } from '../../src/failure.ts'
import { hwdGrid } from '../../src/image/hwd.ts'
import { readVolumes } from '../../src/image/nifti.ts'
import { chainSchema } from '../../src/transforms/chain.ts'
import { runEach, withFolder } from './each.ts'
import { kept, modelIn, native, split, tensorsIn, voxels, type Tensors } from './predicting.ts'

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

/** What each voxel must come to: the sigmoid where its slice was kept and it is inside the crop, else 0. */
function expectedVoxels(): Float32Array {
  const { shape, strides, start } = hwdGrid(native, 'coronal')
  const [height, width] = shape
  const out = new Float32Array(voxels.length)
  const [top, left] = [Math.floor((height - 5) / 2), Math.floor((width - 8) / 2)]
  for (const k of kept)
    for (let h = Math.max(top, 0); h < Math.min(top + 5, height); h++)
      for (let w = Math.max(left, 0); w < Math.min(left + 8, width); w++) {
        const at = start + h * strides[0] + w * strides[1] + k * strides[2]
        out[at] = sigmoid(voxels[at]!)
      }
  return out
}

function closeTo(actual: Float32Array, expected: Float32Array) {
  assert.equal(actual.length, expected.length)
  actual.forEach((v, i) => {
    assert.ok(Math.abs(v - expected[i]!) < 1e-6, `voxel ${i}: ${v}, expected ${expected[i]}`)
  })
}

test("a prediction lies in the image's own grid: every voxel is the network's answer to that voxel, zero where there was none", () =>
  withFolder(async dir => {
    const inputs = { model: modelIn(dir, ['_seg']), tensors: await tensorsIn(dir), split: split(dir) }
    const { document, elements } = await runEach(infer, dir, {}, inputs)
    assert.deepEqual(document, { targets: ['_seg'], images: { 'sub-01_T2w': { file: 'sub-01_T2w_pred.nii.gz' } } })
    assert.deepEqual(
      elements.map(e => e.id),
      ['sub-01_T2w'],
    )
    const volume = await readVolumes(join(dir, 'sub-01_T2w_pred.nii.gz'))
    assert.deepEqual([volume.shape, volume.volumes, volume.datatype], [[9, 6, 7], 1, 'float32'])
    volume.affine.forEach((v, i) => {
      assert.ok(Math.abs(v - native.affine[i]!) < 1e-5)
    })
    const expected = expectedVoxels()
    assert.ok(expected.filter(v => v > 0).length > 80)
    closeTo(volume.data, expected)
  }))

test('predictions say that their labels are soft, where the tensors say so', () =>
  withFolder(async dir => {
    const tensors = await tensorsIn(dir)
    const inputs = { model: modelIn(dir, ['_seg']), tensors: { ...tensors, value: { ...tensors.value, soft: true } }, split: split(dir) }
    assert.equal((await runEach(infer, dir, {}, inputs)).document.soft, true)
  }))

test('several classes become a fourth axis', () =>
  withFolder(async dir => {
    const inputs = { model: modelIn(dir, ['_a', '_b']), tensors: await tensorsIn(dir), split: split(dir) }
    const { document } = await runEach(infer, dir, {}, inputs)
    assert.deepEqual(document.targets, ['_a', '_b'])
    const volume = await readVolumes(join(dir, 'sub-01_T2w_pred.nii.gz'))
    assert.deepEqual([volume.shape, volume.volumes], [[9, 6, 7], 2])
    const half = volume.data.length / 2
    closeTo(volume.data.slice(0, half), expectedVoxels())
    closeTo(volume.data.slice(half), expectedVoxels())
  }))

test('the same prediction has the same bytes', () =>
  withFolder(async dir => {
    const inputs = { model: modelIn(dir, ['_seg']), tensors: await tensorsIn(dir), split: split(dir) }
    const bytes = async () => {
      await runEach(infer, dir, {}, inputs)
      return readFileSync(join(dir, 'sub-01_T2w_pred.nii.gz'))
    }
    assert.deepEqual(await bytes(), await bytes())
  }))

test('of the draws, those for testing are done, and those that move the image are left out, with a warning', () =>
  withFolder(async dir => {
    const draw = {
      RandomAffine: { degrees: 20 },
      ElasticTransform: { alpha_range: [1, 2], sigma_range: [1, 2], dataset_type: ['training'] },
      NormalizeInstance: { applied_to: ['im'] },
      RandomBlur: { sigma_range: [0.5, 1], dataset_type: ['training'] },
    }
    const inputs = { model: modelIn(dir, ['_seg']), tensors: await tensorsIn(dir, draw), split: split(dir) }
    const { elements, lines } = await runEach(infer, dir, {}, inputs)
    assert.deepEqual(
      elements[0]!.value.chain.map(step => step.name),
      ['NormalizeInstance'],
    )
    assert.deepEqual(lines, ['warn: Left out when predicting, since they move the image: RandomAffine.'])
  }))

test('what training alone does is no part of what an element depends on', () =>
  withFolder(async dir => {
    const model = modelIn(dir, ['_seg'])
    const tensors = await tensorsIn(dir, { NormalizeInstance: { applied_to: ['im'] } })
    const elements = (draw: unknown) =>
      infer.each.elements({
        params: infer.params.parse({}),
        inputs: { model, split: split(dir), tensors: { ...tensors, value: { ...tensors.value, draw: [...chainSchema.parse(draw)] } } },
      })
    const trainOnly = { NormalizeInstance: { applied_to: ['im'] }, RandomBlur: { sigma_range: [0.5, 1], dataset_type: ['training'] } }
    assert.deepEqual(elements(trainOnly), elements({ NormalizeInstance: { applied_to: ['im'] } }))
  }))

test('tensors that a model was not trained for, and images that they lack, are failures', () =>
  withFolder(async dir => {
    const model = modelIn(dir, ['_seg'])
    const tensors = await tensorsIn(dir)
    const messageOf = (change: Partial<Tensors>, test?: readonly string[]) => {
      try {
        infer.each.elements({
          params: infer.params.parse({}),
          inputs: { model, tensors: { ...tensors, value: { ...tensors.value, ...change } }, split: split(dir, test) },
        })
      } catch (error) {
        assert.ok(error instanceof FailureError)
        return describe(error.failure)
      }
      return assert.fail('no failure')
    }
    assert.equal(
      messageOf({ channels: 2 }),
      'the model does not fit the tensors: it was trained on channels: 1, and they have 2\n' +
        '  give it tensors made with the settings it was trained with',
    )
    assert.match(messageOf({ axis: 'axial' }), /it was trained on slices that are coronal, and they have axial/)
    assert.match(messageOf({}, ['sub-09']), /^1 images of the test set are not among the 1 of the tensors\n {4}sub-09\n/)
  }))
