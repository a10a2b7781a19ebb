import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, test } from 'vitest'
import { indexCsv } from '../../src/bids/csv.ts'
import { indexDatasets, type IndexParams } from '../../src/bids/image-index.ts'
import { indexParams } from '../../src/bids/index-params.ts'
import { splitIndex, type SplitParams } from '../../src/bids/split.ts'
import { twins } from '../../src/bids/twins.ts'
import { describe as say, FailureError } from '../../src/failure.ts'
import { goldenCases, shared, sharedTest } from '../golden.ts'

const none = '/nowhere'
const image = (stem: string): string => `${stem.split('_')[0]}/anat/${stem}.nii.gz`
const label = (stem: string): string => `derivatives/labels/${stem.split('_')[0]}/anat/${stem}.nii.gz`
const files = (images: readonly string[], labels: readonly string[]) => [...images.map(image), ...labels.map(label)].sort()

const channels: IndexParams = {
  contrasts: ['T2w', 'T1w'],
  target_suffix: ['_seg'],
  extensions: ['.nii', '.nii.gz'],
  target_sessions: [],
  bids_validate: true,
  multichannel: true,
}

function index(paths: readonly string[], params: Partial<IndexParams> = {}) {
  const warnings: string[] = []
  const rows = indexDatasets([{ name: 'made', dir: none, files: paths }], { ...channels, ...params }, line => warnings.push(line))
  return { rows, warnings: warnings.filter(line => !line.startsWith('there is no participants.tsv')) }
}

