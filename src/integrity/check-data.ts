import { join } from 'node:path'
import type { FileEntry } from '../artifact.ts'
import { readBidsConfig } from '../bids/config.ts'
import { datasetName } from '../bids/dataset.ts'
import { indexDatasets, targetNames } from '../bids/image-index.ts'
import { indexParams } from '../bids/index-params.ts'
import { compare, contrastsOf, filesOf, type ImageRow } from '../bids/row.ts'
import { twins } from '../bids/twins.ts'
import { checkImage, gridFindings, type CheckedFile, type ImageCheck, type ImageToCheck } from './check-image.ts'
import { levels, warning, type Finding } from './finding.ts'
import { imageTable, labelTable, type Table } from './overview.ts'

/** A dataset that is there: its folder and its listing. */
export interface DatasetToCheck {
  readonly dir: string
  readonly files: readonly FileEntry[]
}

/** What is known of the data of an index. */
export interface DataReport {
  readonly images: number
  readonly subjects: number
  /** The worst first. */
  readonly findings: readonly Finding[]
  readonly tables: readonly Table[]
}

/**
 * Makes the index of the datasets again, so that all that it leaves out is told, and reads every image and label of it, one at
 * a time. `params` are those of the index. Data of which no index can be made at all is a failure.
 */
export async function checkData(
  datasets: readonly DatasetToCheck[],
  params: unknown,
  progress: (done: number, total: number) => void = () => undefined,
): Promise<DataReport> {
  const checked = indexParams.parse(params)
  const listings = datasets.map(d => ({ name: datasetName(d.dir), dir: d.dir, files: d.files.map(f => f.path) }))
  const config = checked.bids_config === null ? undefined : readBidsConfig(checked.bids_config)
  const told: Finding[] = []
  const rows = indexDatasets(listings, checked, line => told.push(warning(line)), { config, told: Infinity })
  const checks: ImageCheck[] = []
  for (const [at, row] of rows.entries()) {
    const channels: ImageCheck[] = []
    for (const image of toCheck(row, datasets, targetNames(checked))) channels.push(await checkImage(image))
    checks.push(...channels)
    told.push(...gridFindings(channels.map((check, channel) => ({ name: filesOf(row)[channel]!, header: check.header }))))
    progress(at + 1, rows.length)
  }
  const found = [...told, ...checks.flatMap(c => c.findings), ...duplicates(rows, checks, datasets)]
  return {
    images: rows.length,
    subjects: new Set(rows.map(r => r.subject)).size,
    findings: levels.flatMap(level => found.filter(f => f.level === level)),
    tables: [imageTable(checks), labelTable(checks)].filter(table => table.length > 1),
  }
}

/** One check a channel; the labels, which are of all of them, are looked at beside the first. */
function toCheck(row: ImageRow, datasets: readonly DatasetToCheck[], targets: readonly string[]): readonly ImageToCheck[] {
  const file = (path: string): CheckedFile => ({ path: join(datasets[row.dataset]!.dir, path), name: path })
  const labels = row.labels.flatMap((raters, k) => raters.map(path => ({ ...file(path), target: targets[k]! })))
  const roi = row.roi === undefined ? [] : [{ ...file(row.roi), target: 'region of interest' }]
  const contrasts = contrastsOf(row)
  return filesOf(row).map((path, channel) => ({
    ...file(path),
    id: row.id,
    contrast: contrasts[channel]!,
    metadata: row.metadata,
    labels: channel === 0 ? [...labels, ...roi] : [],
  }))
}

/** Images of equal bytes, and of equal voxels in different files. */
function duplicates(rows: readonly ImageRow[], checks: readonly ImageCheck[], datasets: readonly DatasetToCheck[]): readonly Finding[] {
  const digests = datasets.map(d => new Map(d.files.map(f => [f.path, f.digest])))
  const subjectOf = new Map(rows.map(r => [r.id, r.subject]))
  const voxelsOf = new Map<string, string[]>()
  for (const { id, digest } of checks) voxelsOf.set(id, [...(voxelsOf.get(id) ?? []), digest ?? id])
  const bytes = twins(rows, row => filesOf(row).map(file => digests[row.dataset]!.get(file)!))
  const known = new Set(bytes.map(group => group.join()))
  const voxels = twins(rows, row => voxelsOf.get(row.id)!).filter(group => !known.has(group.join()))
  const several = (group: readonly string[]): boolean => new Set(group.map(id => subjectOf.get(id))).size > 1
  return [
    ...bytes.map(group =>
      warning(`the same image, byte for byte: ${group.join(', ')}${several(group) ? '; a split that parts them fails' : ''}`),
    ),
    ...voxels.map(group =>
      warning(`the same voxels in different files: ${group.join(', ')}${several(group) ? '; a split cannot see that: remove one' : ''}`),
    ),
  ].sort((a, b) => compare(a.what, b.what))
}
