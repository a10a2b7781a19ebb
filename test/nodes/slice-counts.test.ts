import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import bidsIndex from '../../nodes/bids-index.ts'
import download from '../../nodes/download.ts'
import slice from '../../nodes/slice.ts'
import split from '../../nodes/split.ts'
import { readVolume } from '../../src/image/nifti.ts'
import { axisCodes } from '../../src/image/orientation.ts'
import type { Volume } from '../../src/image/volume.ts'
import { shared, sharedTest } from '../golden.ts'
import { artifactIn, runEach, withFolder } from './each.ts'
import { runWhole } from './whole.ts'

const release = 'data/data_example_spinegeneric-r20200825.zip'

sharedTest(release, "the tutorial's release has the slices that the tutorial prints: 276, 92 and 94", () =>
  withFolder(async home => {
    const data = await runWhole(download, join(home, 'data'), { urls: `file:${join(shared, release)}` }, {})
    const datasets = [artifactIn('dataset', data.dir, data.document)]
    const settings = { contrasts: ['T1w', 'T2w', 'T2star'], target_suffix: ['_seg-manual'] }
    const indexed = await runWhole(bidsIndex, join(home, 'index'), settings, { datasets })
    const index = artifactIn('index', indexed.dir, indexed.document)
    const { document: parts } = await runWhole(split, join(home, 'split'), {}, { index })
    const dir = join(home, 'slices')
    await mkdir(dir)
    const { images } = (await runEach(slice, dir, {}, { index, datasets })).document
    const count = (ids: readonly string[]): number => ids.reduce((sum, id) => sum + images[id]!.slices.length, 0)
    assert.deepEqual([parts.train, parts.validation, parts.test].map(count), [276, 92, 94])
  }),
)

/** Of every axial slice, whether something is drawn on it. The axis is found by the codes, apart from the reader of slices. */
function drawn({ data, shape, affine }: Volume): readonly boolean[] {
  const axis = axisCodes(affine).search(/[SI]/)
  const stride = shape.slice(0, axis).reduce((a, b) => a * b, 1)
  const found = new Array<boolean>(shape[axis]!).fill(false)
  data.forEach((value, at) => {
    if (value > 0) found[Math.floor(at / stride) % shape[axis]!] = true
  })
  return found
}

sharedTest('data/hippocampus', 'of real volumes the filters keep as many slices as their labels say', () =>
  withFolder(async home => {
    const folder = join(shared, 'data/hippocampus')
    const datasets = [artifactIn('dataset', folder, { name: 'hippocampus' })]
    const targets = ['_seg-anterior', '_seg-posterior']
    const whole = await runWhole(bidsIndex, home, { contrasts: ['T1w'], target_suffix: targets }, { datasets })
    const few = { ...whole.document, images: whole.document.images.slice(0, 12) }
    const index = artifactIn('index', whole.dir, few)
    const expected = { any: 0, all: 0, slices: 0 }
    for (const row of few.images) {
      const labels = await Promise.all(row.labels.map(async ([file]) => drawn(await readVolume(join(folder, file!)))))
      labels[0]!.forEach((_, at) => {
        expected.slices++
        if (labels.some(label => label[at])) expected.any++
        if (labels.every(label => label[at])) expected.all++
      })
    }
    const kept = async (name: string, settings: object): Promise<number> => {
      await mkdir(join(home, name))
      const { images } = (await runEach(slice, join(home, name), settings, { index, datasets })).document
      return Object.values(images).reduce((sum, image) => sum + image.slices.length, 0)
    }
    assert.equal(await kept('every', { filter_empty_input: false }), expected.slices)
    assert.equal(await kept('drawn', { filter_empty_mask: true }), expected.any)
    assert.equal(await kept('both', { filter_absent_class: true }), expected.all)
    assert.ok(0 < expected.all && expected.all < expected.any && expected.any < expected.slices, JSON.stringify(expected))
  }),
)
