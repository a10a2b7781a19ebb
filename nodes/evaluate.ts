import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fileOf, type FileRef } from '../src/artifact.ts'
import { filesUnder, labelFiles } from '../src/bids/label-files.ts'
import { isMicrograph } from '../src/image/formats.ts'
import { encodeMask, maskNames } from '../src/image/mask-picture.ts'
import { eachVolume, readHeader } from '../src/image/nifti.ts'
import { writeNiftiParts } from '../src/image/nifti-write.ts'
import { readTruth, softGt } from '../src/image/truth.ts'
import { metricGroups, pairOf, RowOfClasses } from '../src/metrics/index.ts'
import { summarise, toSummaryCsv, type MetricSummary } from '../src/statistics/summary.ts'
import { rowOf, tableOf, toCsv, type Row } from '../src/metrics/table.ts'
import { defineEachNode, many, one, type ElementJob } from '../src/node.ts'
import { Random } from '../src/random.ts'
import { dataset, index, masks, metrics } from './artifacts.ts'

const limit = z.number().nonnegative()
const params = z.strictObject({
  metrics: z
    .array(z.enum(metricGroups))
    .min(1)
    .default([...metricGroups])
    .describe(
      'which groups have columns: ivadomed (its Evaluation3DMetrics, under its names), overlap (iou, relative volume difference, mean squared error), surface (hd95, assd, nsd, in mm), objects (found and false ones by their own size)',
    ),
  object_detection_metrics: z
    .boolean()
    .default(true)
    .describe(
      'count detected and missed objects, and write a volume where they are painted: 1 true positive, 2 false positive, 3 false negative; of pictures a PNG as well, where these are the greys 85, 170, 255',
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
  surface_tolerance: z.number().nonnegative().default(1).describe('millimetres: surfaces at most this far apart agree (nsd)'),
  soft_gt: softGt,
  bootstrap_resamples: z
    .int()
    .nonnegative()
    .max(100_000)
    .default(2000)
    .describe('how often subjects are drawn anew for the 95 % confidence intervals of the means; 0: no intervals'),
})
type Params = z.infer<typeof params>
/** What a row depends on, beside the mask and the labels. */
interface Compare {
  readonly classes: number
  /** The image is a picture: then so is what is painted. */
  readonly isPicture?: true
  readonly params: Omit<Params, 'bootstrap_resamples' | 'soft_gt'> & { readonly soft_gt: boolean }
}

/** All but what is done with the rows when they are there; `soft`: how labels are taken where the params do not say. */
function ofImage(params: Params, soft = false): Compare['params'] {
  const { metrics, object_detection_metrics, target_size, overlap, surface_tolerance, soft_gt = soft } = params
  return { metrics, object_detection_metrics, target_size, overlap, surface_tolerance, soft_gt }
}

/** What is to be said of an image's labels, after its id. */
function missing(targets: readonly string[], labels: readonly (readonly FileRef[])[]): readonly string[] {
  if (labels.every(raters => raters.length === 0)) return ['has no label, and is not evaluated']
  return targets.flatMap((target, c) => (labels[c]!.length > 0 ? [] : [`has no label ${target}, which is taken as empty, as in training`]))
}

/** `mean dice over 6 images: _seg-manual 0.9334 [0.9105, 0.9512]`; one line. Undefined without the column. */
function headline(summary: readonly MetricSummary[], images: number, targets: readonly string[]): string | undefined {
  const classes = targets.map((target, c) => {
    const dice = summary.find(s => s.metric === `dice_class${c}`)
    const interval = dice?.interval ? ` [${dice.interval.low.toFixed(4)}, ${dice.interval.high.toFixed(4)}]` : ''
    return `${target} ${dice?.mean?.toFixed(4) ?? 'undefined'}${interval}`
  })
  if (images > 0 && !summary.some(s => /^dice_class/.test(s.metric))) return undefined
  return `mean dice over ${images} ${images === 1 ? 'image' : 'images'}: ${classes.join(', ')}`
}

type Each = ElementJob<typeof inputs, never, Compare>

/** Fills the row class by class, only one of which is held; gives for each what is painted, or nothing where nothing is. */
async function* compareClasses(job: Each, row: RowOfClasses): AsyncGenerator<Uint8Array> {
  const { id, value, files } = job
  const maskPath = filesUnder(files['mask'])[0]!.path
  const labels = Array.from({ length: value.classes }, (_, c) => filesUnder(files[`label${c}`]).map(file => file.path))
  // The labels' own header, where the mask has the sizes of voxels back from its affine; pictures have none.
  const { spacing } = await readHeader(labels.flat().find(path => !isMicrograph(path)) ?? maskPath)
  let offsetMm = 0
  let c = 0
  for await (const mask of eachVolume(maskPath)) {
    const truth = await readTruth({ image: id, maskPath, mask }, labels[c++]!, value.params.soft_gt)
    offsetMm = Math.max(offsetMm, truth.offsetMm)
    const painted = value.params.object_detection_metrics ? new Uint8Array(mask.data.length) : undefined
    row.add(pairOf(mask.data, truth.gt, mask.shape, spacing), painted)
    if (painted) yield painted
  }
  if (offsetMm > Math.min(...spacing) / 2)
    job.log(`the label of ${id} lies up to ${offsetMm.toFixed(1)} mm from its mask; they are compared voxel by voxel`, 'warn')
}

async function evaluateImage(job: Each): Promise<Row> {
  const { id, value, files, dir } = job
  const header = await readHeader(filesUnder(files['mask'])[0]!.path)
  if (header.volumes !== value.classes)
    throw new Error(`the mask of ${id} has ${header.volumes} classes, and there are ${value.classes} targets`)
  const row = new RowOfClasses(value.classes, value.params)
  const painted = compareClasses(job, row)
  if (value.params.object_detection_metrics) {
    const shape = value.classes === 1 ? header.shape : [...header.shape, value.classes]
    const written = value.isPicture ? asPictures(job, header.shape, painted) : painted
    await writeNiftiParts(join(dir, `${id}_pred_TP-FP-FN.nii.gz`), { ...header, shape, dtype: 'uint8' }, written)
  } else await painted.next()
  return rowOf(row)
}

/** Passes on what is painted of each class, and writes it as a picture. */
async function* asPictures({ id, value, dir }: Each, shape: readonly number[], painted: AsyncIterable<Uint8Array>) {
  const names = maskNames(id, value.classes, '_TP-FP-FN.png')
  let c = 0
  for await (const voxels of painted) {
    const greys = Float32Array.from(voxels, kind => kind / 3)
    await writeFile(join(dir, names[c++]!), encodeMask(greys, shape))
    yield voxels
  }
}

const inputs = { masks: one(masks), index: one(index), datasets: many(dataset) }

/** The table of 3D metrics, what it says over all images, and the painted volumes. */
export default defineEachNode({
  summary: 'compares masks with labels: volumes, overlap, surfaces, detected objects; a table with a row per image, and its summary',
  version: 3,
  params,
  inputs,
  output: metrics,
  each: {
    shared: [],
    parallel: true,
    elements({ params, inputs }) {
      const { targets, images, soft } = inputs.masks.value
      return Object.entries(images).flatMap(([id, { file, pictures }]) => {
        const value: Compare = { classes: targets.length, ...(pictures && { isPicture: true }), params: ofImage(params, soft) }
        const labels = labelFiles(id, targets, inputs.index.value, inputs.datasets)
        if (labels.every(raters => raters.length === 0)) return []
        const files = Object.fromEntries(labels.map((raters, c) => [`label${c}`, raters] as const))
        return [{ id, value, files: { mask: fileOf(inputs.masks, file), ...files } }]
      })
    },
    run: evaluateImage,
    async collect(job) {
      const { masks, index, datasets } = job.inputs
      const { images, targets } = masks.value
      for (const id of Object.keys(images))
        for (const line of missing(targets, labelFiles(id, targets, index.value, datasets))) job.log(`${id} ${line}`, 'warn')
      const table = tableOf(job.results)
      const subjects = new Map(index.value.images.map(image => [image.id, image.subject]))
      const { bootstrap_resamples: resamples } = job.params
      const summary = summarise(table, image => subjects.get(image) ?? image, resamples, new Random(0, 'bootstrap'))
      await writeFile(join(job.dir, 'evaluation_3Dmetrics.csv'), toCsv(table))
      await writeFile(join(job.dir, 'summary.csv'), toSummaryCsv(summary))
      const facts = { targets, images: table.rows.length, confidence: 0.95, resamples, metrics: summary }
      await writeFile(join(job.dir, 'results.json'), `${JSON.stringify(facts, null, 2)}\n`)
      const line = headline(summary, table.rows.length, targets)
      if (line !== undefined) job.log(line)
      const intervals = Object.fromEntries(summary.map(s => [s.metric, s.interval]))
      return { columns: [...table.columns], rows: [...table.rows], means: table.means, ...(resamples > 0 && { intervals }) }
    },
  },
})
