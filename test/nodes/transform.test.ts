import assert from 'node:assert/strict'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'vitest'
import type { z } from 'zod'
import type { slices } from '../../nodes/artifacts.ts'
import transform from '../../nodes/transform.ts'
import type { Artifact } from '../../src/artifact.ts'
import { readNpy, writeNpy } from '../../src/npy.ts'
import { centerCrop } from '../../src/transforms/center-crop.ts'
import { undoChain } from '../../src/transforms/chain.ts'
import { resample } from '../../src/transforms/resample.ts'
import { near } from '../near.ts'
import { ellipse, picture, planes, row0 } from '../transforms/sample.ts'
import { artifactIn, runEach, withFolder } from './each.ts'

type Slices = z.infer<typeof slices.schema>
const native = { shape: [20, 24, 5], affine: new Array<number>(16).fill(0), qformCode: 1, sformCode: 1, xyztUnits: 2 }
const settings = {
  Resample: { hspace: 0.5, wspace: 1 },
  CenterCrop: { size: [36, 28] },
  RandomAffine: { degrees: 5, dataset_type: ['training'] },
  NormalizeInstance: {},
}

/** Two images of 20 x 24 x 5 voxels: `a` with three slices, two channels and a label, `b` with one slice and no label. */
async function twoImages(dir: string): Promise<Artifact<Slices>> {
  await mkdir(dir, { recursive: true })
  const image = { shape: [20, 24, 5], spacing: [1, Math.fround(0.9), 3], native }
  await writeNpy(join(dir, 'a_image.npy'), 'float32', [3, 2, 20, 24], picture([6, 20, 24]).data)
  await writeNpy(join(dir, 'a_label.npy'), 'float32', [3, 1, 20, 24], ellipse([3, 20, 24]).data)
  await writeNpy(join(dir, 'b_image.npy'), 'float32', [1, 2, 20, 24], picture([2, 20, 24]).data)
  return artifactIn('slices', dir, {
    axis: 'axial',
    targets: ['_seg'],
    channels: 2,
    images: {
      a: { ...image, slices: [0, 2, 4], image: 'a_image.npy', label: 'a_label.npy' },
      b: { ...image, slices: [1], image: 'b_image.npy' },
    },
  })
}

async function runNode(root: string, written: unknown) {
  const inputs = { slices: await twoImages(join(root, 'slices')) }
  const dir = join(root, 'out')
  await mkdir(dir)
  const { document, ...rest } = await runEach(transform, dir, written, inputs)
  return { dir, value: document, ...rest }
}

test('every slice is resampled and cropped, image and label, and packed as before', () =>
  withFolder(async root => {
    const { dir, value } = await runNode(root, settings)
    assert.deepEqual(Object.keys(value.images), ['a', 'b'])
    assert.deepEqual([value.images['a']!.shape, value.images['a']!.slices, value.images['b']!.label], [[36, 28], [0, 2, 4], undefined])
    assert.deepEqual((await readdir(dir)).sort(), ['a_image.npy', 'a_label.npy', 'b_image.npy'])

    const image = await readNpy(join(dir, value.images['a']!.image))
    const label = await readNpy(join(dir, value.images['a']!.label!))
    assert.deepEqual(
      [image.shape, label.shape],
      [
        [3, 2, 36, 28],
        [3, 1, 36, 28],
      ],
    )
    // The second channel of the third slice, made alone.
    const alone = { image: planes([1, 20, 24], picture([6, 20, 24]).data.subarray(5 * 480)), spacing: [1, Math.fround(0.9)] } as const
    const resampled = resample.apply(alone, resample.params.parse(settings.Resample)).sample
    const expected = centerCrop.apply(resampled, centerCrop.params.parse(settings.CenterCrop)).sample
    near((image.data as Float32Array).subarray(5 * 36 * 28), expected.image.data, 0)
  }))

test('the document says how to come back to the grid of the slices', () =>
  withFolder(async root => {
    const { value } = await runNode(root, settings)
    const { undo, volume } = value.images['a']!
    assert.deepEqual(
      undo.map(u => u.name),
      ['Resample', 'CenterCrop'],
    )
    assert.deepEqual(volume, { shape: [20, 24, 5], spacing: [1, Math.fround(0.9), 3], native })
    assert.deepEqual(undoChain(undo, picture([1, 36, 28]), row0).shape, [1, 20, 24])
  }))

test('what is done at every draw travels on in the document, and makes no image anew', () =>
  withFolder(async root => {
    const { elements, value } = await runNode(root, settings)
    assert.deepEqual(
      value.draw.map(d => d.name),
      ['RandomAffine', 'NormalizeInstance'],
    )
    const inputs = { slices: await twoImages(join(root, 'slices')) }
    const again = (written: unknown) => transform.each.elements({ params: transform.params.parse(written), inputs })
    assert.deepEqual(again({ ...settings, RandomAffine: { degrees: 20 } }), elements)
    assert.notDeepEqual(again({ ...settings, Resample: { hspace: 0.6, wspace: 1 } }), elements)
  }))

test('a chain without a grid transform hands the slices on as they are', () =>
  withFolder(async root => {
    const { dir, value } = await runNode(root, {})
    assert.deepEqual([value.images['b']!.shape, value.images['b']!.undo], [[20, 24], []])
    const { shape, data } = await readNpy(join(dir, value.images['b']!.image))
    assert.deepEqual(shape, [1, 2, 20, 24])
    near(data, picture([2, 20, 24]).data, 0)
  }))

test('the log says what is done once and what at every draw', () =>
  withFolder(async root => {
    const { lines } = await runNode(root, settings)
    assert.deepEqual(lines, [
      'info: once: Resample: {hspace: 0.5, wspace: 1, dspace: 1}',
      'info: once: CenterCrop: {size: [36, 28]}',
      'info: at every draw: RandomAffine: {degrees: 5}',
      'info: at every draw: NormalizeInstance: {}',
    ])
  }))

test('a map of the image alone is done as asked, with a warning that the label stays behind', () =>
  withFolder(async root => {
    const warnings = async (name: string, written: unknown) => {
      await mkdir(join(root, name))
      return (await runNode(join(root, name), written)).lines.filter(line => line.startsWith('warn'))
    }
    const moved = { RandomReverse: { applied_to: ['im'] }, RandomAffine: { degrees: 5 }, NormalizeInstance: {} }
    assert.deepEqual(await warnings('a', moved), [
      'warn: Image and label will lie apart, as applied_to does not name both im and gt: RandomReverse.',
    ])
    assert.deepEqual(await warnings('b', { ...moved, RandomReverse: { applied_to: ['im', 'gt'] } }), [])
  }))
