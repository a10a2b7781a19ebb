import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { ImageRow } from '../../src/bids/row.ts'
import { columnValue, type SplitParams, splitIndex } from '../../src/bids/split.ts'
import { describe as say, FailureError } from '../../src/failure.ts'
import { goldenCases, sharedTest } from '../golden.ts'

const defaults: SplitParams = {
  split_method: 'participant_id',
  data_testing: { data_type: null, data_value: [] },
  balance: null,
  random_seed: 6,
  train_fraction: 0.6,
  test_fraction: 0.2,
  training_validation: [],
  testing: [],
}

const row = (subject: string, contrast: string, metadata: ImageRow['metadata'] = {}): ImageRow => ({
  id: `${subject}_${contrast}`,
  dataset: 0,
  subject,
  contrast,
  entities: { sub: subject.slice(4) },
  image: `${subject}/anat/${subject}_${contrast}.nii.gz`,
  labels: [],
  metadata,
})

function split(rows: readonly ImageRow[], params: Partial<SplitParams> = {}) {
  const warnings: string[] = []
  return { ...splitIndex(rows, { ...defaults, ...params }, line => warnings.push(line)), warnings }
}

/** What the user reads when the split fails. */
function message(body: () => unknown): string {
  try {
    body()
  } catch (e) {
    if (e instanceof FailureError) return say(e.failure)
    throw e
  }
  throw new Error('it did not fail')
}

// The ten subjects of the tutorial; hamburg01 has no T2star.
const subjects = ['cardiff03', 'hamburg01', 'juntendo750w01', 'mpicbs06', 'oxfordFmrib07', 'oxfordFmrib11', 'sapienza05']
const tutorial = [...subjects, 'strasbourg04', 'tokyoSkyra06', 'unf01']
  .map(name => `sub-${name}`)
  .flatMap(name => ['T1w', 'T2star', 'T2w'].map(contrast => row(name, contrast)))
  .filter(r => r.id !== 'sub-hamburg01_T2star')

