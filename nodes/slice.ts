import { join } from 'node:path'
import { z } from 'zod'
import { findFile } from '../src/artifact.ts'
import type { Artifact, FileRef } from '../src/artifact.ts'
import { fail } from '../src/failure.ts'
import { cutImage } from '../src/image/cut.ts'
import { pixelSizeOf, type PixelSize } from '../src/image/pixel-size.ts'
import { defineEachNode, many, one } from '../src/node.ts'
import type { Element } from '../src/node.ts'
import { classifierEngine, classifierFile, sliceClassifier } from '../src/net/slice-classifier.ts'
import { asBytes, writeNpy } from '../src/npy.ts'
import { dataset, index, slices } from './artifacts.ts'

const params = z
  .strictObject({
    slice_axis: z
      .enum(['sagittal', 'coronal', 'axial'])
      .default('axial')
      .describe('Along which way images are cut, after they are turned to RAS: axial slices are seen from head to foot.'),
    filter_empty_input: z.boolean().default(true).describe('Drop slices whose voxels all have one value (standard deviation 0).'),
    filter_empty_mask: z.boolean().default(false).describe('Drop slices where the labels of all classes are empty, or there is no label.'),
    filter_absent_class: z.boolean().default(false).describe('Drop slices where the label of at least one class is empty.'),
    filter_classification: z
      .boolean()
      .default(false)
      .describe('Drop slices that a classifier refuses: those for which the model of classifier_path gives less than 0.5.'),
    classifier_path: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .refine(
        path => !path?.endsWith('.pt'),
        'a .pt file holds code of Python, and is not read; give the model as .onnx (torch.onnx.export writes one)',
      )
      .describe('For filter_classification: an .onnx model that gives one number for a slice [1, 1, H, W] with the values of the image.'),
    slice_filter_roi: z
      .int()
      .nonnegative()
      .optional()
      .describe('Drop slices whose region of interest has at most so many voxels that are not 0; 0 drops those without one.'),
    soft_gt: z
      .boolean()
      .default(false)
      .describe('Labels are soft: values between 0 and 1 are learned from as they are. Otherwise 0.5 and more is 1, and less is 0.'),
  })
  .refine(p => !p.filter_classification || p.classifier_path !== null, {
    path: ['classifier_path'],
    message: 'filter_classification needs the model that classifies',
  })
type Params = z.infer<typeof params>

type Index = z.infer<typeof index.schema>
type Row = Index['images'][number]
/** What an image's slices depend on, beside its files. */
interface Cut {
  readonly axis: Params['slice_axis']
  readonly filters: { readonly emptyInput: boolean; readonly emptyMask: boolean; readonly absentClass: boolean; readonly roi?: number }
  /** By class: how many raters drew it; classes that nobody drew get zeros. */
  readonly raters: readonly number[]
  /** What runs the classifier, where there is one. */
  readonly classifier?: string
  /** Of a picture, as its sidecars say; and whether grey of its labels is between 0 and 1. */
  readonly pixelSizeMm?: PixelSize
  readonly softPictures?: boolean
}

