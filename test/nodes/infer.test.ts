import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import type { z } from 'zod'
import type { model as modelKind, tensors as tensorsKind } from '../../nodes/artifacts.ts'
import infer from '../../nodes/infer.ts'
import type { Artifact, Digest } from '../../src/artifact.ts'
import { describe, FailureError } from '../../src/failure.ts'
import { hwdGrid, takeSlice } from '../../src/image/hwd.ts'
import { readVolumes } from '../../src/image/nifti.ts'
import type { Net } from '../../src/net/net.ts'
import { exportModel } from '../../src/net/onnx/export.ts'
import { writeNpy } from '../../src/npy.ts'
import { Random } from '../../src/random.ts'
import { chainSchema, runOnce, splitChain } from '../../src/transforms/chain.ts'
import { artifactIn, runEach, withFolder } from './each.ts'

type Tensors = z.infer<typeof tensorsKind.schema>

/** A network without weights: the sigmoid of the image, or for more classes of so many copies of it. */
const sigmoidNet = (classes: number): Net => {
  const copies = Array.from({ length: classes }, () => 'input')
  const layers = [
    ...(classes > 1 ? [{ id: 'copies', op: 'concat', inputs: copies }] : []),
    { id: 'prediction', op: 'sigmoid', inputs: [classes > 1 ? 'copies' : 'input'], attrs: { background: false } },
  ]
  return { inputs: { input: [1, 'h', 'w'] }, layers, output: 'prediction' }
}

function modelIn(dir: string, targets: readonly string[]): Artifact<z.infer<typeof modelKind.schema>> {
  const folder = join(dir, `model-${targets.length}`)
  mkdirSync(folder)
  writeFileSync(join(folder, 'model.onnx'), exportModel(sigmoidNet(targets.length), {}))
  const made = artifactIn('model', folder, {
    ...{ onnx: 'model.onnx', channels: 1, targets: [...targets], axis: 'coronal' as const, parameters: 0 },
    ...{ epochs: 1, bestEpoch: 1, bestValidationLoss: 0, validationDice: 1, stopped: 'epochs' as const },
  })
  return { ...made, files: made.files.map(file => ({ ...file, digest: folder as Digest })) }
}

/** Stored as PIR, so that every axis is permuted or flipped; oblique by a little. */
const native = {
  shape: [9, 6, 7],
  affine: [0.05, 0, 1.5, -12, -1.2, 0.04, 0, 30, 0, -0.9, 0.02, 7, 0, 0, 0, 1],
  ...{ qformCode: 1, sformCode: 1, xyztUnits: 2 },
}
const voxels = (() => {
  const random = new Random(3, 'voxels')
  return Float32Array.from({ length: 9 * 6 * 7 }, () => random.normal())
})()
const kept = [0, 2, 3, 5]

/** An image cut along the coronal axis, of which some slices were kept, and cropped to 5 x 8. */
async function tensorsIn(dir: string, draw: unknown = {}): Promise<Artifact<Tensors>> {
  const folder = join(dir, 'tensors')
  mkdirSync(folder)
  const grid = hwdGrid(native, 'coronal')
  const [height, width] = grid.shape
  const data = new Float32Array(kept.length * height * width)
  kept.forEach((k, s) => {
    takeSlice(voxels, grid, k, data.subarray(s * height * width, (s + 1) * height * width))
  })
  const { once } = splitChain(chainSchema.parse({ CenterCrop: { size: [5, 8] } }))
  const { sample, undo } = runOnce(once, { image: { shape: [kept.length, height, width], data }, spacing: [1, 1] })
  await writeNpy(join(folder, 'sub-01_T2w_image.npy'), 'float32', [kept.length, 1, 5, 8], sample.image.data)
  const image: Tensors['images'][string] = {
    volume: { shape: [...grid.shape], spacing: [1, 1, 1], native },
    ...{ slices: kept, shape: [5, 8], undo: [...undo], image: 'sub-01_T2w_image.npy' },
  }
  return artifactIn('tensors', folder, {
    ...{ axis: 'coronal' as const, targets: ['_seg'], channels: 1, once: [...once], draw: [...chainSchema.parse(draw)] },
    images: { 'sub-01_T2w': image },
  })
}
const split = (dir: string, test: readonly string[] = ['sub-01_T2w']) =>
  artifactIn('split', dir, { train: [], validation: [], test: [...test] })
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
