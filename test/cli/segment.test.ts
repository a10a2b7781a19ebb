import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readVolume } from '../../src/image/nifti.ts'
import { writeNifti } from '../../src/image/nifti-write.ts'
import { decode } from 'fast-png'
import { encodePng } from '../../src/image/png.ts'
import { makeSmallPackage, type SmallPackage } from '../package/small-package.ts'

let small: SmallPackage
let [dir, image, predicted] = ['', '', '']
const pipe = (...args: readonly string[]) => small.pipe(...args)

beforeAll(() => {
  small = makeSmallPackage({
    transforms: '{ Resample: { hspace: 1.5, wspace: 1.5 }, CenterCrop: { size: [16, 16] }, NormalizeInstance: {} }',
    train: '{ network: { depth: 1, n_filters: 4 }, training_time: { num_epochs: 2 } }',
  })
  ;({ dir, image, predicted } = small)
}, 120_000)
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('a packaged model gives the prediction of the pipeline that it comes from, to the bit', async () => {
  const { code, out } = pipe('segment', '-m', 'cord', '-o', 'soft', image, '--binarize-prediction=-1')
  expect(code).toBe(0)
  const mine = await readVolume(join(dir, out.trim()))
  const theirs = await readVolume(predicted)
  // Values of at most 0.01 are dropped when masks are made, by infer's reader and here.
  expect([...mine.data]).toEqual([...theirs.data.map(v => (v <= 0.01 ? 0 : v))])
  expect(new Set(mine.data).size).toBeGreaterThan(100)
  expect([mine.shape, mine.affine]).toEqual([theirs.shape, theirs.affine])
})

test("the package's own threshold makes a mask of 0 and 1, and is the same model's", async () => {
  pipe('segment', '-m', 'cord', '-o', 'hard', image)
  const mask = await readVolume(join(dir, 'hard', basename(predicted)))
  const soft = await readVolume(predicted)
  expect(mask.datatype).toBe('uint8')
  expect([...mask.data]).toEqual([...soft.data].map(v => Number(v >= 0.5)))
})

test('an image that cannot be read is told, and the others are segmented', () => {
  writeFileSync(join(dir, 'broken.nii.gz'), 'no image')
  const { code, out, err } = pipe('segment', '-m', 'cord', '-o', 'some', 'broken.nii.gz', 'missing.nii.gz', image)
  expect(code).toBe(1)
  expect(out).toBe(`some/${basename(predicted)}\n`)
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
  const soft = await readVolume(join(dir, 'prior', basename(predicted)))
  expect(soft.data.every((v, i) => v === 0 || isInside(i))).toBe(true)
  expect(soft.data.filter(v => v > 0).length).toBeGreaterThan(100)
})

test('a PNG and a TIFF are segmented as the NIfTI of one slice with the same numbers, and their masks are PNG', async () => {
  const { data, shape } = await readVolume(image)
  const [height, width] = shape
  const area = height * width
  const slice = data.subarray(4 * area, 5 * area)
  const most = Math.max(...slice)
  const grey = Uint8Array.from(slice, v => Math.round((255 * v) / most))
  const byRow = Uint8Array.from({ length: area }, (_, p) => grey[Math.floor(p / width) + height * (p % width)]!)
  const affine = [0.9, 0, 0, 0, 0, 1.1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
  const place = { affine, qformCode: 0, sformCode: 2, xyztUnits: 2 }
  await writeNifti(join(dir, 'one.nii.gz'), { shape: [height, width, 1], data: grey, dtype: 'uint8', ...place })
  writeFileSync(join(dir, 'one-grey.png'), encodePng({ height, width, pixels: byRow }))
  writeFileSync(join(dir, 'one-grey.json'), '{ "PixelSize": [1.1, 0.9, 1], "PixelSizeUnits": "mm" }')
  writeFileSync(join(dir, 'one-16.tif'), tiff16(height, width, byRow))

  const nifti = pipe('segment', '-m', 'cord', 'one.nii.gz', '-o', 'one')
  const png = pipe('segment', '-m', 'cord', 'one-grey.png', '-o', 'one')
  const tiff = pipe('segment', '-m', 'cord', 'one-16.tif', '-o', 'one', '--pixel-size', '1100,900', '--pixel-size-units', 'um')
  expect([nifti.out, png.out, tiff.out]).toEqual(['one/one_pred.nii.gz\n', 'one/one-grey_pred.png\n', 'one/one-16_pred.png\n'])
  const mask = await readVolume(join(dir, 'one/one_pred.nii.gz'))
  expect(new Set(mask.data)).toEqual(new Set([0, 1]))
  for (const file of ['one/one-grey_pred.png', 'one/one-16_pred.png']) {
    const picture = decode(readFileSync(join(dir, file)))
    expect([picture.height, picture.width, picture.channels, picture.depth]).toEqual([height, width, 1, 8])
    const wanted = Array.from(byRow, (_, p) => 255 * mask.data[Math.floor(p / width) + height * (p % width)]!)
    expect([...picture.data]).toEqual(wanted)
  }

  const unknown = pipe('segment', '-m', 'cord', 'one-16.tif', '-o', 'one')
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('nothing says how large a pixel is')])
  expect(pipe('segment', '-m', 'cord', 'one-16.tif', '--pixel-size', '1,x').err).toContain('two or three positive numbers')
  expect(pipe('segment', '-m', 'cord', 'one-16.tif', '--pixel-size', '1,1', '--pixel-size-units', 'cm').err).toContain('mm, um, nm')
})