describe('the split', () => {
  test('of the tutorial is the one that the tutorial prints', () => {
    const { train, validation, test } = split(tutorial)
    assert.deepEqual([train.length, validation.length, test.length], [17, 6, 6])
    assert.deepEqual(new Set(test.map(id => id.split('_')[0])), new Set(['sub-mpicbs06', 'sub-unf01']))
    assert.deepEqual(new Set(validation.map(id => id.split('_')[0])), new Set(['sub-cardiff03', 'sub-sapienza05']))
  })

  test('does not depend on the order of the rows', () => {
    assert.deepEqual(split([...tutorial].reverse()), split(tutorial))
  })

  test('takes subjects in the order of their folders, where sub-1 comes before sub-10', () => {
    const few = ['sub-1', 'sub-10', 'sub-2', 'sub-3', 'sub-4'].map(name => row(name, 'T1w'))
    // numpy, seed 6: permutation(5) = [3 4 0 1 2], permutation(4) = [0 3 1 2]. The last of five is tested; of the other four the
    // last three are trained on, and the first of the folders is for validation; in the order of ids that would be sub-10.
    const { train, validation, test } = split(few)
    assert.deepEqual(
      { train, validation, test },
      { train: ['sub-10_T1w', 'sub-3_T1w', 'sub-4_T1w'], validation: ['sub-1_T1w'], test: ['sub-2_T1w'] },
    )
  })

  test('chooses contrasts after the subjects', () => {
    const { train, validation, test } = split(tutorial, { training_validation: ['T1w', 'T2w'], testing: ['T2star'] })
    assert.deepEqual([train.length, validation.length, test.length], [12, 4, 2])
    assert.deepEqual(test, ['sub-mpicbs06_T2star', 'sub-unf01_T2star'])
  })

  test('tests on the values that are given, and tells of those that no image has', () => {
    const { test, warnings } = split(tutorial, { data_testing: { data_type: null, data_value: ['sub-unf01', 'sub-nobody'] } })
    assert.deepEqual(test, ['sub-unf01_T1w', 'sub-unf01_T2star', 'sub-unf01_T2w'])
    assert.deepEqual(warnings, ['no image has participant_id sub-nobody: not taken into account'])
  })

  test('balances a column: every value is in every part', () => {
    const rows = Array.from({ length: 20 }, (_, i) => row(`sub-${i + 10}`, 'T1w', { pathology: i % 2 ? 'MS' : 'HC' }))
    const parts = split(rows, { balance: 'pathology' })
    for (const part of [parts.train, parts.validation, parts.test]) {
      const sick = part.filter(
        id =>
          columnValue(
            rows.find(r => r.id === id)!,
            'pathology',
          ) === 'MS',
      )
      assert.equal(sick.length * 2, part.length)
    }
  })

  test('leaves out images without a value in the column, and names them', () => {
    const rows = Array.from({ length: 10 }, (_, i) => row(`sub-${i + 10}`, 'T1w', { site: i === 4 ? null : `s${i}` }))
    const parts = split(rows, { split_method: 'site' })
    assert.equal([...parts.train, ...parts.validation, ...parts.test].length, 9)
    assert.deepEqual(parts.warnings, ['not in any part, as they have no site: sub-14_T1w'])
  })

  test('of a column that does not exist fails, and lists those that do', () => {
    const text = message(() => split([row('sub-1', 'T1w', { age: 3 })], { split_method: 'institute' }))
    assert.match(text, /no image of the index has a value for "institute"/)
    assert.match(text, /there are: age, contrast, participant_id/)
  })

  test('that leaves a part empty fails with the counts and the fractions', () => {
    const text = message(() => split(tutorial, { train_fraction: 0.8 }))
    assert.match(text, /nothing for the validation part/)
    assert.match(text, /of 10 values of participant_id, 2 went to the test part; of the 8 that remain, 8 would be trained on/)
    assert.match(text, /"train_fraction":0.8/)
    assert.match(
      message(() => split([row('sub-1', 'T1w')])),
      /all 1 values of participant_id would go to the test part/,
    )
  })

  test('by contrasts that no image has fails with those that are there', () => {
    assert.match(
      message(() => split(tutorial, { testing: ['T3w'] })),
      /nothing for the test part\n.* contrasts T1w, T2star, T2w/,
    )
  })

  test('never puts a subject into two parts', () => {
    const rows = Array.from({ length: 10 }, (_, i) => row(`sub-${i % 5}`, i < 5 ? 'T1w' : 'T2w', { scan: `s${i}` }))
    assert.match(
      message(() => split(rows, { split_method: 'scan' })),
      /sub-\d would be in both the train and the \w+ part/,
    )
  })
})

interface GoldenSplit extends SplitParams {
  readonly name: string
  readonly data: string
  readonly error: string | null
  readonly subject_selection: unknown
  readonly train: readonly string[] | null
  readonly valid: readonly string[] | null
  readonly test: readonly string[] | null
}

sharedTest('golden/loader/split', "splits equal ivadomed's, seed by seed", () => {
  const golden = goldenCases('loader/split') as { cases: GoldenSplit[]; tables: Record<string, string[][]> }
  let compared = 0
  for (const c of golden.cases) {
    // Drawing subjects before the split is not done here; a column that does not exist is a failure here, and ignored there.
    const names = [c.split_method, c.balance, c.data_testing.data_type]
    if (c.subject_selection !== null) continue
    const rows = golden.tables[c.data]!.map(([file, subject, contrast, institution_id, pathology]) => ({
      ...row(subject!, contrast!, { institution_id: institution_id!, pathology: pathology! }),
      id: file!,
      image: `${subject}/anat/${file}`,
    }))
    const params = { ...c, training_validation: [], testing: [] }
    if (c.error !== null || names.includes('nonexistent')) assert.throws(() => split(rows, params), FailureError, JSON.stringify(c))
    else {
      const { train, validation, test } = split(rows, params)
      assert.deepEqual({ train, validation, test }, { train: c.train, validation: c.valid, test: c.test }, JSON.stringify(names))
    }
    compared++
  }
  assert.equal(compared, golden.cases.length - 1)
})
