import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { z } from 'zod'
import { slices as slicesKind, type index as indexKind } from '../../nodes/artifacts.ts'
import slice from '../../nodes/slice.ts'
import type { Artifact, Digest } from '../../src/artifact.ts'
import { describe as told, FailureError } from '../../src/failure.ts'
import { writeNifti } from '../../src/image/nifti-write.ts'
import type { Work } from '../../src/node.ts'
import { readNpy } from '../../src/npy.ts'
import { meanClassifier } from '../net/classifier-model.ts'
import { goldenArray, goldenCases, shared, sharedTest, type Descriptor } from '../golden.ts'

type Row = z.infer<typeof indexKind.schema>['images'][number]

const root = mkdtempSync(join(tmpdir(), 'slice-'))
const data = join(root, 'data')
beforeAll(() => mkdirSync(data))
afterAll(() => rmSync(root, { recursive: true }))

/** 1 x 2 x 3 mm, RAS. */
const affine = [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1]
const shape = [2, 3, 4]
const put = (name: string, voxels: readonly number[], other: { shape?: readonly number[]; affine?: readonly number[] } = {}) =>
  writeNifti(join(data, name), {
    shape,
    affine,
    dtype: 'float32',
    qformCode: 0,
    sformCode: 1,
    xyztUnits: 2,
    data: Float32Array.from(voxels),
    ...other,
  })
const count = (f: (at: number) => number, n = 24): number[] => Array.from({ length: n }, (_, at) => f(at))
/** Its first axial slice is constant. */
const ramp = count(at => (at < 6 ? 9 : at))

const row = (image: string, labels: string[][]): Row => ({
  id: 'sub-01_T1w',
  dataset: 0,
  subject: 'sub-01',
  contrast: 'T1w',
  entities: {},
  image,
  labels,
  metadata: {},
})

const artifactOf = <T>(kind: string, value: T, dir: string, files: string[]): Artifact<T> => ({
  kind,
  digest: kind as Digest,
  dir,
  value,
  files: [...new Set(files)].sort().map(path => ({ path, size: 0, digest: `of ${path}` as Digest })),
})

/** Runs the node as the engine does: elements, each of them, then the document. */
async function run(rows: readonly Row[], settings: object = {}, folder = data, targets = ['_seg']) {
  const out = mkdtempSync(join(root, 'out-'))
  const lines: string[] = []
  const work: Work = {
    dir: out,
    scratch: out,
    seed: 0,
    compute: { engine: 'onnx', device: 'cpu' },
    threads: 1,
    signal: new AbortController().signal,
    progress: () => undefined,
    log: (line, level = 'info') => lines.push(`${level}: ${line}`),
  }
  const params = slice.params.parse(settings)
  const named = rows.flatMap(r => [r.image, ...r.labels.flat()]).filter(path => existsSync(join(folder, path)))
  const inputs = {
    index: artifactOf('index', { targets, images: [...rows] }, root, []),
    datasets: [artifactOf('dataset', { name: 'data' }, folder, named)],
  }
  const elements = slice.each.elements({ params, inputs })
  const results = new Map<string, Awaited<ReturnType<typeof slice.each.run>>>()
  for (const element of elements) results.set(element.id, await slice.each.run({ ...work, ...element, inputs: {} }))
  const document = slicesKind.schema.parse(await slice.each.collect({ ...work, params, inputs, results }))
  return { document, elements, lines, read: (file: string) => readNpy(join(out, file)) }
}

/** The whole text of the failure, with folders left out. */
async function refusal(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
  } catch (error) {
    assert.ok(error instanceof FailureError, String(error))
    return told(error.failure).replaceAll(`${data}/`, '')
  }
  assert.fail('nothing failed')
}

