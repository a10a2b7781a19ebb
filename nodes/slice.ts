import { join } from 'node:path'
import { z } from 'zod'
import { findFile } from '../src/artifact.ts'
import type { Artifact, FileRef } from '../src/artifact.ts'
import { fail } from '../src/failure.ts'
import { cutImage } from '../src/image/cut.ts'
import { defineEachNode, many, one } from '../src/node.ts'
import type { Element } from '../src/node.ts'
import { writeNpy } from '../src/npy.ts'
import { dataset, index, slices } from './artifacts.ts'

const params = z.strictObject({
  slice_axis: z
    .enum(['sagittal', 'coronal', 'axial'])
    .default('axial')
    .describe('Along which way images are cut, after they are turned to RAS: axial slices are seen from head to foot.'),
  filter_empty_input: z.boolean().default(true).describe('Drop slices whose voxels all have one value (standard deviation 0).'),
  filter_empty_mask: z.boolean().default(false).describe('Drop slices where the labels of all classes are empty, or there is no label.'),
  filter_absent_class: z.boolean().default(false).describe('Drop slices where the label of at least one class is empty.'),
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

type Index = z.infer<typeof index.schema>
type Row = Index['images'][number]
/** What an image's slices depend on, beside its files. */
interface Cut {
  readonly axis: z.infer<typeof params>['slice_axis']
  readonly filters: { readonly emptyInput: boolean; readonly emptyMask: boolean; readonly absentClass: boolean; readonly roi?: number }
  readonly classes: number
  /** Which class each label file is of; classes without one get zeros. */
  readonly labelled: readonly number[]
  /** By class: how many raters drew it. */
  readonly raters: readonly number[]
}

export default defineEachNode({
  summary: 'Cuts every image and its labels into 2D slices, in the RAS orientation, and drops the slices that the filters refuse.',
  version: 1,
  params,
  inputs: { index: one(index), datasets: many(dataset) },
  output: slices,
  each: {
    shared: [],
    parallel: true,
    elements: ({ params: p, inputs }) => inputs.index.value.images.map(row => element(row, p, inputs.index.value.targets, inputs.datasets)),

    async run(job) {
      const { id, dir, value, files } = job
      const labels = value.labelled.map((of, at) => ({ of, path: (files.labels as readonly FileRef[])[at]!.path }))
      for (const raters of value.raters) if (raters > 1) job.log(`a class has ${raters} raters: the first is used`, 'warn')
      const cut = await cutImage({
        ...value,
        image: (files.image as FileRef).path,
        labels,
        roi: (files.roi as FileRef | undefined)?.path,
        warn: line => job.log(line, 'warn'),
      })

      const [height, width, depth] = cut.shape
      const count = cut.slices.length
      if (count === 0)
        job.log(`none of the ${depth} ${value.axis} slices is left${value.filters.emptyInput ? ': are they constant?' : ''}`, 'warn')
      const image = `${id}_image.npy`
      const label = `${id}_label.npy`
      const roi = `${id}_roi.npy`
      await writeNpy(join(dir, image), 'float32', [count, 1, height, width], cut.image)
      if (cut.label) await writeNpy(join(dir, label), 'float32', [count, value.classes, height, width], cut.label)
      if (cut.roi) await writeNpy(join(dir, roi), 'float32', [count, 1, height, width], cut.roi)
      return {
        shape: [...cut.shape],
        spacing: [...cut.spacing],
        slices: [...cut.slices],
        image,
        ...(cut.label && { label }),
        ...(cut.roi && { roi }),
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
      return { axis: p.slice_axis, targets: inputs.index.value.targets, channels: 1, ...(p.soft_gt && { soft: true }), images }
    },
  },
})

const filterNames = ['filter_empty_input', 'filter_empty_mask', 'filter_absent_class', 'slice_filter_roi'] as const

function element(
  row: Row,
  p: z.infer<typeof params>,
  targets: readonly string[],
  datasets: readonly Artifact<{ name: string }>[],
): Element<Cut> {
  const file = (path: string): FileRef => {
    const from = datasets[row.dataset]
    const found = from && findFile(from, path)
    return found ?? fail({ kind: 'image-not-in-dataset', id: row.id, path, dataset: row.dataset, datasets: datasets.length })
  }
  const roi = p.slice_filter_roi
  if (roi !== undefined && row.roi === undefined) fail({ kind: 'no-roi', id: row.id, needs: 'slice_filter_roi' })
  const labelled = row.labels.flatMap((raters, at) => (raters.length > 0 ? [at] : []))
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
      classes: targets.length,
      labelled,
      raters: row.labels.map(raters => raters.length),
    },
    files: {
      image: file(row.image),
      labels: labelled.map(at => file(row.labels[at]![0]!)),
      ...(row.roi !== undefined && { roi: file(row.roi) }),
    },
  }
}
