import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fileOf, type FileRef } from '../src/artifact.ts'
import { filesUnder, labelFiles } from '../src/bids/label-files.ts'
import { fail } from '../src/failure.ts'
import { eachVolume } from '../src/image/nifti.ts'
import { readTruth, softGt } from '../src/image/truth.ts'
import { defineEachNode, many, one } from '../src/node.ts'
import { dropFaint } from '../src/postprocess/index.ts'
import { thresholdPlot } from '../src/statistics/threshold-plot.ts'
import { bestThreshold, tally, thresholdCsv, thresholdsOf, thresholdTable, type Tally } from '../src/statistics/threshold-search.ts'
import { dataset, index, predictions, threshold } from './artifacts.ts'

const params = z.strictObject({
  thr_increment: z
    .number()
    .positive()
    .max(0.5)
    .default(0.1)
    .describe('steps between the thresholds that are tried, from this value to below 1: 0.1 tries 0.1, 0.2 ... 0.9'),
  soft_gt: softGt,
})

/** What the tally of an image depends on, beside its files. */
interface Search {
  readonly thresholds: readonly number[]
  readonly classes: number
  readonly soft: boolean
}

/** ivadomed's `--thr-increment`: give it predictions of the training and validation sets, never of the test set. */
export default defineEachNode({
  summary: 'Finds the threshold for binarize_prediction with the best mean Dice over predictions and their labels.',
  version: 1,
  params,
  inputs: { predictions: one(predictions), index: one(index), datasets: many(dataset) },
  output: threshold,
  each: {
    shared: [],
    parallel: true,
    elements({ params: p, inputs }) {
      const { targets, images, soft = false } = inputs.predictions.value
      const value: Search = { thresholds: thresholdsOf(p.thr_increment), classes: targets.length, soft: p.soft_gt ?? soft }
      return Object.entries(images).flatMap(([id, { file }]) => {
        const labels = labelFiles(id, targets, inputs.index.value, inputs.datasets)
        if (labels.every(raters => raters.length === 0)) return []
        const files: Record<string, FileRef | FileRef[]> = Object.fromEntries(labels.map((raters, c) => [`label${c}`, raters]))
        return [{ id, value, files: { ...files, prediction: fileOf(inputs.predictions, file) } }]
      })
    },
    async run({ id, value: { thresholds, soft }, files }) {
      const [{ path }] = filesUnder(files['prediction']) as [FileRef]
      let counts: Tally | undefined
      let c = 0
      for await (const volume of eachVolume(path)) {
        const raters = filesUnder(files[`label${c++}`]).map(file => file.path)
        const { gt } = await readTruth({ image: id, maskPath: path, mask: volume }, raters, soft)
        // The values that postprocessing will cut.
        const { data } = dropFaint({ data: volume.data, shape: volume.shape, classes: 1, spacing: volume.spacing })
        counts = tally(data, gt, thresholds, counts)
      }
      return counts!
    },
    async collect(job) {
      const { params: p, inputs, results, dir } = job
      const left = Object.keys(inputs.predictions.value.images).filter(id => !results.has(id))
      for (const id of left) job.log(`${id} has no label, and does not count`, 'warn')
      const table = thresholdTable(thresholdsOf(p.thr_increment), [...results.values()])
      const best = bestThreshold(table) ?? fail({ kind: 'no-threshold', images: results.size })
      await writeFile(join(dir, 'thresholds.csv'), thresholdCsv(table))
      await writeFile(join(dir, 'thresholds.svg'), thresholdPlot(table, best))
      job.log(`best threshold over ${results.size} images: ${best.threshold}, mean dice ${best.dice.toFixed(4)}`)
      return { threshold: best.threshold, dice: best.dice, images: results.size, table: [...table] }
    },
  },
})
