import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileOf } from '../src/artifact.ts'
import { readBidsConfig } from '../src/bids/config.ts'
import { indexCsv } from '../src/bids/csv.ts'
import { indexDatasets, targetNames } from '../src/bids/image-index.ts'
import { indexParams } from '../src/bids/index-params.ts'
import { filesOf, type ImageRow } from '../src/bids/row.ts'
import { twins } from '../src/bids/twins.ts'
import { defineNode, many } from '../src/node.ts'
import { dataset, index } from './artifacts.ts'

/** A table of the images of BIDS datasets, and of their labels. */
export default defineNode({
  summary: 'finds the images of BIDS datasets, their labels, and what their sidecars and tables say',
  version: 2,
  params: indexParams,
  inputs: { datasets: many(dataset) },
  output: index,
  // What the configuration says counts, and not where it lies.
  meaning: ({ bids_config, ...params }) => ({ ...params, bids_config: bids_config !== null }),
  reads: ({ bids_config: path }) => (path === null ? [] : [path]),
  checkReads: paths => paths.forEach(path => readBidsConfig(path)),
  async run(job) {
    const { params, inputs } = job
    const listings = inputs.datasets.map(d => ({ name: d.value.name, dir: d.dir, files: d.files.map(f => f.path) }))
    const config = params.bids_config === null ? undefined : readBidsConfig(params.bids_config)
    const rows = indexDatasets(listings, params, line => job.log(line, 'warn'), { config })
    const targets = targetNames(params)
    await writeFile(join(job.dir, 'bids_dataframe.csv'), indexCsv(rows, targets))
    job.log(`index: ${rows.length} images of ${new Set(rows.map(r => r.subject)).size} subjects (${contrastCounts(rows)})`)
    const duplicates = twins(rows, row => filesOf(row).map(file => fileOf(inputs.datasets[row.dataset]!, file).digest))
    for (const group of duplicates) job.log(`the same image, byte for byte: ${group.join(', ')}`, 'warn')
    return {
      targets: [...targets],
      ...(params.multichannel && { contrasts: [...params.contrasts] }),
      images: rows.map(mutable),
      ...(duplicates.length > 0 && { duplicates: duplicates.map(group => [...group]) }),
    }
  },
})

const contrastCounts = (rows: readonly ImageRow[]): string => {
  const contrasts = [...new Set(rows.map(r => r.contrast))].sort()
  return contrasts.map(c => `${rows.filter(r => r.contrast === c).length} ${c}`).join(', ')
}

/** The row with lists of its own, as the schema's type has them. */
const mutable = ({ channels, labels, ...row }: ImageRow) => ({
  ...row,
  ...(channels && { channels: [...channels] }),
  labels: labels.map(files => [...files]),
})
