import { csvLine } from '../csv.ts'
import { compare, filesOf, type ImageRow } from './row.ts'
import type { Scalar } from './tables.ts'

/** The index as a table, `bids_dataframe.csv`: one line an image, columns in a stable order. Several raters' and channels' files are parted by `;`. */
export function indexCsv(rows: readonly ImageRow[], targets: readonly string[]): string {
  const entities = names(rows.map(r => r.entities)).filter(key => key !== 'sub' && key !== 'ses')
  const metadata = names(rows.map(r => r.metadata))
  const fixed = ['id', 'dataset', 'subject', 'session', 'contrast', 'image', ...targets.map(t => `label${t}`), 'roi']
  const line = (r: ImageRow): readonly (Scalar | undefined)[] => [
    ...[r.id, r.dataset, r.subject, r.session, r.contrast, filesOf(r).join(';')],
    ...targets.map((_, k) => r.labels[k]!.join(';')),
    r.roi,
    ...entities.map(key => r.entities[key]),
    ...metadata.map(key => r.metadata[key]),
  ]
  return [[...fixed, ...entities, ...metadata], ...rows.map(line)].map(cells => `${csvLine(cells)}\n`).join('')
}

const names = (records: readonly Readonly<Record<string, unknown>>[]): readonly string[] =>
  [...new Set(records.flatMap(r => Object.keys(r)))].sort(compare)
