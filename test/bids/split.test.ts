import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { ImageRow } from '../../src/bids/row.ts'
import { columnValue } from '../../src/bids/columns.ts'
import { type SplitInputs, type SplitParams, splitIndex } from '../../src/bids/split.ts'
import { FailureError } from '../../src/failure.ts'
import { Random } from '../../src/random.ts'
import { goldenCases, sharedTest } from '../golden.ts'
import { messageOf } from '../message-of.ts'

const defaults: SplitParams = {
  split_method: 'participant_id',
  data_testing: { data_type: null, data_value: [] },
  balance: null,
  random_seed: 6,
  train_fraction: 0.6,
  test_fraction: 0.2,
  subject_selection: { n: [], metadata: [], value: [] },
  training_validation: [],
  testing: [],
  contrast_balance: {},
  allow_duplicates: false,
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

function split(rows: readonly ImageRow[], params: Partial<SplitParams> = {}, inputs: SplitInputs = {}) {
  const warnings: string[] = []
  return { ...splitIndex(rows, { ...defaults, ...params }, line => warnings.push(line), inputs), warnings }
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
    const text = messageOf(() => split([row('sub-1', 'T1w', { age: 3 })], { split_method: 'institute' }))
    assert.match(text, /no image of the index has a value for "institute"/)
    assert.match(text, /there are: age, contrast, participant_id/)
  })

  test('that leaves a part empty fails with the counts and the fractions', () => {
    const text = messageOf(() => split(tutorial, { train_fraction: 0.8 }))
    assert.match(text, /nothing for the validation part/)
    assert.match(text, /of 10 values of participant_id, 2 went to the test part; of the 8 that remain, 8 would be trained on/)
    assert.match(text, /"train_fraction":0.8/)
    assert.match(
      messageOf(() => split([row('sub-1', 'T1w')])),
      /all 1 values of participant_id would go to the test part/,
    )
  })

  test('by contrasts that no image has fails with those that are there', () => {
    assert.match(
      messageOf(() => split(tutorial, { testing: ['T3w'] })),
      /nothing for the test part\n.* contrasts T1w, T2star, T2w/,
    )
  })

  test('never puts a subject into two parts', () => {
    const rows = Array.from({ length: 10 }, (_, i) => row(`sub-${i % 5}`, i < 5 ? 'T1w' : 'T2w', { scan: `s${i}` }))
    assert.match(
      messageOf(() => split(rows, { split_method: 'scan' })),
      /sub-\d would be in both the train and the \w+ part/,
    )
  })
})

const men = (count: number) => Array.from({ length: count }, (_, i) => row(`sub-${i + 10}`, 'T1w', { sex: i % 2 ? 'M' : 'F' }))
const everyone = (parts: { train: readonly string[]; validation: readonly string[]; test: readonly string[] }) =>
  [...parts.train, ...parts.validation, ...parts.test].sort()

describe('subject_selection', () => {
  test('draws so many subjects of each value, and the others are in no part', () => {
    const rows = men(30).flatMap(r => [r, { ...r, id: `${r.subject}_T2w`, contrast: 'T2w', image: `${r.subject}/anat/b` }])
    const parts = split(rows, { subject_selection: { n: [6, 4], metadata: ['sex', 'sex'], value: ['M', 'F'] } })
    const chosen = rows.filter(r => everyone(parts).includes(r.id))
    assert.equal(chosen.length, 20)
    assert.equal(new Set(chosen.filter(r => r.metadata.sex === 'M').map(r => r.subject)).size, 6)
    assert.deepEqual(parts, split(rows, { subject_selection: { n: [6, 4], metadata: ['sex', 'sex'], value: ['M', 'F'] } }))
    const other = split(rows, { random_seed: 7, subject_selection: { n: [6, 4], metadata: ['sex', 'sex'], value: ['M', 'F'] } })
    assert.notDeepEqual(everyone(other), everyone(parts))
  })

  test('of more subjects than there are fails with both numbers, and of an unknown column with those that there are', () => {
    const select = (column: string) => () => split(men(10), { subject_selection: { n: [6], metadata: [column], value: ['M'] } })
    assert.match(messageOf(select('sex')), /asks for 6 subjects with sex M, and there are 5/)
    assert.match(messageOf(select('gender')), /no image of the index has a value for "gender"\n +there are: contrast, participant_id, sex/)
  })
})

