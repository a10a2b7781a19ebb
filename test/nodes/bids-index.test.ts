import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import bidsIndex from '../../nodes/bids-index.ts'
import type { Digest } from '../../src/artifact.ts'
import { FailureError } from '../../src/failure.ts'
import { makePhantom } from '../../src/phantom/phantom.ts'
import { artifactIn, withFolder } from './each.ts'
import { failureOf, runWhole } from './whole.ts'

const phantomIn = async (home: string) => {
  const dir = join(home, 'data')
  await makePhantom(dir, { subjects: 3, shape: [8, 8, 2], missing: ['sub-02_T2star'] })
  return { datasets: [artifactIn('dataset', dir, { name: 'phantom' })] }
}

test('the index of the phantom has every image with its label, its participant and its sidecar', () =>
  withFolder(async home => {
    const inputs = await phantomIn(home)
    const { document, dir, lines } = await runWhole(bidsIndex, home, { target_suffix: ['_seg-manual'] }, inputs)
    assert.deepEqual(document.targets, ['_seg-manual'])
    assert.equal(document.images.length, 8)
    assert.deepEqual(lines, ['info: index: 8 images of 3 subjects (3 T1w, 2 T2star, 3 T2w)'])
    const { metadata, ...row } = document.images[0]!
    assert.deepEqual(row, {
      id: 'sub-01_T1w',
      dataset: 0,
      subject: 'sub-01',
      contrast: 'T1w',
      entities: { sub: '01' },
      image: 'sub-01/anat/sub-01_T1w.nii.gz',
      labels: [['derivatives/labels/sub-01/anat/sub-01_T1w_seg-manual.nii.gz']],
    })
    assert.equal(metadata.institution_id, 'harbour')
    assert.equal(metadata.FlipAngle, 9)
    assert.equal(readFileSync(join(dir, 'bids_dataframe.csv'), 'utf8').trimEnd().split('\n').length, 9)
  }))

test('images of equal bytes are told and listed for the split', () =>
  withFolder(async home => {
    const inputs = await phantomIn(home)
    const files = inputs.datasets[0]!.files.map(f => (f.path.endsWith('_T1w.nii.gz') ? { ...f, digest: 'same' as Digest } : f))
    const twice = { datasets: [{ ...inputs.datasets[0]!, files }] }
    const { document, lines } = await runWhole(bidsIndex, home, { target_suffix: ['_seg-manual'] }, twice)
    assert.deepEqual(document.duplicates, [['sub-01_T1w', 'sub-02_T1w', 'sub-03_T1w']])
    assert.equal(lines.at(-1), 'warn: the same image, byte for byte: sub-01_T1w, sub-02_T1w, sub-03_T1w')
    assert.ok(!('duplicates' in (await runWhole(bidsIndex, home, {}, inputs)).document))
  }))

test('what a configuration of pybids says counts, and not where it lies', () =>
  withFolder(async home => {
    const path = join(home, 'config_bids.json')
    const params = bidsIndex.params.parse({ bids_config: path })
    assert.throws(() => bidsIndex.checkReads!(bidsIndex.reads!(params)), FailureError)
    writeFileSync(path, '{ "entities": [{ "name": "site", "pattern": "sub-0([0-9])" }] }')
    assert.deepEqual(bidsIndex.reads!(params), [path])
    assert.ok(!JSON.stringify(bidsIndex.meaning!(params)).includes(home))
    const { document } = await runWhole(bidsIndex, home, { bids_config: path }, await phantomIn(home))
    assert.equal(document.images[0]!.entities.site, '1')
  }))

test('a contrast that the phantom does not have fails with those that it has', () =>
  withFolder(async home => {
    const inputs = await phantomIn(home)
    const text = await failureOf(() => runWhole(bidsIndex, home, { contrasts: ['FLAIR'] }, inputs))
    assert.match(text, /asked for: contrasts: FLAIR;/)
    assert.match(text, /there are: images: T1w.nii.gz \(3\), T2star.nii.gz \(2\), T2w.nii.gz \(3\)/)
  }))
