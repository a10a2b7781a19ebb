import { readdirSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import postprocess from '../../nodes/postprocess.ts'
import { describe, FailureError } from '../../src/failure.ts'
import { readVolumes } from '../../src/image/nifti.ts'
import { writeNifti } from '../../src/image/nifti-write.ts'
import { artifactIn, runEach, withFolder } from './each.ts'

/** An oblique grid of 0.5 x 0.5 x 5 mm, stored right to left. */
const grid = { affine: [-0.5, 0, 0, 10, 0, 0.4, 3, -20, 0, 0.3, -4, 30, 0, 0, 0, 1], qformCode: 1, sformCode: 1, xyztUnits: 10 }

async function predicted(dir: string, file: string, shape: readonly number[], data: readonly number[]): Promise<void> {
  await mkdir(dir, { recursive: true })
  await writeNifti(join(dir, file), { ...grid, shape, data: Float32Array.from(data), dtype: 'float32' })
}

const soft = [0.9, 0.6, 0, 0.2, 0.005, 0.7]
const inputsIn = (dir: string) => ({
  predictions: artifactIn('predictions', dir, { targets: ['_seg'], images: { 'sub-1_T2w': { file: 'sub-1_T2w_pred.nii.gz' } } }),
  threshold: undefined,
})

test('a mask is uint8 and lies where its prediction lies, under the same name', () =>
  withFolder(async dir => {
    const from = join(dir, 'in')
    await predicted(from, 'sub-1_T2w_pred.nii.gz', [6, 1, 1], soft)
    const { document } = await runEach(postprocess, dir, { binarize_prediction: {}, remove_small: { thr: 2 } }, inputsIn(from))
    expect(document).toEqual({ targets: ['_seg'], images: { 'sub-1_T2w': { file: 'sub-1_T2w_pred.nii.gz' } } })

    const before = await readVolumes(join(from, 'sub-1_T2w_pred.nii.gz'))
    expect(before.datatype).toBe('float32')
    const after = await readVolumes(join(dir, 'sub-1_T2w_pred.nii.gz'))
    expect(after).toEqual({ ...before, datatype: 'uint8', data: Float32Array.of(1, 1, 0, 0, 0, 0) })
  }))

test('without binarization values stay soft, but for those up to 0.01', () =>
  withFolder(async dir => {
    const from = join(dir, 'in')
    await predicted(from, 'sub-1_T2w_pred.nii.gz', [6, 1, 1], soft)
    await runEach(postprocess, dir, {}, inputsIn(from))
    const { data, datatype } = await readVolumes(join(dir, 'sub-1_T2w_pred.nii.gz'))
    expect([[...data], datatype]).toEqual([[0.9, 0.6, 0, 0.2, 0, 0.7].map(Math.fround), 'float32'])
  }))

test('several classes stay several', () =>
  withFolder(async dir => {
    const from = join(dir, 'in')
    await predicted(from, 'sub-1_T2w_pred.nii.gz', [3, 1, 1, 2], soft)
    await runEach(postprocess, dir, { keep_largest: {}, binarize_prediction: {} }, inputsIn(from))
    const { data, shape, volumes } = await readVolumes(join(dir, 'sub-1_T2w_pred.nii.gz'))
    expect([[...data], shape, volumes]).toEqual([[1, 1, 0, 0, 0, 0], [3, 1, 1], 2])
    expect(readdirSync(dir).sort()).toEqual(['in', 'sub-1_T2w_pred.nii.gz'])
  }))

test('a threshold that was searched for takes the place of the one that is written', () =>
  withFolder(async dir => {
    const from = join(dir, 'in')
    await predicted(from, 'sub-1_T2w_pred.nii.gz', [6, 1, 1], soft)
    const threshold = artifactIn('threshold', from, { threshold: 0.7, dice: 1, images: 1, table: [] })
    const given = { ...inputsIn(from), threshold }
    const { elements } = await runEach(postprocess, dir, { binarize_prediction: { thr: 0.1 }, remove_small: { thr: 1 } }, given)
    const { data } = await readVolumes(join(dir, 'sub-1_T2w_pred.nii.gz'))
    expect([...data]).toEqual([1, 0, 0, 0, 0, 1])
    expect(elements[0]!.value.steps[0]).toEqual({ name: 'binarize_prediction', thr: 0.7 })
    const unused = await runEach(postprocess, dir, { fill_holes: {} }, given).catch((e: unknown) => e)
    expect(unused instanceof FailureError && describe(unused.failure)).toMatch(/^the threshold 0.7 was searched for, and no step/)
  }))

test('that labels are soft is passed on, for those who compare with them', () =>
  withFolder(async dir => {
    const from = join(dir, 'in')
    await predicted(from, 'sub-1_T2w_pred.nii.gz', [6, 1, 1], soft)
    const { predictions, threshold } = inputsIn(from)
    const ofSoft = { ...predictions, value: { ...predictions.value, soft: true } }
    expect((await runEach(postprocess, dir, {}, { predictions: ofSoft, threshold })).document.soft).toBe(true)
    expect((await runEach(postprocess, dir, {}, { predictions, threshold })).document).not.toHaveProperty('soft')
  }))

test('what an element depends on are the steps and its prediction', () =>
  withFolder(async dir => {
    const from = join(dir, 'in')
    await predicted(from, 'sub-1_T2w_pred.nii.gz', [6, 1, 1], soft)
    const { elements } = await runEach(postprocess, dir, { fill_holes: null, remove_small: { thr: 3 } }, inputsIn(from))
    expect(elements).toEqual([
      {
        id: 'sub-1_T2w',
        value: { steps: [{ name: 'fill_holes' }, { name: 'remove_small', unit: 'vox', thr: 3 }] },
        files: { prediction: { path: join(from, 'sub-1_T2w_pred.nii.gz'), digest: 'of sub-1_T2w_pred.nii.gz' } },
      },
    ])
  }))

/** Predictions of one image, with a map of uncertainty. */
async function uncertain(from: string, map?: readonly number[]) {
  await predicted(from, 'sub-1_T2w_pred.nii.gz', [6, 1, 1], soft)
  if (map) await predicted(from, 'sub-1_T2w_unc-vox.nii.gz', [6, 1, 1], map)
  const uncertainty = map ? { uncertainty: { '_unc-vox': 'sub-1_T2w_unc-vox.nii.gz' } } : {}
  const images = { 'sub-1_T2w': { file: 'sub-1_T2w_pred.nii.gz', ...uncertainty } }
  return { predictions: artifactIn('predictions', from, { targets: ['_seg'], images }), threshold: undefined }
}

test('voxels that the model is not certain of are removed by the map of uncertainty, which the element then depends on', () =>
  withFolder(async dir => {
    const from = join(dir, 'in')
    const steps = { uncertainty: { thr: 0.5 }, binarize_prediction: {} }
    const inputs = await uncertain(from, [0.1, 0.6, 0, 0, 0, 0.4])
    const { elements } = await runEach(postprocess, dir, steps, inputs)
    const { data } = await readVolumes(join(dir, 'sub-1_T2w_pred.nii.gz'))
    expect([...data]).toEqual([1, 0, 0, 0, 0, 1])
    expect(elements[0]!.files['_unc-vox']).toEqual({
      path: join(from, 'sub-1_T2w_unc-vox.nii.gz'),
      digest: 'of sub-1_T2w_unc-vox.nii.gz',
    })
    const off = await runEach(postprocess, dir, { uncertainty: { thr: -1 } }, inputs)
    expect(Object.keys(off.elements[0]!.files)).toEqual(['prediction'])
  }))

test('predictions without the map of uncertainty that is asked for are a failure that says which there are', () =>
  withFolder(async dir => {
    const refusal = async (settings: unknown, map?: readonly number[]) =>
      runEach(postprocess, dir, settings, await uncertain(join(dir, 'in'), map)).then(
        () => 'nothing failed',
        (e: unknown) => (e instanceof FailureError ? describe(e.failure) : String(e)),
      )
    const hint = '  switch uncertainty on in the step that predicts, choose another suffix, or switch this off by thr: -1'
    const first = 'postprocessing by uncertainty needs the map _unc-cv of sub-1_T2w, which its predictions do not have'
    const settings = { threshold_uncertainty: { thr: 0.5, suffix: '_unc-cv.nii.gz' } }
    expect(await refusal(settings)).toBe(`${first}\n${hint}`)
    expect(await refusal(settings, [0, 0, 0, 0, 0, 0])).toBe(`${first}\n    there are: _unc-vox\n${hint}`)
  }))