describe('slices', () => {
  test('an image and its label become arrays of slices, and what is needed to go back', async () => {
    await put('image.nii.gz', ramp)
    await put(
      'seg.nii.gz',
      count(at => Number(at === 13)),
    )
    const { document, lines, read } = await run([row('image.nii.gz', [['seg.nii.gz']])])
    assert.deepEqual(document, {
      axis: 'axial',
      targets: ['_seg'],
      channels: 1,
      images: {
        'sub-01_T1w': {
          shape: [2, 3, 4],
          spacing: [1, 2, 3],
          slices: [1, 2, 3],
          image: 'sub-01_T1w_image.npy',
          label: 'sub-01_T1w_label.npy',
          native: { shape, affine, qformCode: 0, sformCode: 1, xyztUnits: 2 },
        },
      },
    })
    const image = await read('sub-01_T1w_image.npy')
    assert.deepEqual(image.shape, [3, 1, 2, 3])
    assert.deepEqual([...image.data], [6, 8, 10, 7, 9, 11, 12, 14, 16, 13, 15, 17, 18, 20, 22, 19, 21, 23])
    const label = await read('sub-01_T1w_label.npy')
    assert.deepEqual(label.shape, [3, 1, 2, 3])
    assert.deepEqual(
      [...label.data],
      count(at => Number(at === 9), 18),
    )
    assert.deepEqual(lines, ['info: 3 axial slices of 1 images'])
  })

  test('filters drop slices, and the rows of those kept stay together', async () => {
    await put('image.nii.gz', ramp)
    await put(
      'seg.nii.gz',
      count(at => Number(at === 8 || at === 23)),
    )
    const cut = async (settings: object) => {
      const { document, read } = await run([row('image.nii.gz', [['seg.nii.gz']])], settings)
      return [document.images['sub-01_T1w']!.slices, [...(await read('sub-01_T1w_label.npy')).data]]
    }
    assert.deepEqual(await cut({ filter_empty_mask: true }), [
      [1, 3],
      [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    ])
    assert.deepEqual((await cut({ filter_empty_input: false }))[0], [0, 1, 2, 3])
  })

  test('the axis is that of the body, whatever way the image is stored', async () => {
    // Stored: i down, j to the right, k backwards.
    await put('image.nii.gz', ramp, { affine: [0, 2, 0, 0, 0, 0, -3, 0, -1, 0, 0, 0, 0, 0, 0, 1] })
    const { document, read } = await run([row('image.nii.gz', [[]])], { slice_axis: 'coronal', filter_empty_input: false })
    const { shape: hwd, spacing } = document.images['sub-01_T1w']!
    assert.deepEqual(
      [hwd, spacing],
      [
        [2, 3, 4],
        [1, 2, 3],
      ],
    )
    // The first coronal slice is the last of the file; its first row the feet, which is i = 1.
    assert.deepEqual([...(await read('sub-01_T1w_image.npy')).data.slice(0, 6)], [19, 21, 23, 18, 20, 22])
  })

  test('a class that nobody drew is 0; without any label there is none', async () => {
    await put('image.nii.gz', ramp)
    await put(
      'lesion.nii.gz',
      count(() => 1),
    )
    const two = await run([row('image.nii.gz', [[], ['lesion.nii.gz']])], {}, data, ['_seg', '_lesion'])
    const label = await two.read('sub-01_T1w_label.npy')
    assert.deepEqual(
      [label.shape, [...label.data.slice(0, 12)]],
      [
        [3, 2, 2, 3],
        [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1],
      ],
    )
    assert.equal(
      (await run([row('image.nii.gz', [[], []])], {}, data, ['_seg', '_lesion'])).document.images['sub-01_T1w']!.label,
      undefined,
    )
  })

  test('the labels of all raters are kept, class after class, and one plane of zeros for a class that nobody drew', async () => {
    await put('image.nii.gz', ramp)
    const alone = (place: number) => count(at => Number(at === place))
    for (const [name, place] of [
      ['a', 8],
      ['b', 23],
      ['c', 12],
    ] as const)
      await put(`${name}.nii.gz`, alone(place))
    const rows = [row('image.nii.gz', [['a.nii.gz', 'b.nii.gz'], [], ['c.nii.gz']])]
    const cut = (settings: object) => run(rows, settings, data, ['_seg', '_none', '_lesion'])
    const { document, lines, read } = await cut({})
    assert.deepEqual(document.images['sub-01_T1w']!.raters, [2, 0, 1])
    const label = await read('sub-01_T1w_label.npy')
    assert.deepEqual(label.shape, [3, 4, 2, 3])
    // Where each plane of each slice is 1; plane 2 is the class that nobody drew.
    const places = [...label.data].flatMap((v, at) => (v === 1 ? [[Math.floor(at / 24), Math.floor(at / 6) % 4]] : []))
    assert.deepEqual(places, [
      [0, 0],
      [1, 3],
      [2, 1],
    ])
    assert.match(lines.at(-1)!, /^info: labels of up to 2 raters are kept/)
    // A class is there where one of its raters drew it: of slices 1, 2 and 3 the first and the last have the first class.
    const seg = await run([row('image.nii.gz', [['a.nii.gz', 'b.nii.gz']])], { filter_empty_mask: true })
    assert.deepEqual(seg.document.images['sub-01_T1w']!.slices, [1, 3])
    const both = await run(
      [row('image.nii.gz', [['a.nii.gz', 'b.nii.gz'], ['c.nii.gz']])],
      { filter_absent_class: true, filter_empty_input: false },
      data,
      ['_seg', '_lesion'],
    ).catch((e: unknown) => e)
    assert.ok(both instanceof FailureError && both.failure.kind === 'no-slices')
  })

  test('labels of whole numbers are stored as bytes, soft ones as float32', async () => {
    await put('image.nii.gz', ramp)
    await put(
      'seg.nii.gz',
      count(at => Number(at === 13)),
    )
    await put(
      'soft.nii.gz',
      count(at => at / 24),
    )
    const typeOf = async (label: string) =>
      (await (await run([row('image.nii.gz', [[label]])])).read('sub-01_T1w_label.npy')).data.constructor.name
    assert.deepEqual([await typeOf('seg.nii.gz'), await typeOf('soft.nii.gz')], ['Uint8Array', 'Float32Array'])
  })

  test('a classifier decides which slices stay, after the other filters', async () => {
    // Means of the four slices: 9, 8.5, 14.5, 20.5; the first is constant.
    await put('image.nii.gz', ramp)
    const [model, other] = [join(root, 'model.onnx'), join(root, 'other.onnx')]
    writeFileSync(model, meanClassifier(10))
    writeFileSync(other, meanClassifier(20))
    const cut = (settings: object) => run([row('image.nii.gz', [[]])], { filter_classification: true, classifier_path: model, ...settings })
    assert.deepEqual((await cut({})).document.images['sub-01_T1w']!.slices, [2, 3])
    const strict = await cut({ classifier_path: other })
    assert.deepEqual(strict.document.images['sub-01_T1w']!.slices, [3])
    assert.deepEqual((await cut({ filter_classification: false })).document.images['sub-01_T1w']!.slices, [1, 2, 3])
    writeFileSync(model, meanClassifier(100))
    assert.match(await refusal(() => cut({})), /^no slice is left of 1 images\n.*filter_empty_input is on\n.*filter_classification is on/)

    // The model counts by its content; where it lies does not, and without the filter nothing does.
    const params = (settings: object) => slice.params.parse({ classifier_path: model, ...settings })
    assert.deepEqual(slice.reads!(params({ filter_classification: true })), [model])
    assert.deepEqual(slice.reads!(params({})), [])
    assert.deepEqual(slice.meaning!(params({})), slice.meaning!(slice.params.parse({})))
    assert.ok(!JSON.stringify(slice.meaning!(params({ filter_classification: true }))).includes(root))
    assert.ok(!JSON.stringify(strict.elements[0]!.value).includes(root))
    assert.match(JSON.stringify(strict.elements[0]!.value), /onnxruntime-node [\d.]+ on cpu/)
    const digest = createHash('sha256').update(meanClassifier(20)).digest('hex')
    assert.deepEqual(strict.elements[0]!.files['classifier'], { path: other, digest })
  })

  test('a classifier has to be given, and as .onnx', () => {
    const said = (settings: object) => slice.params.safeParse(settings).error?.issues.map(i => i.message)
    assert.deepEqual(said({ filter_classification: true }), ['filter_classification needs the model that classifies'])
    assert.match(
      String(said({ filter_classification: true, classifier_path: 'model.pt' })),
      /^a .pt file holds code of Python, and is not read/,
    )
  })

  test('an element depends on no path and no other image', async () => {
    await put('image.nii.gz', ramp)
    const { elements } = await run([row('image.nii.gz', [[]])])
    assert.ok(!JSON.stringify(elements[0]!.value).includes('/'))
    assert.deepEqual(elements[0]!.files, { image: { path: join(data, 'image.nii.gz'), digest: 'of image.nii.gz' }, labels: [] })
  })
})

describe('bad input', () => {
  test('a label of another shape', async () => {
    await put('image.nii.gz', ramp)
    await put('seg.nii.gz', ramp, { shape: [2, 4, 3] })
    assert.equal(
      await refusal(() => run([row('image.nii.gz', [['seg.nii.gz']])])),
      [
        'a label does not have the shape of its image',
        '    image 2 x 3 x 4 (RAS): image.nii.gz',
        '    label 2 x 4 x 3 (RAS): seg.nii.gz',
        '  draw or resample the label on the grid of the image',
      ].join('\n'),
    )
  })

  test('a label elsewhere in space is used, with a warning; rounding is none', async () => {
    await put('image.nii.gz', ramp)
    const moved = (by: number) => affine.map((v, at) => (at === 3 ? v + by : v))
    await put('seg.nii.gz', ramp, { affine: moved(2) })
    const { lines } = await run([row('image.nii.gz', [['seg.nii.gz']])])
    assert.match(lines[0]!, /^warn: the label lies up to 2.00 mm from its image.*seg.nii.gz$/)
    await put('seg.nii.gz', ramp, { affine: moved(1e-4) })
    assert.deepEqual((await run([row('image.nii.gz', [['seg.nii.gz']])])).lines, ['info: 3 axial slices of 1 images'])
  })

  test('a label stored in another orientation on the same grid fits', async () => {
    await put('image.nii.gz', ramp)
    const mirrored = count(at => ramp[at ^ 1]!)
    await put('seg.nii.gz', mirrored, { affine: affine.map((v, at) => (at === 0 ? -1 : at === 3 ? 1 : v)) })
    const { lines, read } = await run([row('image.nii.gz', [['seg.nii.gz']])])
    assert.deepEqual([...(await read('sub-01_T1w_label.npy')).data], [...(await read('sub-01_T1w_image.npy')).data])
    assert.equal(lines.length, 1)
  })

  test('NaN and infinite voxels', async () => {
    await put(
      'image.nii.gz',
      count(at => (at < 3 ? NaN : at === 9 ? Infinity : at)),
    )
    assert.equal(
      await refusal(() => run([row('image.nii.gz', [[]])])),
      '4 of the 24 voxels are NaN or infinite: image.nii.gz\n  replace them, by 0 for instance, or leave the image out',
    )
  })

  test('a constant image beside a good one is warned of', async () => {
    await put('image.nii.gz', ramp)
    await put(
      'flat.nii.gz',
      count(() => 5),
    )
    const { document, lines, read } = await run([{ ...row('flat.nii.gz', [[]]), id: 'sub-00_T1w' }, row('image.nii.gz', [[]])])
    assert.deepEqual(document.images['sub-00_T1w']!.slices, [])
    assert.deepEqual((await read('sub-00_T1w_image.npy')).shape, [0, 1, 2, 3])
    assert.deepEqual(lines, ['warn: none of the 4 axial slices is left: are they constant?', 'info: 3 axial slices of 2 images'])
  })

  test('no slice left at all', async () => {
    await put(
      'flat.nii.gz',
      count(() => 5),
    )
    assert.equal(
      await refusal(() => run([row('flat.nii.gz', [[]])])),
      'no slice is left of 1 images\n    filter_empty_input is on\n  turn a filter off, or look whether the images are constant and the labels empty',
    )
  })

  test('a dataset that is not the one of the index', async () => {
    assert.match(
      await refusal(() => run([row('other.nii.gz', [[]])])),
      /^the index names a file of image sub-01_T1w that its dataset does not have: other.nii.gz\n {4}it belongs to dataset 1 of the index, and this step was given 1/,
    )
  })
})

/** One subject cut along one axis by ivadomed: two contrasts, two classes. */
interface Pair {
  readonly name: string
  readonly input_filenames: string[]
  readonly gt_filenames: string[]
  readonly slice_axis: number
  readonly slice_index: number
  readonly data_shape_hwd: number[][]
  readonly input_metadata: { zooms: number[] }[]
  readonly input_slices: Descriptor[]
  readonly gt_slices: Descriptor[]
  readonly gt_voxels_per_slice: number[][]
}

sharedTest('golden/loader/segmentation_pair', 'slices of images and labels are those of ivadomed, bit by bit', async () => {
  const folder = 'loader/segmentation_pair'
  const bids = join(shared, 'golden/inputs/bids_mini')
  let compared = 0
  const { cases } = goldenCases(folder) as { cases: Pair[] }
  for (const golden of cases.slice(0, 9)) {
    const settings = { slice_axis: ['sagittal', 'coronal', 'axial'][golden.slice_axis], filter_empty_input: false }
    const labels = golden.gt_filenames.map(path => [path])
    // The labels are those of the T1w image, the first of two contrasts.
    const { document, read } = await run([row(golden.input_filenames[0]!, labels)], settings, bids, ['_seg', '_lesion'])
    const { shape: hwd, spacing } = document.images['sub-01_T1w']!
    assert.deepEqual([hwd, spacing], [golden.data_shape_hwd[0], golden.input_metadata[0]!.zooms])
    const [height, width] = hwd as [number, number]
    const area = height * width
    const at = golden.slice_index
    const image = await read('sub-01_T1w_image.npy')
    assert.deepEqual(image.data.slice(at * area, (at + 1) * area), goldenArray(folder, golden.input_slices[0]!), golden.name)
    const drawn = Float32Array.from((await read('sub-01_T1w_label.npy')).data)
    for (const k of [0, 1]) {
      const mask = (s: number) => drawn.slice((2 * s + k) * area, (2 * s + k + 1) * area)
      assert.deepEqual(mask(at), goldenArray(folder, golden.gt_slices[k]!), golden.name)
      golden.gt_voxels_per_slice[k]!.forEach((voxels, s) =>
        assert.equal(
          mask(s).reduce((a, b) => a + b, 0),
          voxels,
        ),
      )
      compared++
    }
  }
  assert.equal(compared, 18)
})
