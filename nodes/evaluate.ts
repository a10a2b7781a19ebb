import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fileOf, findFile, type Artifact, type FileRef } from '../src/artifact.ts'
import { fail } from '../src/failure.ts'
import { readVolumes } from '../src/image/nifti.ts'
import { writeNifti } from '../src/image/nifti-write.ts'
import { evaluate } from '../src/metrics/index.ts'
import { readTruth } from '../src/image/truth.ts'
import { rowOf, tableOf, toCsv, type Row, type Table } from '../src/metrics/table.ts'
import { defineEachNode, many, one } from '../src/node.ts'
import { dataset, index, masks, metrics } from './artifacts.ts'

const limit = z.number().nonnegative()
const params = z.strictObject({
  object_detection_metrics: z
    .boolean()
    .default(true)
    .describe(
      'count detected and missed objects, and write a volume where they are painted: 1 true positive, 2 false positive, 3 false negative',
    ),
  target_size: z
    .strictObject({
      unit: z.enum(['vox', 'mm3']).default('vox').describe('what thr counts: voxels or cubic millimetres'),
      thr: z
        .array(z.int().nonnegative())
        .refine(list => list.every((x, at) => at === 0 || x > list[at - 1]!), 'limits must ascend')
        .default([20, 100])
        .describe('upper limits of the sizes by which objects are also counted; an empty list: not by size'),
    })
    .prefault({}),
  overlap: z
    .strictObject({
      unit: z.enum(['vox', 'mm3', 'ratio']).default('vox').describe('voxels, cubic millimetres, or part of the true object (0 to 1)'),
      thr: limit.default(3).describe('an object counts as detected when prediction and truth share at least this much of it'),
    })
    .prefault({}),
})

type Index = z.infer<typeof index.schema>

/** The label files of an image, per class of the masks; undefined where the index does not know the image. */
function labelsOf(id: string, targets: readonly string[], known: Index, datasets: readonly Artifact<unknown>[]): readonly FileRef[][] {
  const image = known.images.find(row => row.id === id)
  if (!image) return []
  const from = datasets[image.dataset]
  const file = (path: string): FileRef =>
    (from && findFile(from, path)) ?? fail({ kind: 'image-not-in-dataset', id, path, dataset: image.dataset, datasets: datasets.length })
  return targets.map(target => (image.labels[known.targets.indexOf(target)] ?? []).map(file))
}

const list = (file: FileRef | readonly FileRef[] | undefined): readonly FileRef[] =>
  file === undefined ? [] : 'path' in file ? [file] : file

/** What is to be said of an image's labels, after its id. */
function missing(targets: readonly string[], labels: readonly (readonly FileRef[])[]): readonly string[] {
  if (labels.every(raters => raters.length === 0)) return ['has no label, and is not evaluated']
  return targets.flatMap((target, c) => (labels[c]!.length > 0 ? [] : [`has no label ${target}, which is taken as empty, as in training`]))
}

/** `mean dice over 6 images: _seg-manual 0.9334`; one line. */
function summary({ rows, means }: Table, targets: readonly string[]): string {
  const classes = targets.map((target, c) => `${target} ${means[`dice_class${c}`]?.toFixed(4) ?? 'undefined'}`)
  return `mean dice over ${rows.length} ${rows.length === 1 ? 'image' : 'images'}: ${classes.join(', ')}`
}

/** The table of 3D metrics, and the painted volumes. */
export default defineEachNode({
  summary: 'compares masks with labels: volumes, overlap, detected objects; a table with a row per image',
  version: 1,
  params,
  inputs: { masks: one(masks), index: one(index), datasets: many(dataset) },
  output: metrics,
  each: {
    shared: [],
    parallel: true,
    elements({ params, inputs }) {
      const { targets, images } = inputs.masks.value
      return Object.entries(images).flatMap(([id, { file }]) => {
        const labels = labelsOf(id, targets, inputs.index.value, inputs.datasets)
        if (labels.every(raters => raters.length === 0)) return []
        const files = Object.fromEntries(labels.map((raters, c) => [`label${c}`, raters] as const))
        return [{ id, value: { classes: targets.length, params }, files: { mask: fileOf(inputs.masks, file), ...files } }]
      })
    },
    async run(job): Promise<Row> {
      const { id, value, files, dir } = job
      const maskPath = list(files['mask'])[0]!.path
      const mask = await readVolumes(maskPath)
      const { shape, volumes } = mask
      if (volumes !== value.classes) throw new Error(`the mask of ${id} has ${volumes} classes, and there are ${value.classes} targets`)
      const labels = Array.from({ length: volumes }, (_, c) => list(files[`label${c}`]).map(file => file.path))
      const { gt, spacing, offsetMm } = await readTruth(id, maskPath, mask, labels)
      if (offsetMm > Math.min(...spacing) / 2)
        job.log(`the label of ${id} lies up to ${offsetMm.toFixed(1)} mm from its mask; they are compared voxel by voxel`, 'warn')
      const { painted, ...row } = evaluate({ pred: mask.data, gt, shape, classes: volumes, spacing }, value.params)
      if (painted) {
        const size = volumes === 1 ? shape : [...shape, volumes]
        await writeNifti(join(dir, `${id}_pred_TP-FP-FN.nii.gz`), { ...mask, shape: size, data: painted, dtype: 'uint8' })
      }
      return rowOf(row)
    },
    async collect(job) {
      const { masks, index, datasets } = job.inputs
      const { images, targets } = masks.value
      for (const id of Object.keys(images))
        for (const line of missing(targets, labelsOf(id, targets, index.value, datasets))) job.log(`${id} ${line}`, 'warn')
      const table = tableOf(job.results)
      await writeFile(join(job.dir, 'evaluation_3Dmetrics.csv'), toCsv(table))
      job.log(summary(table, targets))
      return { columns: [...table.columns], rows: [...table.rows], means: table.means }
    },
  },
})
