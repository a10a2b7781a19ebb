import { fail } from '../failure.ts'
import { MersenneTwister } from '../mt19937.ts'
import { compare, type ImageRow } from './row.ts'

/** What decides the split; the names of ivadomed's split_dataset, and of its contrast_params. */
export interface SplitParams {
  /** A column of the index: images that share its value stay together. */
  readonly split_method: string
  /** The column that the test part is chosen by (null: split_method), and its values (empty: drawn at random). */
  readonly data_testing: { readonly data_type: string | null; readonly data_value: readonly (string | number)[] }
  /** A column whose values are spread evenly: each is split by itself. */
  readonly balance: string | null
  readonly random_seed: number
  readonly train_fraction: number
  readonly test_fraction: number
  /** Contrasts used for training and validation, and for testing; empty: all. */
  readonly training_validation: readonly string[]
  readonly testing: readonly string[]
}

export interface Split {
  readonly train: readonly string[]
  readonly validation: readonly string[]
  readonly test: readonly string[]
}
export const partNames = ['train', 'validation', 'test'] as const

type Value = string | number
type Warn = (line: string) => void
/** Rows of the index, part by part. */
type Parts = Readonly<Record<(typeof partNames)[number], readonly ImageRow[]>>

/** What a row has in a column: its own fields, the fields of its name, or what is known of it. */
export function columnValue(row: ImageRow, column: string): Value | undefined {
  const own: Readonly<Record<string, Value | undefined>> = {
    participant_id: row.subject,
    subject: row.subject,
    session: row.session,
    session_id: row.session,
    contrast: row.contrast,
    suffix: row.contrast,
    dataset: row.dataset,
  }
  const value = own[column] ?? row.entities[column] ?? row.metadata[column]
  return value === null || value === undefined ? undefined : typeof value === 'boolean' ? String(value) : value
}

/**
 * ivadomed's split (loader/utils.py): whole groups of `split_method`, drawn by numpy's generator and scikit-learn's
 * train_test_split; first the test part, then train and validation from the rest. Every list is sorted by id.
 */
export function splitIndex(rows: readonly ImageRow[], params: SplitParams, warn: Warn): Split {
  // The order in which ivadomed meets the images, datasets in turn and paths sorted, decides what a permutation means.
  const ordered = [...rows].sort((a, b) => a.dataset - b.dataset || compare(a.image, b.image))
  const complete = withColumns(ordered, params, warn)
  const parts = params.balance === null ? splitOnce(complete, params, warn) : balanced(complete, params.balance, params, warn)
  const chosen = chooseContrasts(parts, params)
  checkWhole(chosen, params)
  return {
    train: ids(chosen.train),
    validation: ids(chosen.validation),
    test: ids(chosen.test),
  }
}

const ids = (rows: readonly ImageRow[]): readonly string[] => rows.map(r => r.id).sort(compare)

/** The rows that have a value in the columns that decide; a column that no row has is a failure. */
function withColumns(rows: readonly ImageRow[], p: SplitParams, warn: Warn): readonly ImageRow[] {
  const columns = [...new Set([p.split_method, p.data_testing.data_type ?? p.split_method, ...(p.balance === null ? [] : [p.balance])])]
  return columns.reduce((left, column) => {
    const having = left.filter(row => columnValue(row, column) !== undefined)
    if (having.length === 0) fail({ kind: 'unknown-column', column, columns: columnsOf(rows) })
    const without = left.filter(row => columnValue(row, column) === undefined).map(row => row.id)
    if (without.length > 0) warn(`not in any part, as they have no ${column}: ${without.join(', ')}`)
    return having
  }, rows)
}

const columnsOf = (rows: readonly ImageRow[]): readonly string[] =>
  [...new Set(['participant_id', 'contrast', ...rows.flatMap(r => [...Object.keys(r.entities), ...Object.keys(r.metadata)])])]
    .filter(column => column !== 'sub')
    .sort(compare)

/** Each value of the column split by itself, and the parts joined. */
function balanced(rows: readonly ImageRow[], column: string, p: SplitParams, warn: Warn): Parts {
  const parts = values(rows, column).map(value =>
    splitOnce(
      rows.filter(row => columnValue(row, column) === value),
      p,
      warn,
    ),
  )
  return {
    train: parts.flatMap(x => x.train),
    validation: parts.flatMap(x => x.validation),
    test: parts.flatMap(x => x.test),
  }
}