/** A TIFF of 16 bits, little-endian, one strip: the bytes are the upper ones of its numbers. */
function tiff16(height: number, width: number, upper: Uint8Array): Buffer {
  const tags = [
    [256, 4, width],
    [257, 4, height],
    [258, 3, 16],
    [259, 3, 1],
    [262, 3, 1],
    [273, 4, 134],
    [277, 3, 1],
    [278, 4, height],
    [279, 4, 2 * upper.length],
  ] as const
  const file = Buffer.alloc(134 + 2 * upper.length, 7)
  file.write('II*\0', 0, 'latin1')
  file.writeUInt32LE(8, 4)
  file.writeUInt16LE(tags.length, 8)
  tags.forEach(([tag, type, value], at) => {
    file.writeUInt16LE(tag, 10 + 12 * at)
    file.writeUInt16LE(type, 12 + 12 * at)
    file.writeUInt32LE(1, 14 + 12 * at)
    file.writeUInt32LE(value, 18 + 12 * at)
  })
  file.writeUInt32LE(0, 10 + 12 * tags.length)
  upper.forEach((value, p) => (file[135 + 2 * p] = value))
  return file
}

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

test('weights go out as safetensors and come in as a new package, which gives the same to the bit; what does not fit is listed', async () => {
  expect(pipe('model', 'export', 'cord', '-o', 'w.safetensors')).toMatchObject({ code: 0, out: 'w.safetensors\n' })
  const settings = join('cord', 'cord.json')
  expect(pipe('model', 'import', 'w.safetensors', '--settings', settings, '-o', 'again')).toMatchObject({ code: 0, out: 'again\n' })
  expect(pipe('model', 'verify', 'again')).toMatchObject({ code: 0, out: expect.stringContaining('again is as it was made') as string })
  const [first, second] = ['cord', 'again'].map(name => pipe('segment', '-m', name, '-o', `by-${name}`, image, '--binarize-prediction=-1'))
  const [a, b] = await Promise.all([first, second].map(ran => readVolume(join(dir, ran!.out.trim()))))
  expect([...a!.data]).toEqual([...b!.data])
  expect(new Set(a!.data).size).toBeGreaterThan(100)

  expect(pipe('model', 'import', 'w.safetensors', '--settings', settings, '-o', 'again').err).toContain('holds files already')
  writeFileSync(join(dir, 'other.json'), readFileSync(join(dir, settings), 'utf8').replaceAll('"n_filters": 4', '"n_filters": 8'))
  const other = pipe('model', 'import', 'w.safetensors', '--settings', 'other.json', '-o', 'none')
  expect(other.code).toBe(2)
  expect(other.err).toContain('encoder.down_path.0.conv1.weight: there 4 x 1 x 3 x 3, the network wants 8 x 1 x 3 x 3')
  writeFileSync(join(dir, 'strange.json'), readFileSync(join(dir, settings), 'utf8').replace('"name": "Unet"', '"name": "constructor"'))
  const strange = pipe('model', 'import', 'w.safetensors', '--settings', 'strange.json', '-o', 'none')
  expect([strange.code, strange.err]).toEqual([2, expect.stringContaining('no network constructor is known')])
  expect(readdirSync(dir).filter(name => name.startsWith('none') || name.startsWith('again-'))).toEqual([])
  const unwritten = pipe('model', 'export', 'cord', '-o', 'no/w.safetensors')
  expect([unwritten.code, unwritten.err]).toEqual([2, expect.stringContaining('cannot write no/w.safetensors')])
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

test('a model that was trained on patches is packaged with them, and segments as its pipeline does, to the bit; --no-patch does not', async () => {
  const trained = makeSmallPackage({
    transforms: '{ Resample: { hspace: 1.5, wspace: 1.5 }, NormalizeInstance: {} }',
    train: '{ patches: { length_2D: [8, 12], stride_2D: [6, 8] }, network: { depth: 1, n_filters: 4 }, training_time: { num_epochs: 1 } }',
  })
  try {
    const config = JSON.parse(readFileSync(join(trained.dir, 'cord/cord.json'), 'utf8')) as { default_model: object }
    expect(config.default_model).toMatchObject({ length_2D: [8, 12], stride_2D: [6, 8] })
    const theirs = await readVolume(trained.predicted)
    const soft = theirs.data.map(v => (v <= 0.01 ? 0 : v))
    const mine = async (...options: string[]) => {
      const { out } = trained.pipe('segment', '-m', 'cord', trained.image, '--binarize-prediction=-1', ...options)
      return (await readVolume(join(trained.dir, out.trim()))).data
    }
    expect([...(await mine('-o', 'patches'))]).toEqual([...soft])
    expect([...(await mine('-o', 'whole', '--no-patch'))]).not.toEqual([...soft])
  } finally {
    rmSync(trained.dir, { recursive: true, force: true })
  }
}, 120_000)