describe('several channels', () => {
  test('are the contrasts of one name, in the order of the list; the labels are those of the first that has some', () => {
    const { rows } = index(files(['sub-01_T1w', 'sub-01_T2w', 'sub-01_T2star'], ['sub-01_T1w_seg']))
    assert.equal(rows.length, 1)
    assert.deepEqual(rows[0], {
      id: 'sub-01',
      dataset: 0,
      subject: 'sub-01',
      contrast: 'T2w+T1w',
      entities: { sub: '01' },
      image: image('sub-01_T2w'),
      channels: [image('sub-01_T2w'), image('sub-01_T1w')],
      labels: [[label('sub-01_T1w_seg')]],
      metadata: rows[0]!.metadata,
    })
    assert.equal(indexCsv(rows, ['_seg']).split('\n')[1]!.split(',')[5], `${image('sub-01_T2w')};${image('sub-01_T1w')}`)
  })

  test('are of one session and one run, never of two', () => {
    const stems = ['ses-1_run-1', 'ses-1_run-2', 'ses-2_run-1'].flatMap(place => [`sub-01_${place}_T1w`, `sub-01_${place}_T2w`])
    const paths = files(
      [...stems, 'sub-01_ses-2_run-3_T1w', 'sub-02_acq-a_T1w', 'sub-02_acq-b_T2w'],
      stems.map(s => `${s}_seg`),
    )
    const { rows, warnings } = index(paths)
    assert.deepEqual(
      rows.map(r => [r.id, r.session, ...r.channels!.map(path => path.slice('sub-01/anat/'.length))]),
      ['ses-1_run-1', 'ses-1_run-2', 'ses-2_run-1'].map(place => [
        ...[`sub-01_${place}`, place.slice(0, 5)],
        ...[`sub-01_${place}_T2w.nii.gz`, `sub-01_${place}_T1w.nii.gz`],
      ]),
    )
    assert.deepEqual(warnings, [
      `${image('sub-01_ses-2_run-3_T1w')} is not used, as there is no T2w of the same session and run`,
      `${image('sub-02_acq-a_T1w')} is not used, as there is no T2w of the same session and run`,
      `${image('sub-02_acq-b_T2w')} is not used, as there is no T1w of the same session and run`,
    ])
  })

  test('have the labels of one contrast, where it is named; class by class and the region too', () => {
    const all = files(['sub-01_T1w', 'sub-01_T2w'], ['sub-01_T1w_seg', 'sub-01_T2w_seg', 'sub-01_T1w_lesion', 'sub-01_T1w_roi'])
    const two = { target_suffix: ['_seg', ['_lesion', '_lesion2']], roi_suffix: '_roi' }
    const { rows, warnings } = index(all, two)
    assert.deepEqual(rows[0]!.labels, [[label('sub-01_T2w_seg')], [label('sub-01_T1w_lesion')]])
    assert.deepEqual([rows[0]!.roi, warnings], [label('sub-01_T1w_roi'), []])
    assert.deepEqual(index(all, { ...two, label_contrast: 'T1w' }).rows[0]!.labels, [
      [label('sub-01_T1w_seg')],
      [label('sub-01_T1w_lesion')],
    ])
    const only = index(all, { target_suffix: ['_seg', '_lesion'], label_contrast: 'T2w' })
    assert.deepEqual(only.rows[0]!.labels, [[label('sub-01_T2w_seg')], []])
    assert.deepEqual(only.warnings, [`${image('sub-01_T2w')} is used, though its label sub-01_T2w_lesion.nii.gz is not below derivatives/`])
    assert.throws(() => index(all, { ...two, label_contrast: 'T2w' }), FailureError)
  })

  test('an image without any label is not used', () => {
    const paths = files(['sub-01_T1w', 'sub-01_T2w', 'sub-02_T1w', 'sub-02_T2w'], ['sub-01_T1w_seg', 'sub-02_T1w_other'])
    const { rows, warnings } = index(paths)
    assert.deepEqual(
      [rows.map(r => r.id), warnings],
      [['sub-01'], [`${image('sub-02_T2w')} is not used, as its label sub-02_T2w_seg.nii.gz is not below derivatives/; there is _other`]],
    )
  })

  test('need a list of contrasts that differ', () => {
    const messages = (params: object) => indexParams.safeParse(params).error?.issues.map(i => `${i.path.join('.')}: ${i.message}`)
    assert.deepEqual(messages({ multichannel: true }), ['contrasts: multichannel needs the contrasts: they are the channels, in order'])
    assert.deepEqual(messages({ multichannel: true, contrasts: ['T1w', 'T1w'] }), ['contrasts: a contrast can be one channel only'])
    assert.deepEqual(messages({ label_contrast: 'T1w' }), ['label_contrast: means something only with multichannel'])
    assert.deepEqual(messages({ multichannel: true, contrasts: ['T1w'], label_contrast: 'T2w' }), [
      'label_contrast: should be one of the contrasts: T1w',
    ])
    assert.equal(messages({ multichannel: true, contrasts: ['T1w', 'T2w'], label_contrast: 'T2w' }), undefined)
  })

  test('are twins where they share one', () => {
    const subjects = ['01', '02', '03']
    const stems = subjects.flatMap(s => [`sub-${s}_T1w`, `sub-${s}_T2w`])
    const { rows } = index(
      files(
        stems,
        stems.map(s => `${s}_seg`),
      ),
    )
    const same: Record<string, string[]> = { 'sub-01': ['a', 'b'], 'sub-02': ['c', 'a'], 'sub-03': ['a', 'b'] }
    assert.deepEqual(
      twins(rows, row => same[row.id]!),
      [
        ['sub-01', 'sub-02', 'sub-03'],
        ['sub-01', 'sub-03'],
      ],
    )
  })
})

