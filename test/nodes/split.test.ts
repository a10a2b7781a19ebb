import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import bidsIndex from '../../nodes/bids-index.ts'
import download from '../../nodes/download.ts'
import split from '../../nodes/split.ts'
import { shared, sharedTest } from '../golden.ts'
import { artifactIn, withFolder } from './each.ts'
import { runWhole } from './whole.ts'

const image = (subject: string, contrast: string) => ({
  id: `${subject}_${contrast}`,
  dataset: 0,
  subject,
  contrast,
  entities: { sub: subject.slice(4) },
  image: `${subject}/anat/${subject}_${contrast}.nii.gz`,
  labels: [[]],
  metadata: {},
})

test('the split of ten subjects is told and written', () =>
  withFolder(async home => {
    const images = Array.from({ length: 10 }, (_, i) => [image(`sub-${i}`, 'T1w'), image(`sub-${i}`, 'T2w')]).flat()
    const index = artifactIn('index', mkdtempSync(join(home, 'index-')), { targets: ['_seg'], images })
    const { document, dir, lines } = await runWhole(split, home, { testing: ['T2w'] }, { index })
    // numpy, seed 6: permutation(10) ends with 3 9, permutation(8) begins with 0 5; the eight are 0 1 2 4 5 6 7 8.
    assert.deepEqual(document.test, ['sub-3_T2w', 'sub-9_T2w'])
    assert.deepEqual(document.validation, ['sub-0_T1w', 'sub-0_T2w', 'sub-6_T1w', 'sub-6_T2w'])
    assert.equal(document.train.length, 12)
    assert.deepEqual(lines, ['info: split by participant_id: 6/2/2 subjects, 12/4/2 images'])
    const { train, validation: valid, test: testing } = document
    assert.deepEqual(JSON.parse(readFileSync(join(dir, 'split_datasets.json'), 'utf8')), { train, valid, test: testing })
  }))

test('fractions outside 0 to 1 and unknown settings are refused', () => {
  for (const params of [{ train_fraction: 1.5 }, { data_testing: { value: [] } }, { seed: 1 }])
    assert.ok(!split.params.safeParse(params).success, JSON.stringify(params))
})

sharedTest('data/data_example_spinegeneric-r20200825.zip', "the tutorial's release, from its zip to its split", () =>
  withFolder(async home => {
    const urls = `file:${join(shared, 'data/data_example_spinegeneric-r20200825.zip')}`
    const data = await runWhole(download, join(home, 'data'), { urls }, {})
    const datasets = [artifactIn('dataset', data.dir, data.document)]
    const settings = { contrasts: ['T1w', 'T2w', 'T2star'], target_suffix: ['_seg-manual'] }
    const indexed = await runWhole(bidsIndex, join(home, 'index'), settings, { datasets })
    assert.equal(indexed.document.images.length, 29)
    assert.deepEqual(indexed.lines, ['info: index: 29 images of 10 subjects (10 T1w, 9 T2star, 10 T2w)'])
    const index = artifactIn('index', indexed.dir, indexed.document)
    const { document, lines } = await runWhole(split, join(home, 'split'), {}, { index })
    assert.deepEqual(lines, ['info: split by participant_id: 6/2/2 subjects, 17/6/6 images'])
    const subjectsOf = (ids: readonly string[]) => [...new Set(ids.map(id => id.slice(4, id.indexOf('_'))))]
    assert.deepEqual(subjectsOf(document.test), ['mpicbs06', 'unf01'])
    assert.deepEqual(subjectsOf(document.validation), ['cardiff03', 'sapienza05'])
  }),
)
