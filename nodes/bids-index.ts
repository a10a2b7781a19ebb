import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { indexCsv } from '../src/bids/csv.ts'
import { indexDatasets, targetNames } from '../src/bids/image-index.ts'
import type { ImageRow } from '../src/bids/row.ts'
import { defineNode, many } from '../src/node.ts'
import { dataset, index } from './artifacts.ts'

const suffix = z.string().min(1)
const params = z.strictObject({
  contrasts: z.array(suffix).default([]).describe('suffixes of the images to take, such as T1w and T2w; empty: all'),
  target_suffix: z
    .array(z.union([suffix, z.array(suffix).min(1)]))
    .default([])
    .describe('one label a class, such as _seg-manual; a list in the place of a label: several raters. Empty: images need no label'),
  extensions: z
    .array(z.string().startsWith('.'))
    .min(1)
    .default(['.nii', '.nii.gz'])
    .describe('what the names of images end with, from the first dot on'),
  roi_suffix: suffix.optional().describe('a label that marks the region of interest; images without it are not used'),
})

/** A table of the images of BIDS datasets, and of their labels. */
export default defineNode({
  summary: 'finds the images of BIDS datasets, their labels, and what their sidecars and tables say',
  version: 1,
  params,
  inputs: { datasets: many(dataset) },
  output: index,
  async run(job) {
    const listings = job.inputs.datasets.map(d => ({ name: d.value.name, dir: d.dir, files: d.files.map(f => f.path) }))
    const rows = indexDatasets(listings, job.params, line => job.log(line, 'warn'))
    const targets = targetNames(job.params)
    await writeFile(join(job.dir, 'bids_dataframe.csv'), indexCsv(rows, targets))
    job.log(`index: ${rows.length} images of ${new Set(rows.map(r => r.subject)).size} subjects (${contrastCounts(rows)})`)
    return { targets: [...targets], images: rows.map(mutable) }
  },
})

const contrastCounts = (rows: readonly ImageRow[]): string => {
  const contrasts = [...new Set(rows.map(r => r.contrast))].sort()
  return contrasts.map(c => `${rows.filter(r => r.contrast === c).length} ${c}`).join(', ')
}

/** The row with lists of its own, as the schema's type has them. */
const mutable = (row: ImageRow) => ({ ...row, labels: row.labels.map(files => [...files]) })
