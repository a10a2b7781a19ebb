import { spawnSync } from 'node:child_process'
import { appendFileSync, copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readVolume } from '../../src/image/nifti.ts'
import { writeNifti } from '../../src/image/nifti-write.ts'

const main = resolve(import.meta.dirname, '../../dist/bundle/pipe.js')
let dir: string

function pipe(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd: dir,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
    encoding: 'utf8',
  })
  return { code: status, out: stdout, err: stderr }
}

const pipeline = `
name: small
seed: 1
steps:
  dataset: { node: phantom, params: { subjects: 4, contrasts: [T2w], shape: [24, 24, 8] } }
  index: { node: bids-index, inputs: { datasets: dataset }, params: { contrasts: [T2w], target_suffix: [_seg-manual] } }
  split: { node: split, inputs: { index: index }, params: { train_fraction: 0.5, test_fraction: 0.25 } }
  slices: { node: slice, inputs: { index: index, datasets: dataset } }
  tensors:
    node: transform
    inputs: { slices: slices }
    params: { Resample: { hspace: 1.5, wspace: 1.5 }, CenterCrop: { size: [16, 16] }, NormalizeInstance: {} }
  model:
    node: train
    inputs: { tensors: tensors, split: split }
    params: { network: { depth: 1, n_filters: 4 }, training_time: { num_epochs: 2 } }
  predictions: { node: infer, inputs: { model: model, tensors: tensors, split: split } }
  package:
    node: package
    inputs: { model: model, tensors: tensors, split: split, index: index, datasets: dataset }
    params: { name: cord, licence: MIT, postprocessing: { binarize_prediction: { thr: 0.5 } } }
`
/** The predictions of the infer step, and the images they are of. */
let predicted: readonly string[]
let image: string

const below = (folder: string): string[] =>
  readdirSync(join(dir, folder), { recursive: true, encoding: 'utf8' }).map(file => join(dir, folder, file))

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'segment-'))
  writeFileSync(join(dir, 'p.yaml'), pipeline)
  const ran = pipe('run', 'p.yaml')
  expect(ran.err + ran.out, 'the pipeline runs').toContain('8 ran')
  const made = below('cache/artifacts')
  cpSync(
    resolve(
      made.find(file => file.endsWith('cord.onnx'))!,
      '..',
    ),
    join(dir, 'cord'),
    { recursive: true },
  )
  predicted = made.filter(file => file.endsWith('_pred.nii.gz'))
  const name = basename(predicted[0]!).replace('_pred', '')
  image = join(dir, name)
  copyFileSync(
    made.find(file => basename(file) === name)!,
    image,
  )
}, 120_000)
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('a packaged model gives the prediction of the pipeline that it comes from, to the bit', async () => {
  const { code, out } = pipe('segment', '-m', 'cord', '-o', 'soft', image, '--binarize-prediction=-1')
  expect(code).toBe(0)
  const mine = await readVolume(join(dir, out.trim()))
  const theirs = await readVolume(predicted[0]!)
  // Values of at most 0.01 are dropped when masks are made, by infer's reader and here.
  expect([...mine.data]).toEqual([...theirs.data.map(v => (v <= 0.01 ? 0 : v))])
  expect(new Set(mine.data).size).toBeGreaterThan(100)
  expect([mine.shape, mine.affine]).toEqual([theirs.shape, theirs.affine])
})

test("the package's own threshold makes a mask of 0 and 1, and is the same model's", async () => {
  pipe('segment', '-m', 'cord', '-o', 'hard', image)
  const mask = await readVolume(join(dir, 'hard', basename(predicted[0]!)))
  const soft = await readVolume(predicted[0]!)
  expect(mask.datatype).toBe('uint8')
  expect([...mask.data]).toEqual([...soft.data].map(v => Number(v >= 0.5)))
})

test('an image that cannot be read is told, and the others are segmented', () => {
  writeFileSync(join(dir, 'broken.nii.gz'), 'no image')
  const { code, out, err } = pipe('segment', '-m', 'cord', '-o', 'some', 'broken.nii.gz', 'missing.nii.gz', image)
  expect(code).toBe(1)
  expect(out).toBe(`some/${basename(predicted[0]!)}\n`)
  expect(err).toContain('not a readable NIfTI image')
  expect(err).toContain('the image does not exist')
})

test('a prior mask crops the image about itself: nothing is found outside its box, and something within', async () => {
  const volume = await readVolume(image)
  const [nx, ny] = volume.shape
  const isInside = (i: number): boolean => i % nx >= 6 && i % nx < 16 && Math.floor(i / nx) % ny >= 8 && Math.floor(i / nx) % ny < 18
  const data = Uint8Array.from(volume.data, (_, i) => Number(isInside(i)))
  await writeNifti(join(dir, 'box.nii.gz'), { ...volume, data, dtype: 'uint8' })
  const { code } = pipe('segment', '-m', 'cord', '-o', 'prior', image, '--prior', 'box.nii.gz', '--binarize-prediction=-1')
  expect(code).toBe(0)
  const soft = await readVolume(join(dir, 'prior', basename(predicted[0]!)))
  expect(soft.data.every((v, i) => v === 0 || isInside(i))).toBe(true)
  expect(soft.data.filter(v => v > 0).length).toBeGreaterThan(100)
})

test('model info tells what a package is; verify finds it whole, and then a file that changed', () => {
  const info = pipe('model', 'info', 'cord')
  expect(info.code).toBe(0)
  expect(info.out).toMatch(/classes +_seg-manual\n/)
  expect(info.out).toMatch(/licence +MIT\n/)
  expect(info.out).toMatch(/training files +4, each/)
  expect(pipe('model', 'verify', 'cord')).toMatchObject({ code: 0, out: expect.stringContaining('cord is as it was made') as string })

  cpSync(join(dir, 'cord'), join(dir, 'other'), { recursive: true })
  appendFileSync(join(dir, 'other', 'README.md'), 'one more line\n')
  const changed = pipe('model', 'verify', 'other')
  expect(changed.code).toBe(1)
  expect(changed.err).toContain('README.md has changed')
})

test('the settings of a package are those that ivadomed reads', () => {
  const config = JSON.parse(readFileSync(join(dir, 'cord', 'cord.json'), 'utf8')) as Record<string, unknown>
  expect(config).toMatchObject({
    model_name: 'cord',
    loader_parameters: { slice_axis: 'axial', target_suffix: ['_seg-manual'], contrast_params: { testing: ['T2w'] }, multichannel: false },
    default_model: { name: 'Unet', is_2d: true, depth: 1, n_filters: 4 },
    transformation: { Resample: { hspace: 1.5 }, CenterCrop: { size: [16, 16] } },
    postprocessing: { binarize_prediction: { thr: 0.5 } },
  })
  expect(Object.keys(config['transformation'] as object)).toEqual(['Resample', 'CenterCrop', 'NormalizeInstance'])
})