export default defineEachNode({
  summary: 'Cuts every image and its labels into 2D slices, in the RAS orientation, and drops the slices that the filters refuse.',
  version: 2,
  params,
  inputs: { index: one(index), datasets: many(dataset) },
  output: slices,
  // What the classifier's file says counts, and not where it lies.
  meaning: ({ classifier_path, ...p }) => ({ ...p, ...(isClassified({ ...p, classifier_path }) && { classifier: classifierEngine }) }),
  reads: p => (isClassified(p) ? [p.classifier_path] : []),
  checkReads: paths => paths.forEach(path => classifierFile(path)),
  each: {
    shared: [],
    parallel: true,
    elements({ params: p, inputs }) {
      const { targets, images } = inputs.index.value
      const classifier = isClassified(p) ? classifierFile(p.classifier_path) : undefined
      return images.map(row => element(row, p, { targets, datasets: inputs.datasets, classifier }))
    },

    async run(job) {
      const { id, dir, value, files } = job
      const [classifier] = list(files['classifier'])
      const cut = await cutImage({
        ...value,
        images: paths(files['image']),
        labels: paths(files['labels']),
        roi: paths(files['roi'])[0],
        accepts: classifier && (await sliceClassifier(classifier, job.threads)),
        warn: line => job.log(line, 'warn'),
      })

      const [height, width, depth] = cut.shape
      const count = cut.slices.length
      if (count === 0)
        job.log(`none of the ${depth} ${value.axis} slices is left${value.filters.emptyInput ? ': are they constant?' : ''}`, 'warn')
      const write = async (part: string, planes: number, data: Float32Array): Promise<string> => {
        const file = `${id}_${part}.npy`
        // Of labels and regions, most are whole numbers: a quarter of the room.
        const numbers = part === 'image' ? data : asBytes(data)
        await writeNpy(join(dir, file), numbers instanceof Uint8Array ? 'uint8' : 'float32', [count, planes, height, width], numbers)
        return file
      }
      const drawn = value.raters.reduce((sum, n) => sum + Math.max(1, n), 0)
      return {
        shape: [...cut.shape],
        spacing: [...cut.spacing],
        slices: [...cut.slices],
        image: await write('image', list(files['image']).length, cut.image),
        ...(cut.label && { label: await write('label', drawn, cut.label) }),
        ...(cut.label && value.raters.some(n => n > 1) && { raters: [...value.raters] }),
        ...(cut.roi && { roi: await write('roi', 1, cut.roi) }),
        native: cut.native,
      }
    },

    collect(job) {
      const { params: p, inputs, results } = job
      const images = Object.fromEntries(results)
      const total = Object.values(images).reduce((sum, one) => sum + one.slices.length, 0)
      if (total === 0)
        fail({ kind: 'no-slices', images: results.size, filters: filterNames.filter(name => p[name] !== undefined && p[name] !== false) })
      job.log(`${total} ${p.slice_axis} slices of ${results.size} images`)
      const raters = Math.max(0, ...Object.values(images).flatMap(one => one.raters ?? []))
      if (raters > 1) job.log(`labels of up to ${raters} raters are kept: each draw of a slice in training has those of one of them`)
      const { targets, contrasts } = inputs.index.value
      const channels = { channels: contrasts?.length ?? 1, ...(contrasts && { contrasts }) }
      return { axis: p.slice_axis, targets, ...channels, ...(p.soft_gt && { soft: true }), images }
    },
  },
})

const filterNames = ['filter_empty_input', 'filter_empty_mask', 'filter_absent_class', 'filter_classification', 'slice_filter_roi'] as const

const isClassified = (p: Params): p is Params & { readonly classifier_path: string } =>
  p.filter_classification && p.classifier_path !== null

const list = (files: FileRef | readonly FileRef[] | undefined): readonly FileRef[] =>
  files === undefined ? [] : 'path' in files ? [files] : files
const paths = (files: FileRef | readonly FileRef[] | undefined): readonly string[] => list(files).map(file => file.path)

/** What all elements share. */
interface Around {
  readonly targets: readonly string[]
  readonly datasets: readonly Artifact<{ name: string }>[]
  readonly classifier: FileRef | undefined
}

function element(row: Row, p: Params, { targets, datasets, classifier }: Around): Element<Cut> {
  const file = (path: string): FileRef => {
    const from = datasets[row.dataset]
    const found = from && findFile(from, path)
    return found ?? fail({ kind: 'image-not-in-dataset', id: row.id, path, dataset: row.dataset, datasets: datasets.length })
  }
  const roi = p.slice_filter_roi
  const pixelSizeMm = pixelSizeOf(row.image, row.metadata)
  if (roi !== undefined && row.roi === undefined) fail({ kind: 'no-roi', id: row.id, needs: 'slice_filter_roi' })
  return {
    id: row.id,
    value: {
      axis: p.slice_axis,
      filters: {
        emptyInput: p.filter_empty_input,
        emptyMask: p.filter_empty_mask,
        absentClass: p.filter_absent_class,
        ...(roi !== undefined && { roi }),
      },
      raters: targets.map((_, at) => row.labels[at]!.length),
      ...(classifier && { classifier: classifierEngine }),
      ...(pixelSizeMm && { pixelSizeMm, softPictures: p.soft_gt }),
    },
    files: {
      image: row.channels ? row.channels.map(file) : file(row.image),
      labels: row.labels.flatMap(raters => raters.map(file)),
      ...(row.roi !== undefined && { roi: file(row.roi) }),
      ...(classifier && { classifier }),
    },
  }
}
