import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import threshold from '../../nodes/threshold.ts'
import { describe, FailureError } from '../../src/failure.ts'
import { writeNifti } from '../../src/image/nifti-write.ts'
import { artifactIn, runEach, withFolder } from './each.ts'

const grid = { affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1], qformCode: 1, sformCode: 1, xyztUnits: 2 }

/** Per image its prediction, and per class its label, or none. */
type Examples = Readonly<Record<string, { readonly soft: readonly number[]; readonly labels: readonly (readonly number[] | undefined)[] }>>

async function inputsOf(dir: string, examples: Examples) {
  const [predicted, data] = [join(dir, 'predictions'), join(dir, 'data')]
  for (const folder of [predicted, data]) await mkdir(folder, { recursive: true })
  const write = (path: string, shape: readonly number[], values: readonly number[]) =>
    writeNifti(path, { ...grid, shape, data: Float32Array.from(values), dtype: 'float32' })
  const classes = Object.values(examples)[0]!.labels.length
  const targets = ['_seg', '_lesion'].slice(0, classes)
  const images = []
  for (const [id, { soft, labels }] of Object.entries(examples)) {
    const size = soft.length / classes
    await write(join(predicted, `${id}_pred.nii.gz`), classes === 1 ? [size, 1, 1] : [size, 1, 1, classes], soft)
    const files = labels.map((values, c) => (values ? [`${id}${targets[c]}.nii.gz`] : []))
    for (const [c, values] of labels.entries()) if (values) await write(join(data, files[c]![0]!), [size, 1, 1], values)
    images.push({ id, dataset: 0, subject: id, contrast: 'T2w', entities: {}, image: `${id}.nii.gz`, labels: files, metadata: {} })
  }
  return {
    predictions: artifactIn('predictions', predicted, {
      targets,
      images: Object.fromEntries(images.map(({ id }) => [id, { file: `${id}_pred.nii.gz` }])),
    }),
    index: artifactIn('index', data, { targets, images }),
    datasets: [artifactIn('dataset', data, { name: 'data' })],
  }
}

test('the threshold with the best mean Dice is chosen, and the table and its picture are kept', () =>
  withFolder(async dir => {
    const inputs = await inputsOf(dir, {
      a: { soft: [0.9, 0.65, 0.4, 0.1], labels: [[1, 1, 0, 0]] },
      b: { soft: [0.7, 0.62, 0.59, 0], labels: [[1, 1, 0, 0]] },
    })
    const { document, lines } = await runEach(threshold, dir, {}, inputs)
    expect([document.threshold, document.dice, document.images]).toEqual([0.6, 1, 2])
    expect(document.table.map(row => row.threshold)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
    expect(document.table[4]!.dice).toBeCloseTo((1 + 4 / 5) / 2, 12)
    expect(lines).toEqual(['info: best threshold over 2 images: 0.6, mean dice 1.0000'])
    const csv = await readFile(join(dir, 'thresholds.csv'), 'utf8')
    expect(csv.split('\n')[6]).toBe('0.6,1,1,0')
    expect(await readFile(join(dir, 'thresholds.svg'), 'utf8')).toContain('best threshold 0.6, Dice 1.0000')
  }))

test('several classes are counted together; an image without any label does not count, and is named', () =>
  withFolder(async dir => {
    const inputs = await inputsOf(dir, {
      a: {
        soft: [0.9, 0.3, 0.8, 0.45],
        labels: [
          [1, 0],
          [1, 1],
        ],
      },
      c: { soft: [1, 1, 1, 1], labels: [undefined, undefined] },
    })
    const { document, lines, elements } = await runEach(threshold, dir, { thr_increment: 0.2 }, inputs)
    expect(elements.map(e => e.id)).toEqual(['a'])
    expect([document.threshold, document.dice]).toEqual([0.4, 1])
    expect(lines[0]).toBe('warn: c has no label, and does not count')
  }))

test('values that postprocessing drops as faint reach no threshold', () =>
  withFolder(async dir => {
    const inputs = await inputsOf(dir, { a: { soft: [0.009, 0.009], labels: [[1, 1]] } })
    const { document } = await runEach(threshold, dir, { thr_increment: 0.005 }, inputs)
    expect(document.table[0]).toEqual({ threshold: 0.005, dice: 0, recall: 0, falsePositiveRate: null })
  }))

test('soft labels keep their values where that is asked for', () =>
  withFolder(async dir => {
    const inputs = await inputsOf(dir, { a: { soft: [0.9, 0.4], labels: [[1, 0.4]] } })
    const { document } = await runEach(threshold, dir, { thr_increment: 0.5, soft_gt: true }, inputs)
    expect(document.dice).toBeCloseTo(2 / (1 + 1.4), 6)
  }))

test('without soft_gt labels are taken as they were learned from, which the predictions say', () =>
  withFolder(async dir => {
    const { predictions, ...rest } = await inputsOf(dir, { a: { soft: [0.9, 0.4], labels: [[1, 0.4]] } })
    const search = async (settings: object, soft: boolean) => {
      const inputs = { ...rest, predictions: { ...predictions, value: { ...predictions.value, soft } } }
      return (await runEach(threshold, dir, { thr_increment: 0.5, ...settings }, inputs)).document.dice
    }
    expect(await search({}, true)).toBeCloseTo(2 / (1 + 1.4), 6)
    expect([await search({}, false), await search({ soft_gt: false }, true)]).toEqual([1, 1])
  }))

test('where no image has a Dice, no threshold can be chosen', () =>
  withFolder(async dir => {
    const inputs = await inputsOf(dir, { a: { soft: [0, 0], labels: [[0, 0]] } })
    const error: unknown = await runEach(threshold, dir, {}, inputs).catch((e: unknown) => e)
    expect(error instanceof FailureError && describe(error.failure)).toMatch(/^no threshold can be chosen: of 1 images none/)
  }))
