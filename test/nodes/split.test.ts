import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import bidsIndex from '../../nodes/bids-index.ts'
import download from '../../nodes/download.ts'
import split from '../../nodes/split.ts'
import { shared, sharedTest } from '../golden.ts'
import { artifactIn, withFolder } from './each.ts'
import { failureOf, runWhole } from './whole.ts'

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

test('the file of one split gives the same parts again, whatever the seed; its contents count, and not where it lies', () =>
  withFolder(async home => {
    const images = Array.from({ length: 10 }, (_, i) => image(`sub-${i}`, 'T1w'))
    const index = artifactIn('index', mkdtempSync(join(home, 'index-')), { targets: ['_seg'], images })
    const first = await runWhole(split, join(home, 'first'), {}, { index })
    const file = join(first.dir, 'split_datasets.json')
    const settings = { fname_split: file, random_seed: 7, train_fraction: 0.1 }
    const again = await runWhole(split, join(home, 'again'), settings, { index })
    assert.deepEqual(again.document, first.document)
    assert.deepEqual(again.lines, ['info: split by fname_split: 6/2/2 subjects, 6/2/2 images'])
    const params = split.params.parse(settings)
    assert.deepEqual(split.reads!(params), [file])
    assert.deepEqual(split.meaning!(params), split.meaning!({ ...params, fname_split: 'elsewhere.json', train_fraction: 0.5 }))
    for (const [text, says] of [
      ['[]', /fname_split names is not a split: .*split_datasets.json\n +the file: .*object/],
      ['{ "train": [], "valid": [1], "test": [] }', /valid.0: .*string/],
    ] as const) {
      writeFileSync(file, text)
      assert.match(await failureOf(() => split.checkReads!(split.reads!(params))), says)
    }
    rmSync(file)
    assert.match(await failureOf(() => split.checkReads!(split.reads!(params))), /the split of fname_split does not exist/)
  }))

test("ivadomed's own split file is refused with the line that converts it", () => {
  const refused = split.params.safeParse({ fname_split: 'split_datasets.joblib' })
  assert.match(
    refused.error!.issues[0]!.message,
    /python -c "import joblib, json; json.dump\(joblib.load\('split_datasets.joblib'\), open\(/,
  )
})

test('the fold is told; and a pair of images of the same bytes is not parted', () =>
  withFolder(async home => {
    const images = Array.from({ length: 10 }, (_, i) => image(`sub-${i}`, 'T1w'))
    const dir = mkdtempSync(join(home, 'index-'))
    const index = artifactIn('index', dir, { targets: ['_seg'], images })
    const { document, lines } = await runWhole(split, home, { folds: 5, fold: 2 }, { index })
    assert.deepEqual(lines, ['info: split by participant_id, fold 2 of 5: 6/2/2 subjects, 6/2/2 images'])
    const duplicates = [[document.train[0]!, document.test[0]!]]
    const twins = { index: artifactIn('index', dir, { targets: ['_seg'], images, duplicates }) }
    assert.match(await failureOf(() => runWhole(split, home, { folds: 5, fold: 2 }, twins)), /hold the same image/)
    const allowed = await runWhole(split, home, { folds: 5, fold: 2, allow_duplicates: true }, twins)
    assert.match(allowed.lines[0]!, /^warn: the same image is in the train and the test part/)
  }))

test('settings that contradict each other are refused', () => {
  const message = (settings: unknown) =>
    split.params
      .safeParse(settings)
      .error!.issues.map(i => `${i.path.join('.')}: ${i.message}`)
      .join()
  assert.match(message({ folds: 5 }), /^folds: folds and fold go together$/)
  assert.match(message({ folds: 5, fold: 6 }), /^fold: of 5 folds there is no fold 6$/)
  assert.match(message({ folds: 5, fold: 1, data_testing: { data_value: ['a'] } }), /^folds: .*give one of the two$/)
  assert.match(message({ folds: 5, fold: 1, fname_split: 'a.json' }), /^folds: .*give one of the two$/)
  assert.match(message({ subject_selection: { n: [1], metadata: ['sex', 'age'], value: ['M'] } }), /lists of one length/)
})

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
    const men = { n: [2], metadata: ['sex'], value: ['M'] }
    const two = await runWhole(split, home, { subject_selection: men, train_fraction: 0.5, test_fraction: 0 }, { index })
    const chosen = subjectsOf([...two.document.train, ...two.document.validation])
    assert.equal(chosen.length, 2)
    for (const row of indexed.document.images) if (chosen.includes(row.subject.slice(4))) assert.equal(row.metadata.sex, 'M')
    const half = await runWhole(split, home, { contrast_balance: { T1w: 0.5 } }, { index })
    const t1w = Object.values(half.document)
      .flat()
      .filter(id => id.endsWith('_T1w'))
    assert.equal(t1w.length, 5)
  }),
)