describe('k folds', () => {
  const folds = (rows: readonly ImageRow[], k: number, params: Partial<SplitParams> = {}) =>
    Array.from({ length: k }, (_, i) => split(rows, { folds: k, fold: i + 1, ...params }))

  test('test on everything once, subjects whole, in folds of equal size', () => {
    const all = folds(tutorial, 5)
    assert.deepEqual(all.flatMap(f => f.test).sort(), tutorial.map(r => r.id).sort())
    for (const fold of all) {
      assert.equal(new Set(fold.test.map(id => id.split('_')[0])).size, 2)
      assert.deepEqual(everyone(fold), tutorial.map(r => r.id).sort())
    }
    // numpy, seed 6: permutation(10) = [8 1 7 0 6 5 2 4 3 9], dealt in turn: the first fold gets numbers 8 and 5 of the sorted subjects.
    assert.deepEqual([...new Set(all[0]!.test.map(id => id.split('_')[0]))], ['sub-oxfordFmrib11', 'sub-tokyoSkyra06'])
  })

  test('differ by at most one group, also where a column is balanced', () => {
    const rows = men(23)
    const tested = folds(rows, 5, { balance: 'sex' }).map(f => f.test)
    assert.deepEqual(tested.flat().sort(), rows.map(r => r.id).sort())
    for (const test of tested) assert.ok(test.length === 4 || test.length === 5, `${test.length}`)
    const sick = tested.map(test => test.filter(id => rows.find(r => r.id === id)!.metadata.sex === 'M').length)
    assert.ok(Math.max(...sick) - Math.min(...sick) <= 1, sick.join())
  })

  test('of more folds than groups fail with both numbers', () => {
    assert.match(
      messageOf(() => split(tutorial, { folds: 11, fold: 1 })),
      /10 values of participant_id cannot make 11 folds/,
    )
  })
})

describe('contrast_balance', () => {
  const t1w = (list: readonly string[]) => list.filter(id => id.endsWith('T1w')).length

  test('keeps a share of one contrast in every part, and all of the others', () => {
    const all = split(tutorial)
    const half = split(tutorial, { contrast_balance: { T1w: 0.5 } })
    assert.deepEqual([half.train, half.validation, half.test].map(t1w), [3, 1, 1])
    assert.equal(everyone(half).length, everyone(all).length - 5)
    assert.deepEqual(half, split([...tutorial].reverse(), { contrast_balance: { T1w: 0.5 } }))
    assert.deepEqual(split(tutorial, { contrast_balance: { T1w: 1 } }), all)
    assert.equal(t1w(everyone(split(tutorial, { contrast_balance: { T1w: 0 } }))), 0)
  })

  test('with a larger share keeps all that a smaller one kept, and with another seed others', () => {
    const rows = men(100)
    const kept = (share: number, seed = 6) => everyone(split(rows, { contrast_balance: { T1w: share }, random_seed: seed }))
    for (const [less, more] of [
      [0.1, 0.29],
      [0.29, 0.7],
    ] as const)
      assert.ok(kept(less).every(id => kept(more).includes(id)))
    // 60, 20 and 20 images: 17 + 5 + 5, and 0.7 of each without a rounding error.
    assert.equal(kept(0.29).length, 27)
    assert.equal(kept(0.7).length, 70)
    assert.notDeepEqual(kept(0.5, 7), kept(0.5))
  })

  test('of a contrast that no image has fails with those that there are', () => {
    assert.match(
      messageOf(() => split(tutorial, { contrast_balance: { T3w: 0.5 } })),
      /the contrast T3w, which no image in any part has\n +there are: T1w, T2star, T2w/,
    )
  })
})

describe('a split that is given', () => {
  const { train, validation: valid, test: tested } = split(tutorial)

  test('is taken as it is, whatever the seed and the fractions', () => {
    const again = split(tutorial, { random_seed: 99, train_fraction: 0.1 }, { given: { train, valid, test: tested } })
    assert.deepEqual(again, { train, validation: valid, test: tested, warnings: [] })
  })

  test('may name files, as ivadomed does, and subjects, as it once did', () => {
    const files = (list: readonly string[]) => list.map(id => `${id}.nii.gz`)
    const subjectsOf = (list: readonly string[]) => [...new Set(list.map(id => id.split('_')[0]!))]
    for (const as of [files, subjectsOf]) {
      const parts = split(tutorial, {}, { given: { train: as(train), valid: as(valid), test: as(tested) } })
      assert.deepEqual(parts, { train, validation: valid, test: tested, warnings: [] })
    }
  })

  test('tells what the index does not have, and what it does not name', () => {
    const { warnings } = split(tutorial, {}, { given: { train: [...train.slice(1), 'sub-x_T1w'], valid, test: [] } })
    assert.equal(warnings[0], 'fname_split names images that the index does not have: sub-x_T1w')
    assert.match(warnings[1]!, /^not in any part, as fname_split does not name them: sub-\w+_T1w, .*sub-unf01_T2w/)
  })

  test('of other data fails, and so does one that tears a subject apart', () => {
    const other = { train: ['sub-x_T1w'], valid: ['sub-y_T1w'], test: [] }
    assert.match(
      messageOf(() => split(tutorial, {}, { given: other })),
      /nothing for the train part\n +the index has none of the 1 images/,
    )
    const torn = { train, valid, test: [...tested, train[0]!] }
    assert.match(
      messageOf(() => split(tutorial, {}, { given: torn })),
      /sub-hamburg01 would be in both the train and the test part\n +the file of fname_split names images of it for both/,
    )
  })
})

