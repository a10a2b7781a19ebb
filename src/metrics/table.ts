import type { Evaluation } from './index.ts'

/** One image's metrics as a document: null where a metric is undefined. Lists, since their order is that of the columns. */
export interface Row {
  readonly columns: readonly string[]
  readonly values: readonly (number | null)[]
}

/** The table of all images: columns in ivadomed's order, rows by id. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly { readonly image: string; readonly values: Readonly<Record<string, number | null>> }[]
  /** Of every column, over the images where it is defined; null where there are none. */
  readonly means: Readonly<Record<string, number | null>>
}

export const rowOf = ({ columns, values }: Pick<Evaluation, 'columns' | 'values'>): Row => ({
  columns,
  values: values.map(value => (Number.isFinite(value) ? value : null)),
})

/** Puts the rows together. Images have different columns where they have objects of different sizes. */
export function tableOf(rows: ReadonlyMap<string, Row>): Table {
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1))
  const columns: string[] = []
  for (const [, row] of sorted) insertColumns(columns, row.columns)
  const records = sorted.map(([image, row]) => ({
    image,
    values: Object.fromEntries(row.columns.map((column, at) => [column, row.values[at] ?? null])),
  }))
  const means = columns.map(column => [column, mean(records.map(record => record.values[column] ?? null))] as const)
  return { columns, rows: records, means: Object.fromEntries(means) }
}

/** A column that is new comes after the one before it in its row, so that classes and sizes stay together. */
function insertColumns(columns: string[], row: readonly string[]): void {
  let place = 0
  for (const column of row) {
    const known = columns.indexOf(column)
    if (known < 0) columns.splice(place, 0, column)
    place = (known < 0 ? place : known) + 1
  }
}

function mean(values: readonly (number | null)[]): number | null {
  const defined = values.filter(value => value !== null)
  return defined.length === 0 ? null : defined.reduce((a, b) => a + b, 0) / defined.length
}

/** As ivadomed's `evaluation_3Dmetrics.csv`: the first column is `image_id`; what is undefined is empty. */
export function toCsv({ columns, rows }: Table): string {
  const lines = rows.map(({ image, values }) => [image, ...columns.map(column => values[column] ?? '')].join(','))
  return [['image_id', ...columns].join(','), ...lines, ''].join('\n')
}
