import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { readBidsConfig } from '../../src/bids/config.ts'
import { indexCsv } from '../../src/bids/csv.ts'
import { indexDatasets, type DatasetListing, type IndexOptions, type IndexParams, targetNames } from '../../src/bids/image-index.ts'
import { parseName } from '../../src/bids/name.ts'
import { twins } from '../../src/bids/twins.ts'
import { goldenCases, shared, sharedTest } from '../golden.ts'
import { messageOf } from '../message-of.ts'

const root = mkdtempSync(join(tmpdir(), 'bids-'))
afterAll(() => rmSync(root, { recursive: true }))
let count = 0

/** A dataset of files by path: text, or an empty image. */
function dataset(files: Readonly<Record<string, string>>, name = 'made'): DatasetListing {
  const dir = join(root, String(count++))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
  return { name, dir, files: Object.keys(files).sort() }
}

/** Images of `subject` in T2w and T1w with one label each. */
const images = (...stems: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    stems.flatMap(stem => {
      const folder = `${stem.split('_')[0]}/anat`
      return [
        [`${folder}/${stem}.nii.gz`, ''],
        [`derivatives/labels/${folder}/${stem}_seg-manual.nii.gz`, ''],
      ]
    }),
  )

const seg: IndexParams = {
  contrasts: [],
  target_suffix: ['_seg-manual'],
  extensions: ['.nii', '.nii.gz'],
  target_sessions: [],
  bids_validate: true,
}

function index(datasets: readonly DatasetListing[], params: Partial<IndexParams> = {}, options: IndexOptions = {}) {
  const warnings: string[] = []
  const rows = indexDatasets(datasets, { ...seg, ...params }, line => warnings.push(line), options)
  return { rows, ids: rows.map(r => r.id), warnings }
}

describe('a BIDS name', () => {
  test('comes apart into entities, suffix and extension', () => {
    assert.deepEqual(parseName('sub-rat3_ses-02_sample-data11_run-1_SEM.ome.tif'), {
      entities: { sub: 'rat3', ses: '02', sample: 'data11', run: '1' },
      suffix: 'SEM',
      extension: '.ome.tif',
      stem: 'sub-rat3_ses-02_sample-data11_run-1_SEM',
    })
    assert.deepEqual(parseName('T1w.json')?.entities, {})
  })

  test('has known entities, each once, and ends with a suffix', () => {
    for (const name of [
      'sub-01_T1w_seg-manual.nii',
      'sub-01_foo-1_T1w.nii',
      'sub-01_sub-02_T1w.nii',
      'sub-_T1w.nii',
      'sub-01.nii',
      'a b.nii',
    ])
      assert.equal(parseName(name), undefined, name)
  })
})

