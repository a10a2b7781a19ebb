import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodes } from '../../nodes/index.ts'
import { UsageError } from '../../src/cli/context.ts'
import { printFailure } from '../../src/cli/print.ts'
import { addShowTransforms } from '../../src/cli/show-transforms.ts'
import { FailureError } from '../../src/failure.ts'
import { writeNifti } from '../../src/image/nifti-write.ts'
import { decodePng } from '../image/png.ts'

let dir: string
let printed: string[]
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'show-'))
  printed = []
  await image('image.nii.gz', (x, y, z) => x + 10 * y + 100 * z)
})
afterEach(() => rmSync(dir, { recursive: true }))

/** A volume of 6 x 8 x 4 voxels. */
async function image(name: string, value: (x: number, y: number, z: number) => number): Promise<void> {
  const data = Float32Array.from({ length: 192 }, (_, i) => value(i % 6, Math.floor(i / 6) % 8, Math.floor(i / 48)))
  const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
  await writeNifti(join(dir, name), { shape: [6, 8, 4], affine, dtype: 'float32', qformCode: 0, sformCode: 1, xyztUnits: 2, data })
}

const pipeline = (transforms: string, more = ''): void =>
  writeFileSync(
    join(dir, 'p.yaml'),
    `name: p
seed: 1
steps:
  dataset: { node: folder, params: { path: . } }
  index: { node: bids-index, inputs: { datasets: dataset }, params: { target_suffix: [_seg] } }
  slices: { node: slice, inputs: { index: index, datasets: dataset }, params: { slice_axis: axial } }
  tensors: { node: transform, inputs: { slices: slices }, params: ${transforms} }
${more}`,
  )

async function pipe(...args: string[]): Promise<void> {
  const program = new Command('pipe').exitOverride()
  addShowTransforms(program, {
    registry: () => Promise.resolve(nodes),
    main: '',
    version: '0',
    env: {},
    cwd: dir,
    out: text => printed.push(text),
    err: text => printed.push(`! ${text}`),
  })
  await program.parseAsync(['show-transforms', 'p.yaml', ...args, '--cache', join(dir, 'cache'), '--engine', 'onnx', '--device', 'cpu'], {
    from: 'user',
  })
}

/** All that is said of a mistake. */
async function refusal(...args: string[]): Promise<string> {
  try {
    await pipe(...args)
  } catch (error) {
    const failures = error instanceof UsageError ? error.failures : error instanceof FailureError ? [error.failure] : undefined
    if (!failures) throw error
    return failures.map(failure => printFailure(failure, { color: false, cwd: dir })).join('')
  }
  assert.fail('nothing failed')
}

test('every transform gives a picture of every slice, before and after', async () => {
  pipeline('{ CenterCrop: { size: [4, 4] }, RandomAffine: { degrees: 5, dataset_type: [training] }, NormalizeInstance: {} }')
  await pipe('image.nii.gz', '-n', '2', '-o', 'pictures')
  const names = ['CenterCrop', 'CenterCrop_RandomAffine', 'CenterCrop_RandomAffine_NormalizeInstance']
  const files = [1, 3].flatMap(slice => names.map(name => `${name}_slice${slice}.png`))
  assert.deepEqual(readdirSync(join(dir, 'pictures')).sort(), files.toSorted())
  assert.deepEqual(
    printed,
    files.map(file => `${join('pictures', file)}\n`),
  )
  // Pixels are 32 times as large; the slice is 6 wide and 8 high, and the crop 4 by 4.
  const { height, width, pixels } = decodePng(readFileSync(join(dir, 'pictures/CenterCrop_slice1.png')))
  assert.deepEqual([height, width], [8 * 32, (6 + 4) * 32 + 8])
  const at = (y: number, x: number) => pixels[y * width + x]
  // The front right is brightest: the top right corner of each.
  assert.deepEqual(
    [at(0, 6 * 32 - 1), at(8 * 32 - 1, 0), at(0, 6 * 32), at(0, width - 1), at(8 * 32 - 1, width - 1)],
    [255, 0, 255, 255, 0],
  )
})

test('the same command writes the same pictures; one slice is the middle one', async () => {
  pipeline('{ ElasticTransform: { alpha_range: [5, 5], sigma_range: [2, 2], p: 1 } }')
  await pipe('image.nii.gz', '-o', 'a')
  await pipe('image.nii.gz', '-o', 'b')
  assert.deepEqual(readdirSync(join(dir, 'a')), ['ElasticTransform_slice2.png'])
  assert.deepEqual(readFileSync(join(dir, 'a/ElasticTransform_slice2.png')), readFileSync(join(dir, 'b/ElasticTransform_slice2.png')))
})

test('ROICrop is shown with a region of interest, for slices that have one', async () => {
  pipeline('{ ROICrop: { size: [2, 2] } }')
  await image('roi.nii.gz', (x, y, z) => Number(x === 4 && y === 2 && z === 3))
  await pipe('image.nii.gz', '-n', '4', '--roi', 'roi.nii.gz', '-o', 'c')
  assert.deepEqual(readdirSync(join(dir, 'c')), ['ROICrop_slice3.png'])
  expect(await refusal('image.nii.gz')).toContain('ROICrop needs a region of interest, and image image.nii.gz has none')
  await image('roi.nii.gz', () => 0)
  expect(await refusal('image.nii.gz', '--roi', 'roi.nii.gz')).toContain('no slice is left of 1 images\n')
})

test('what is missing or unknown is said', async () => {
  pipeline('{}', '  more: { node: transform, inputs: { slices: slices } }\n')
  expect(await refusal('image.nii.gz')).toMatchInlineSnapshot(`
    "error  the pipeline has 2 steps of the node transform
        choose one with --step: tensors, more
    "
  `)
  expect(await refusal('image.nii.gz', '--step', 'other')).toContain('tensors, more')
  expect(await refusal('image.nii.gz', '--step', 'more', '--axis', 'oblique')).toContain('sagittal, coronal, axial')
  expect(await refusal('image.nii.gz', '-n', '0')).toContain('--slices wants a whole number of at least 1, and gets "0"')
  expect(await refusal('none.nii.gz', '--step', 'more')).toContain('none.nii.gz')
  writeFileSync(join(dir, 'p.yaml'), 'steps: { dataset: { node: folder, params: { path: . } } }')
  expect(await refusal('image.nii.gz')).toMatchInlineSnapshot(`
    "error  p.yaml has no step that transforms
        its steps: dataset
        such a step says "node: transform"
    "
  `)
})