describe('a split of images with several channels', () => {
  const stems = ['01', '02', '03', '04', '05'].flatMap(s => [`sub-${s}_T1w`, `sub-${s}_T2w`])
  const { rows } = index(
    files(
      stems,
      stems.map(s => `${s}_seg`),
    ),
  )
  const params: SplitParams = {
    ...{ split_method: 'participant_id', data_testing: { data_type: null, data_value: [] }, balance: null, random_seed: 6 },
    ...{ train_fraction: 0.6, test_fraction: 0.2, subject_selection: { n: [], metadata: [], value: [] }, allow_duplicates: false },
    ...{ training_validation: ['T1w', 'T2w'], testing: [], contrast_balance: {} },
  }
  const split = (change: Partial<SplitParams> = {}) => splitIndex(rows, { ...params, ...change }, () => undefined)

  test('takes those whose contrasts are all in the list', () => {
    const { train, validation, test: tested } = split()
    assert.deepEqual([...train, ...validation, ...tested].sort(), ['sub-01', 'sub-02', 'sub-03', 'sub-04', 'sub-05'])
    assert.throws(
      () => split({ testing: ['T2w'] }),
      (error: unknown) =>
        error instanceof FailureError && /nothing for the test part\n.*have the contrasts T2w\+T1w/s.test(say(error.failure)),
    )
  })

  test('knows them by the file names of all their channels, as ivadomed writes them', () => {
    const name = (s: string) => [`sub-${s}_T1w.nii.gz`, `sub-${s}_T2w.nii.gz`]
    const given = { train: [...name('01'), ...name('02')], valid: name('03'), test: name('04') }
    const warnings: string[] = []
    const parts = splitIndex(rows, params, line => warnings.push(line), { given })
    assert.deepEqual(parts, { train: ['sub-01', 'sub-02'], validation: ['sub-03'], test: ['sub-04'] })
    assert.deepEqual(warnings, ['not in any part, as fname_split does not name them: sub-05'])
  })
})

/** What ivadomed's BidsDataset makes of a list of subjects. */
interface Pairs {
  readonly subject_file_lst: readonly string[]
  readonly target_suffix: readonly (string | readonly string[])[]
  readonly contrast_lst: readonly string[]
  readonly multichannel: boolean
  readonly roi_suffix: string | null
  readonly balance: object
  readonly filename_pairs?: readonly { readonly input: readonly string[]; readonly gt: readonly (string | null | readonly string[])[] }[]
}

sharedTest('golden/loader/bids_dataset', "the images and labels of a sample are those of ivadomed's BidsDataset", () => {
  const dir = join(shared, 'golden/inputs/bids_mini')
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true }).filter(e => e.isFile())
  const listing = { name: 'mini', dir, files: entries.map(e => relative(dir, join(e.parentPath, e.name))).sort() }
  const { cases } = goldenCases('loader/bids_dataset') as { cases: Record<string, Pairs> }
  let compared = 0
  for (const [name, golden] of Object.entries(cases)) {
    const { multichannel, contrast_lst, filename_pairs } = golden
    if (!name.startsWith('mini') || golden.roi_suffix !== null || !filename_pairs || Object.keys(golden.balance).length > 0) continue
    const rows = indexDatasets(
      [listing],
      {
        ...{
          contrasts: contrast_lst,
          target_suffix: golden.target_suffix,
          extensions: ['.nii.gz'],
          target_sessions: [],
          bids_validate: true,
        },
        // ivadomed keeps the labels of the file that it meets last, whatever the order of the channels.
        ...(multichannel && { multichannel, label_contrast: [...contrast_lst].sort().at(-1) }),
      },
      () => undefined,
    )
    const known = new Set(golden.subject_file_lst)
    const base = (path: string) => path.slice(path.lastIndexOf('/') + 1)
    const ours = rows
      .map(row => ({ input: row.channels ?? [row.image], gt: row.labels }))
      .filter(({ input }) => input.every(path => known.has(base(path))))
    const raters = (gt: string | null | readonly string[]) => (gt === null ? [] : typeof gt === 'string' ? [gt] : gt)
    const sorted = (of: { readonly input: readonly string[]; readonly gt: readonly (readonly string[])[] }) => ({
      input: of.input.map(base),
      // Of several raters ivadomed's order is that of a Python set.
      gt: of.gt.map(files => files.map(base).sort()),
    })
    assert.deepEqual(
      ours.map(sorted),
      filename_pairs.map(({ input, gt }) => sorted({ input, gt: gt.map(raters) })),
      name,
    )
    compared++
  }
  assert.ok(compared >= 8, `${compared} cases`)
})