describe('the index', () => {
  test('gives every image its exact label: sub-1 never takes the label of sub-10', () => {
    const files = images('sub-10_T2w', 'sub-1_T2w')
    delete files['derivatives/labels/sub-1/anat/sub-1_T2w_seg-manual.nii.gz']
    const { rows, warnings } = index([dataset({ ...files, 'sub-1/anat/sub-1_acq-b_T2w.nii.gz': '' })])
    assert.deepEqual(
      rows.map(r => [r.id, r.labels]),
      [['sub-10_T2w', [['derivatives/labels/sub-10/anat/sub-10_T2w_seg-manual.nii.gz']]]],
    )
    assert.deepEqual(warnings.slice(0, 2), [
      'sub-1/anat/sub-1_T2w.nii.gz is not used, as its label sub-1_T2w_seg-manual.nii.gz is not below derivatives/',
      'sub-1/anat/sub-1_acq-b_T2w.nii.gz is not used, as its label sub-1_acq-b_T2w_seg-manual.nii.gz is not below derivatives/',
    ])
  })

  test('does not take one suffix for another that ends alike', () => {
    const both = dataset({ ...images('sub-1_T2w'), 'derivatives/labels/sub-1/anat/sub-1_T2w_csf_seg-manual.nii.gz': '' })
    assert.deepEqual(index([both]).rows[0]!.labels, [['derivatives/labels/sub-1/anat/sub-1_T2w_seg-manual.nii.gz']])
    const contrasts = dataset(images('sub-1_T2w', 'sub-1_T2'))
    assert.deepEqual(index([contrasts], { contrasts: ['T2'] }).ids, ['sub-1_T2'])
  })

  test('keeps an image that lacks one of its classes, and says which', () => {
    const made = dataset({ ...images('sub-1_T1w', 'sub-2_T1w'), 'derivatives/labels/sub-1/anat/sub-1_T1w_lesion.nii.gz': '' })
    const { rows, warnings } = index([made], { target_suffix: ['_seg-manual', 'lesion'] })
    assert.deepEqual(
      rows.map(r => r.labels.map(files => files.length)),
      [
        [1, 1],
        [1, 0],
      ],
    )
    assert.equal(warnings[0], 'sub-2/anat/sub-2_T1w.nii.gz is used, though its label sub-2_T1w_lesion.nii.gz is not below derivatives/')
  })

  test('lists the files of several raters of one class', () => {
    const made = dataset({ ...images('sub-1_T1w'), 'derivatives/labels/sub-1/anat/sub-1_T1w_seg-b.nii.gz': '' })
    const params = { target_suffix: [['_seg-manual', '_seg-b', '_seg-c']] }
    assert.deepEqual(
      index([made], params).rows[0]!.labels[0]!.map(f => f.slice(f.lastIndexOf('/') + 1)),
      ['sub-1_T1w_seg-manual.nii.gz', 'sub-1_T1w_seg-b.nii.gz'],
    )
    assert.deepEqual(targetNames({ ...seg, ...params }), ['_seg-manual'])
  })

  test('needs no label where none is asked for', () => {
    const { rows } = index([dataset({ 'sub-1/anat/sub-1_T1w.nii': '' })], { target_suffix: [] })
    assert.deepEqual(rows[0]!.labels, [])
  })

  test('uses only images that have the region of interest that is asked for', () => {
    const made = dataset({ ...images('sub-1_T1w', 'sub-2_T1w'), 'derivatives/labels/sub-1/anat/sub-1_T1w_roi.nii.gz': '' })
    const { rows, warnings } = index([made], { roi_suffix: '_roi' })
    assert.deepEqual(
      rows.map(r => r.roi),
      ['derivatives/labels/sub-1/anat/sub-1_T1w_roi.nii.gz'],
    )
    assert.match(warnings[0]!, /sub-2_T1w.nii.gz is not used, as its region of interest sub-2_T1w_roi.nii.gz is not/)
  })

  test('joins the tables and the sidecars, the nearer over the farther', () => {
    const made = dataset({
      'sub-1/ses-b/anat/sub-1_ses-b_acq-x_T1w.nii.gz': '',
      'T1w.json': '{ "FlipAngle": 9, "EchoTime": 1, "Nested": [1, 2] }',
      'acq-x_T1w.json': '{ "FlipAngle": 10 }',
      'acq-y_T1w.json': '{ "FlipAngle": 99 }',
      'sub-1/ses-b/anat/sub-1_ses-b_acq-x_T1w.json': '{ "EchoTime": 2, "Note": "n/a" }',
      'T2w.json': '{ "FlipAngle": 180 }',
      'participants.tsv': '\uFEFFparticipant_id\tage\tcode\r\nsub-1\t30\t007\r\n',
      'sub-1/sub-1_sessions.tsv': 'session_id\tweight\nses-a\t60\nses-b\tn/a\n',
      'sub-1/ses-b/sub-1_ses-b_scans.tsv': 'filename\tacq_time\nanat/sub-1_ses-b_acq-x_T1w.nii.gz\t12:00\n',
    })
    const [row] = index([made], { target_suffix: [] }).rows
    assert.deepEqual(row, {
      id: 'sub-1_ses-b_acq-x_T1w',
      dataset: 0,
      subject: 'sub-1',
      session: 'ses-b',
      contrast: 'T1w',
      entities: { sub: '1', ses: 'b', acq: 'x' },
      image: 'sub-1/ses-b/anat/sub-1_ses-b_acq-x_T1w.nii.gz',
      labels: [],
      metadata: {
        participant_id: 'sub-1',
        age: 30,
        code: '007',
        session_id: 'ses-b',
        weight: null,
        acq_time: '12:00',
        FlipAngle: 10,
        EchoTime: 2,
        Nested: '[1,2]',
        Note: null,
      },
    })
  })

  test('compares the folders with participants.tsv, both ways', () => {
    const made = dataset({ ...images('sub-1_T1w', 'sub-2_T1w'), 'participants.tsv': 'participant_id\nsub-1\nsub-1\nsub-3\n' })
    assert.deepEqual(index([made]).warnings, [
      'participants.tsv has several rows for sub-1: the first one counts',
      'not in participants.tsv, though there is a folder: sub-2',
      'in participants.tsv, and no folder holds an image: sub-3',
    ])
  })

  test('takes no label from the folder of another subject, and no image with a name that is not of BIDS', () => {
    const made = dataset({
      ...images('sub-1_T1w', 'sub-2_T1w'),
      'derivatives/labels/sub-2/anat/sub-1_T1w_seg-manual.nii.gz': '',
      'sub-2/anat/sub-1_T1w.nii.gz': '',
      'sub-1/anat/sub-1_T1w_copy 2.nii.gz': '',
    })
    const { ids, warnings } = index([made])
    assert.deepEqual(ids, ['sub-1_T1w', 'sub-2_T1w'])
    assert.deepEqual(warnings.slice(0, 3), [
      'derivatives/labels/sub-2/anat/sub-1_T1w_seg-manual.nii.gz lies in the folder of sub-2 and is named for another subject: it is not used',
      'sub-1/anat/sub-1_T1w_copy 2.nii.gz is not used, as its name is not one of BIDS, or not of its subject',
      'sub-2/anat/sub-1_T1w.nii.gz is not used, as its name is not one of BIDS, or not of its subject',
    ])
  })

  test('of several datasets prefixes only the ids that would collide', () => {
    const { rows } = index([dataset(images('sub-1_T1w'), 'a'), dataset(images('sub-1_T1w', 'sub-2_T1w'), 'b')])
    assert.deepEqual(
      rows.map(r => [r.id, r.dataset]),
      [
        ['ds1_sub-1_T1w', 1],
        ['sub-1_T1w', 0],
        ['sub-2_T1w', 1],
      ],
    )
  })

  test('does not depend on the order of the listing', () => {
    const made = dataset(images('sub-1_T1w', 'sub-2_T1w', 'sub-10_T2w'))
    assert.deepEqual(index([made]).rows, index([{ ...made, files: [...made.files].reverse() }]).rows)
  })

  test('tells sessions and runs apart, each with its own label and sidecar', () => {
    const stems = ['sub-1_ses-a_run-1_T1w', 'sub-1_ses-a_run-2_T1w', 'sub-1_ses-b_run-1_T1w', 'sub-1_ses-a_T1w']
    const folder = (stem: string) => `sub-1/${stem.split('_')[1]}/anat`
    const files = stems.flatMap((stem, i) => [
      [`${folder(stem)}/${stem}.nii.gz`, ''],
      [`${folder(stem)}/${stem}.json`, `{ "EchoTime": ${i} }`],
      [`derivatives/labels/${folder(stem)}/${stem}_seg-manual.nii.gz`, ''],
    ])
    const made = dataset(Object.fromEntries(files) as Record<string, string>)
    const { rows } = index([made])
    assert.deepEqual(
      rows.map(r => r.id),
      [...stems].sort(),
    )
    for (const [i, stem] of stems.entries()) {
      const row = rows.find(r => r.id === stem)!
      assert.deepEqual(row.labels, [[`derivatives/labels/${folder(stem)}/${stem}_seg-manual.nii.gz`]])
      assert.equal(row.metadata.EchoTime, i)
      assert.equal(row.session, stem.split('_')[1])
      assert.equal(row.entities.run, /run-(\d)/.exec(stem)?.[1])
    }
    assert.deepEqual(index([made], { target_sessions: ['b'] }).ids, [stems[2]])
    assert.deepEqual(index([made], { target_sessions: ['ses-a', 'ses-b'] }).ids.length, 4)
    assert.match(
      messageOf(() => index([made], { target_sessions: ['c'] })),
      /asked for: sessions: c/,
    )
  })

  test('takes names that BIDS does not know only where it need not validate', () => {
    const labels = 'derivatives/labels'
    const made = dataset({
      ...images('sub-1_T1w'),
      'sub-1/anat/sub-1_T2w copy_T2w.nii.gz': '',
      'sub-1/anat/sub-1_T2w copy_T2w.json': '{ "EchoTime": 3 }',
      [`${labels}/sub-1/anat/sub-1_T2w copy_T2w_seg-manual.nii.gz`]: '',
      'sub-1/ses-b/scan_v1.2_axial.nii': '',
      [`${labels}/sub-1/ses-b/scan_v1.2_axial_seg-manual.nii`]: '',
      'sub-2/anat/scan_axial.nii.gz': '',
      [`${labels}/sub-2/anat/scan_axial_seg-manual.nii.gz`]: '',
      'sub-2/anat/sub-1_T1w.nii.gz': '',
      'sub-2/anat/notes.txt': '',
      [`${labels}/sub-3/anat/scan_axial_seg-manual.nii.gz`]: '',
      'sub-4/anat/scan_axial.nii.gz': '',
    })
    const strict = index([made])
    assert.deepEqual(strict.ids, ['sub-1_T1w'])
    assert.equal(strict.warnings.filter(w => w.endsWith('its name is not one of BIDS, or not of its subject')).length, 5)
    const { rows, warnings } = index([made], { bids_validate: false })
    assert.deepEqual(
      rows.map(r => [r.id, r.subject, r.session, r.contrast, r.labels[0]!.length]),
      [
        ['sub-1_T1w', 'sub-1', undefined, 'T1w', 1],
        ['sub-1_T2w-copy_T2w', 'sub-1', undefined, 'T2w', 1],
        ['sub-1_ses-b_scan_v1.2_axial', 'sub-1', 'ses-b', 'axial', 1],
        ['sub-2_scan_axial', 'sub-2', undefined, 'axial', 1],
      ],
    )
    assert.equal(rows[1]!.metadata.EchoTime, 3)
    // Misfiled is not misnamed; and the label of one subject is not that of another.
    assert.deepEqual(warnings.slice(0, 2), [
      'sub-2/anat/sub-1_T1w.nii.gz is not used, as its name is not one of BIDS, or not of its subject',
      'sub-4/anat/scan_axial.nii.gz is not used, as its label scan_axial_seg-manual.nii.gz is not below derivatives/',
    ])
  })

  test('finds entities by the patterns of a pybids configuration', () => {
    const path = join(root, 'config.json')
    const entities = [
      { name: 'subject', pattern: '[/\\\\]+sub-([a-zA-Z0-9+]+)' },
      { name: 'acquisition', pattern: '[_/\\\\]+acq-([a-zA-Z0-9+]+)' },
      { name: 'stain', pattern: '[_/]dye(?P<dye>[a-z]+)' },
      { name: 'suffix', pattern: '[._]*([a-zA-Z0-9]*?)\\.[^/\\\\]+$' },
    ]
    writeFileSync(path, JSON.stringify({ name: 'ours', entities, default_path_patterns: [] }))
    const made = dataset({ 'sub-1/micr/sub-1_acq-x_dyeblue_SEM.nii': '' })
    const { rows } = index([made], { target_suffix: [] }, { config: readBidsConfig(path) })
    assert.deepEqual(
      rows.map(r => [r.id, r.contrast, JSON.stringify(r.entities)]),
      [['sub-1_acq-x_dyeblue_SEM', 'SEM', '{"sub":"1","acq":"x","stain":"blue"}']],
    )
    for (const [text, says] of [
      ['{', /bids_config names cannot be used: .*config.json\n.*JSON/],
      ['{ "entities": 3 }', /entities: .*array/],
      ['{ "entities": [{ "name": "a", "pattern": "(" }] }', /"\(": Invalid regular expression/],
    ] as const) {
      writeFileSync(path, text)
      assert.match(
        messageOf(() => readBidsConfig(path)),
        says,
      )
    }
    assert.match(
      messageOf(() => readBidsConfig(join(root, 'none.json'))),
      /the file of bids_config does not exist/,
    )
  })

  test('tells every image that it leaves out where all are asked for', () => {
    const made = dataset(Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`sub-${i}/anat/sub-${i}_T1w.nii`, ''])))
    const labelled = dataset(images('sub-99_T1w'))
    const told = (options: IndexOptions) => index([made, labelled], {}, options).warnings.filter(w => w.includes('_T1w.nii is not used'))
    assert.equal(told({}).length, 10)
    assert.equal(told({ told: Infinity }).length, 15)
  })

  test('of no image at all fails with what is there', () => {
    const made = dataset(images('sub-1_T1w', 'sub-2_T1w', 'sub-1_T2w'))
    const wrongContrast = messageOf(() => index([made], { contrasts: ['T2star'] }))
    assert.match(wrongContrast, /asked for: contrasts: T2star; extensions: .nii, .nii.gz/)
    assert.match(wrongContrast, /there are: images: T1w.nii.gz \(2\), T2w.nii.gz \(1\)/)
    assert.match(
      messageOf(() => index([made], { target_suffix: ['_lesion'] })),
      /there are: labels: _seg-manual \(3\)/,
    )
    const deep = { ...made, files: made.files.map(f => `data/${f}`) }
    assert.match(
      messageOf(() => index([deep])),
      /the subjects lie in the folder data, one too deep/,
    )
    assert.match(
      messageOf(() => index([dataset({ README: '' })])),
      /there are: images: none/,
    )
  })

  test('of broken tables and sidecars fails with the file and the line', () => {
    const image = { 'sub-1/anat/sub-1_T1w.nii.gz': '' }
    const none = { target_suffix: [] }
    assert.match(
      messageOf(() => index([dataset({ ...image, 'sub-1/anat/sub-1_T1w.json': '{\n  "a": 1\n  "b": 2\n}' })], none)),
      /sub-1_T1w.json, line 3/,
    )
    assert.match(
      messageOf(() => index([dataset({ ...image, 'T1w.json': '[1]' })], none)),
      /T1w.json, line 1\n.*one object/,
    )
    assert.match(
      messageOf(() => index([dataset({ ...image, 'participants.tsv': 'participant_id\tage\nsub-1\t3\nsub-2\n' })], none)),
      /participants.tsv, line 3\n.*the row has 1 cells, and the header 2/,
    )
    assert.match(
      messageOf(() => index([dataset({ ...image, 'participants.tsv': 'id\tage\nsub-1\t3\n' })], none)),
      /participants.tsv, line 1\n.*no column "participant_id": it has id, age/,
    )
  })

  test('of 18,000 files takes less than two seconds', () => {
    const stems = Array.from({ length: 4500 }, (_, i) => `sub-${i}_T1w`)
    const files = stems.flatMap(stem => {
      const folder = `${stem.split('_')[0]}/anat`
      const labels = `derivatives/labels/${folder}/${stem}`
      return [`${folder}/${stem}.nii.gz`, `${folder}/${stem}_extra-1.txt`, `${labels}_seg-manual.nii.gz`, `${labels}_seg-manual.json`]
    })
    const start = performance.now()
    assert.equal(index([{ name: 'large', dir: root, files: files.sort() }]).rows.length, 4500)
    assert.ok(performance.now() - start < 2000)
  })

  test('is written as a table with quotes where they are needed', () => {
    const made = dataset({ ...images('sub-1_T1w'), 'sub-1/anat/sub-1_T1w.json': '{ "b": "one, \\"two\\"", "a": 1.5 }' })
    const { rows } = index([made])
    assert.equal(
      indexCsv(rows, ['_seg-manual']),
      'id,dataset,subject,session,contrast,image,label_seg-manual,roi,a,b\n' +
        'sub-1_T1w,0,sub-1,,T1w,sub-1/anat/sub-1_T1w.nii.gz,derivatives/labels/sub-1/anat/sub-1_T1w_seg-manual.nii.gz,,1.5,"one, ""two"""\n',
    )
  })
})