describe('the leakage guard', () => {
  test('stops a split that has the same image on two sides, and names both', () => {
    const duplicates = [['sub-unf01_T1w', 'sub-hamburg01_T1w']]
    assert.match(
      messageOf(() => split(tutorial, {}, { duplicates })),
      /sub-unf01_T1w and sub-hamburg01_T1w hold the same image, and would be in the test and the train part/,
    )
    const { warnings } = split(tutorial, { allow_duplicates: true }, { duplicates })
    assert.match(warnings[0]!, /the same image is in the test and the train part/)
    // Both are tested on; of the other group one is in no part.
    const harmless = [
      ['sub-unf01_T1w', 'sub-mpicbs06_T1w'],
      ['sub-unf01_T2w', 'sub-hamburg01_T2w'],
    ]
    assert.deepEqual(split(tutorial, { testing: ['T1w'] }, { duplicates: harmless }).warnings, [])
  })

  test('holds for any data and any settings: no subject and no content is on two sides', () => {
    let parted = 0
    let refused = 0
    for (let seed = 0; seed < 400; seed++) {
      const random = new Random(seed, 'leakage')
      const pick = <T>(of: readonly T[]): T => of[random.integer(of.length)]!
      const rows = Array.from({ length: 4 + random.integer(40) }, (_, i): ImageRow => {
        const [subject, session] = [`sub-${random.integer(12)}`, `ses-${random.integer(2)}`]
        const metadata = { site: pick(['a', 'b', 'c']), scan: `s${random.integer(8)}`, sex: subject < 'sub-5' ? 'F' : 'M' }
        const id = `${i}_${subject}_${session}`
        return { ...row(subject, pick(['T1w', 'T2w']), metadata), id, session, dataset: random.integer(2), image: `${subject}/${id}` }
      })
      const content = new Map(rows.map(r => [r.id, random.integer(rows.length * 20)]))
      const duplicates = [...new Set(content.values())].map(c => rows.map(r => r.id).filter(id => content.get(id) === c))
      const params = {
        split_method: pick(['participant_id', 'participant_id', 'site', 'scan', 'session']),
        balance: pick([null, null, 'sex', 'scan']),
        train_fraction: pick([0.3, 0.5, 0.6]),
        contrast_balance: pick([{}, { T1w: 0.5 }]),
        random_seed: seed,
        ...pick([{}, {}, { folds: 3, fold: 2 }]),
      }
      try {
        const parts = split(rows, params, { duplicates: duplicates.filter(group => group.length > 1) })
        const sides = [parts.train, parts.validation, parts.test].map(part => new Set(part))
        const on = (ids: readonly string[]) => sides.filter(side => ids.some(id => side.has(id))).length
        for (const subject of new Set(rows.map(r => r.subject)))
          assert.ok(on(rows.filter(r => r.subject === subject).map(r => r.id)) <= 1, `seed ${seed}: ${subject}`)
        for (const group of duplicates) assert.ok(on(group) <= 1, `seed ${seed}: ${group.join()}`)
        parted++
      } catch (error) {
        if (!(error instanceof FailureError)) throw error
        if (['split-subject', 'split-content'].includes(error.failure.kind)) refused++
      }
    }
    assert.ok(parted > 50 && refused > 50, `${parted} ${refused}`)
  })
})

interface GoldenSplit extends Omit<SplitParams, 'subject_selection'> {
  readonly name: string
  readonly data: string
  readonly error: string | null
  readonly subject_selection: SplitParams['subject_selection'] | null
  readonly train: readonly string[] | null
  readonly valid: readonly string[] | null
  readonly test: readonly string[] | null
}

sharedTest('golden/loader/split', "splits equal ivadomed's, seed by seed", () => {
  const golden = goldenCases('loader/split') as { cases: GoldenSplit[]; tables: Record<string, string[][]> }
  let compared = 0
  for (const c of golden.cases) {
    // A column that does not exist is a failure here, and ignored there.
    const names = [c.split_method, c.balance, c.data_testing.data_type]
    const rows = golden.tables[c.data]!.map(([file, subject, contrast, institution_id, pathology]) => ({
      ...row(subject!, contrast!, { institution_id: institution_id!, pathology: pathology! }),
      id: file!,
      image: `${subject}/anat/${file}`,
    }))
    const params = { ...defaults, ...c, subject_selection: c.subject_selection ?? defaults.subject_selection }
    if (c.error !== null || names.includes('nonexistent')) assert.throws(() => split(rows, params), FailureError, JSON.stringify(c))
    else {
      const { train, validation, test } = split(rows, params)
      assert.deepEqual({ train, validation, test }, { train: c.train, validation: c.valid, test: c.test }, JSON.stringify(names))
    }
    compared++
  }
  assert.equal(compared, golden.cases.length)
})