function splitOnce(rows: readonly ImageRow[], p: SplitParams, warn: Warn): Parts {
  const method = p.split_method
  const type = p.data_testing.data_type ?? method
  const testValues = new Set(p.data_testing.data_value.length > 0 ? given(rows, type, p, warn) : drawn(rows, type, p))
  const test = rows.filter(row => testValues.has(columnValue(row, type)!))
  const rest = rows.filter(row => !testValues.has(columnValue(row, type)!))
  const all = values(rows, method).length
  const remaining = values(rest, method)
  const fraction = (p.train_fraction * all) / remaining.length
  // scikit-learn takes the floor of a product of doubles; so do we, to put the same groups into the same part.
  const count = Math.floor(fraction * remaining.length)
  if (remaining.length === 0 || fraction >= 1 || count === 0)
    empty(count === 0 ? 'train' : 'validation', countsLine(all, method, remaining.length, count), p)
  const { first, second } = trainTestSplit(remaining, count, p.random_seed)
  const inGroup = (groups: readonly Value[]) => rest.filter(row => groups.includes(columnValue(row, method)!))
  return { train: inGroup(first), validation: inGroup(second), test }
}

const countsLine = (all: number, method: string, remaining: number, train: number): string =>
  `of ${all} values of ${method}, ${all - remaining} went to the test part; of the ${remaining} that remain, ${Math.min(train, remaining)} would be trained on`

/** The test values that the user names; those that no image has are told. */
function given(rows: readonly ImageRow[], type: string, p: SplitParams, warn: Warn): readonly Value[] {
  const there = values(rows, type)
  const asked = p.data_testing.data_value
  const found = there.filter(value => asked.some(a => String(a) === String(value)))
  const unknown = asked.filter(a => !there.some(value => String(a) === String(value)))
  if (found.length === 0 && p.balance === null)
    fail({ kind: 'unknown-test-value', column: type, asked: unknown.map(String), values: [...there].sort(compareValues).map(String) })
  if (unknown.length > 0) warn(`no image has ${type} ${unknown.join(', ')}: not taken into account`)
  return found
}

/** Test values drawn at random: at least one, unless the fraction is 0. */
function drawn(rows: readonly ImageRow[], type: string, p: SplitParams): readonly Value[] {
  if (p.test_fraction === 0) return []
  const there = [...values(rows, type)].sort(compareValues)
  const count = Math.max(1, Math.floor(p.test_fraction * there.length))
  if (count >= there.length) empty('train', `all ${there.length} values of ${type} would go to the test part`, p)
  return trainTestSplit(there, count, p.random_seed).first
}

/** scikit-learn's train_test_split: of the permutation p of n the last `count` come first, the others second. */
function trainTestSplit(items: readonly Value[], count: number, seed: number): { first: readonly Value[]; second: readonly Value[] } {
  const permutation = new MersenneTwister(seed).permutation(items.length)
  const pick = (at: readonly number[]) => at.map(i => items[i]!)
  return { first: pick(permutation.slice(items.length - count)), second: pick(permutation.slice(0, items.length - count)) }
}

/** The distinct values of a column, in the order of the rows. */
const values = (rows: readonly ImageRow[], column: string): readonly Value[] => [...new Set(rows.map(r => columnValue(r, column)!))]

/** Numbers by size, then texts by code units. */
const compareValues = (a: Value, b: Value): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : typeof a === 'number' ? -1 : typeof b === 'number' ? 1 : compare(a, b)

/** Contrasts are chosen after the split, so that they do not change which subject is where. */
function chooseContrasts(parts: Parts, p: SplitParams): Parts {
  const only = (rows: readonly ImageRow[], contrasts: readonly string[]) =>
    contrasts.length === 0 ? rows : rows.filter(r => contrasts.includes(r.contrast))
  const chosen = {
    train: only(parts.train, p.training_validation),
    validation: only(parts.validation, p.training_validation),
    test: only(parts.test, p.testing),
  }
  for (const part of partNames) {
    if (chosen[part].length > 0 || (part === 'test' && p.test_fraction === 0)) continue
    const there = [...new Set(parts[part].map(r => r.contrast))].sort(compare)
    empty(part, `the ${parts[part].length} images that the split gives it have the contrasts ${there.join(', ') || '(none)'}`, p)
  }
  return chosen
}

function empty(part: string, counts: string, p: SplitParams): never {
  const { train_fraction, test_fraction, training_validation, testing } = p
  const settings = { train_fraction, test_fraction, training_validation, testing }
  fail({ kind: 'empty-split', part, facts: [counts, JSON.stringify(settings)] })
}

/** No subject may be in two parts: its images are too alike. */
function checkWhole(parts: Parts, p: SplitParams): void {
  const home = new Map<string, string>()
  for (const part of partNames)
    for (const row of parts[part]) {
      const other = home.get(row.subject)
      if (other !== undefined && other !== part)
        fail({ kind: 'split-subject', subject: row.subject, parts: [other, part], column: p.split_method })
      home.set(row.subject, part)
    }
}