test('images of equal content come in groups, in the order of their ids', () => {
  const { rows } = index([dataset(images('sub-3_T1w', 'sub-1_T1w', 'sub-2_T1w', 'sub-4_T1w', 'sub-5_T1w'))])
  const digests: Record<string, string> = { 'sub-1': 'b', 'sub-3': 'b', 'sub-2': 'a', 'sub-5': 'a' }
  assert.deepEqual(
    twins(rows, row => [digests[row.subject] ?? row.id]),
    [
      ['sub-1_T1w', 'sub-3_T1w'],
      ['sub-2_T1w', 'sub-5_T1w'],
    ],
  )
})

/** A folder of the reference data as a listing. */
function sharedDataset(path: string): DatasetListing {
  const dir = join(shared, path)
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true })
  return {
    name: path,
    dir,
    files: entries
      .filter(e => e.isFile())
      .map(e => relative(dir, join(e.parentPath, e.name)))
      .sort(),
  }
}

interface GoldenConfig {
  readonly loader_parameters: {
    readonly target_suffix: readonly string[]
    readonly roi_params: { readonly suffix: string | null }
    readonly contrast_params: { readonly contrast_lst: readonly string[] }
  }
  readonly subject_fnames: readonly string[]
  readonly derivatives_of: Readonly<Record<string, readonly string[]>>
}

