import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readVolume } from '../../src/image/nifti.ts'
import { writeNifti } from '../../src/image/nifti-write.ts'
import { GraphBuilder } from '../../src/net/onnx/graph.ts'
import { modelFile } from '../../src/net/onnx/proto.ts'

const main = resolve(import.meta.dirname, '../../dist/bundle/pipe.js')
const dir = mkdtempSync(join(tmpdir(), 'segment-volume-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const pipe = (...args: readonly string[]) => {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined }
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: dir, env, encoding: 'utf8' })
  return { code: status, out: stdout, err: stderr }
}

const config = {
  loader_parameters: { slice_axis: 'sagittal', target_suffix: ['_seg'], multichannel: false, contrast_params: { testing: ['T2w'] } },
  default_model: { name: 'Unet', is_2d: true },
  Modified3DUNet: { applied: true, length_3D: [16, 16, 16], stride_3D: [8, 16, 16] },
  transformation: { CenterCrop: { size: [32, 32, 32] } },
  postprocessing: {},
}

/** A packaged model for volumes that gives back what it is given. */
function modelOf(name: string, settings: object): void {
  const g = new GraphBuilder()
  g.output('output', g.emit('Identity', [g.input('input', ['n', 1, 'h', 'w', 'd'])]))
  mkdirSync(join(dir, name))
  writeFileSync(join(dir, name, `${name}.onnx`), modelFile(g.graph('echo')))
  writeFileSync(join(dir, name, `${name}.json`), JSON.stringify(settings))
}

const shape = [20, 11, 14] as const
const values = Float32Array.from({ length: 20 * 11 * 14 }, (_, i) => 0.02 + 0.98 * ((i * 7919) % 1000) * 1e-3)
// Stored from the front to the back, from below, and from the left: PIR would be another way round, ASR is this one.
const affine = [0, 0, 2, -10, 1, 0, 0, -20, 0, 3, 0, -30, 0, 0, 0, 1]
const header = { shape: [...shape], affine, qformCode: 1, sformCode: 1, xyztUnits: 2 }

beforeAll(async () => {
  modelOf('echo', config)
  await writeNifti(join(dir, 'image.nii.gz'), { ...header, data: values, dtype: 'float32' })
})

test('a model for volumes is given sub-volumes, and what it says lies where the image does', async () => {
  for (const more of [[], ['--no-patch'], ['--patch-weights', 'uniform']]) {
    const { code, out, err } = pipe('segment', '-m', 'echo', '-o', 'masks', 'image.nii.gz', '--binarize-prediction=-1', ...more)
    expect([code, out, err]).toEqual([0, 'masks/image_pred.nii.gz\n', expect.stringContaining('1 segmented')])
    const mask = await readVolume(join(dir, 'masks/image_pred.nii.gz'))
    expect([mask.shape, mask.affine]).toEqual([[...shape], affine])
    expect(mask.data.reduce((most, v, i) => Math.max(most, Math.abs(v - values[i]!)), 0)).toBeLessThan(1e-6)
  }
})

test('a prior mask cuts its box in all three directions', async () => {
  const isInside = (i: number): boolean => {
    const [x, y, z] = [i % 20, Math.floor(i / 20) % 11, Math.floor(i / 220)]
    return x >= 5 && x < 12 && y >= 2 && y < 6 && z >= 7 && z < 9
  }
  await writeNifti(join(dir, 'prior.nii.gz'), { ...header, data: Uint8Array.from(values, (_, i) => Number(isInside(i))), dtype: 'uint8' })
  const args = ['segment', '-m', 'echo', '-o', 'boxed', 'image.nii.gz', '--binarize-prediction=-1', '--prior']
  expect(pipe(...args, 'prior.nii.gz').code).toBe(0)
  const { data } = await readVolume(join(dir, 'boxed/image_pred.nii.gz'))
  expect(data.reduce((most, v, i) => Math.max(most, Math.abs(v - (isInside(i) ? values[i]! : 0))), 0)).toBeLessThan(1e-6)

  await writeNifti(join(dir, 'empty.nii.gz'), { ...header, data: new Uint8Array(values.length), dtype: 'uint8' })
  const empty = pipe(...args, 'empty.nii.gz')
  expect([empty.code, empty.err]).toEqual([1, expect.stringContaining('error')])
  modelOf('roi', { ...config, transformation: { ROICrop: { size: [16, 16, 16] } } })
  expect(pipe('segment', '-m', 'roi', 'image.nii.gz', '--prior', 'prior.nii.gz').err).toContain('ROICrop of volumes about a prior mask')
})

test('what is for slices alone is refused by its name, and sizes that cannot be', () => {
  for (const option of [
    ['--tta', '2'],
    ['--overlap-2d', '4,4'],
  ]) {
    const { code, err } = pipe('segment', '-m', 'echo', 'image.nii.gz', ...option)
    expect([code, err]).toEqual([2, expect.stringContaining('a model for slices; this one is for volumes')])
  }
  const wrong = {
    flat: [{ ...config, transformation: { CenterCrop: { size: [16, 16] } } }, 'volumes have a height, a width and a depth'],
    wide: [
      { ...config, Modified3DUNet: { applied: true, length_3D: [16, 16, 16], stride_3D: [17, 16, 16] } },
      'Modified3DUNet.stride_3D: larger than the length',
    ],
    none: [{ ...config, Modified3DUNet: undefined, default_model: { is_2d: false } }, 'length_3D'],
  } as const
  for (const [name, [settings, message]] of Object.entries(wrong)) {
    modelOf(name, settings)
    const { code, err } = pipe('segment', '-m', name, 'image.nii.gz')
    expect([name, code, err]).toEqual([name, 2, expect.stringContaining(message)])
  }
})

test('model info tells its sub-volumes, verify runs it, and its weights have no names here', () => {
  expect(pipe('model', 'info', 'echo').out).toContain('volumes         sagittal, in sub-volumes of 16 x 16 x 16, one every 8 x 16 x 16')
  expect(pipe('model', 'verify', 'echo')).toMatchObject({ code: 0, out: expect.stringContaining('echo is as it was made') as string })
  expect(pipe('model', 'export', 'echo').err).toContain('the weights of a network for volumes by their names')
})