function sameAsIvadomed(data: string, name: string): readonly string[] {
  const golden = (goldenCases('loader/bids_dataframe') as { configs: Record<string, GoldenConfig> }).configs[name]!
  const { target_suffix, roi_params, contrast_params } = golden.loader_parameters
  const { rows, warnings } = index([sharedDataset(data)], {
    contrasts: contrast_params.contrast_lst,
    target_suffix,
    ...(roi_params.suffix === null ? {} : { roi_suffix: roi_params.suffix }),
  })
  const base = (path: string) => path.slice(path.lastIndexOf('/') + 1)
  assert.deepEqual(
    rows.map(r => base(r.image)),
    [...golden.subject_fnames].sort(),
  )
  for (const row of rows)
    assert.deepEqual([...row.labels.flat(), ...(row.roi ? [row.roi] : [])].map(base).sort(), golden.derivatives_of[base(row.image)], row.id)
  return warnings
}

sharedTest('golden/inputs/bids_mini', 'the small dataset has the rows and labels that ivadomed finds', () => {
  const warnings = sameAsIvadomed('golden/inputs/bids_mini', 'bids_mini')
  assert.deepEqual(warnings, [
    'sub-03/anat/sub-03_T2w.nii.gz is used, though its label sub-03_T2w_lesion-manual.nii.gz is not below derivatives/',
  ])
})

sharedTest('data/functional_testing', 'the dataset with a misnamed label has the rows that ivadomed finds, and a warning', () => {
  for (const name of ['functional_testing_lesion', 'functional_testing_seg_roi']) {
    const warnings = sameAsIvadomed('data/functional_testing', name)
    assert.ok(warnings.some(w => w.includes('sub-unf02/anat/sub-unf01_T1w_seg-manual.nii.gz lies in the folder of sub-unf02')))
  }
})

sharedTest('golden/inputs/bids_mini', "sidecars and participants have ivadomed's values", () => {
  const [row] = index([sharedDataset('golden/inputs/bids_mini')]).rows
  const lines = readFileSync(join(shared, 'golden/loader/bids_dataframe/bids_mini.csv'), 'utf8').split('\n')
  const [header, line] = [lines[0]!.split(','), lines.find(l => l.includes('/sub-01_T1w.nii.gz'))!.split(',')]
  for (const name of ['EchoTime', 'FlipAngle', 'RepetitionTime', 'age'])
    assert.equal(row!.metadata[name], Number(line[header.indexOf(name)]), name)
  for (const name of ['Manufacturer', 'institution_id', 'pathology', 'sex', 'participant_id'])
    assert.equal(row!.metadata[name], line[header.indexOf(name)], name)
})
