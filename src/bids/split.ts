import { fail } from '../failure.ts'
import { MersenneTwister } from '../mt19937.ts'
import { columnsOf, columnValue, compareValues, sameValue, values, type Value } from './columns.ts'
import { balanceContrasts, chooseContrasts, type ContrastParams } from './contrasts.ts'
import { dealFolds } from './folds.ts'
import { givenParts, type GivenSplit } from './given-split.ts'
import { guardParts, type Duplicates } from './guard.ts'
import { emptyPart, ids, partNames, type Parts, type Split } from './parts.ts'
import { compare, type ImageRow } from './row.ts'
import { selectSubjects, type SubjectSelection } from './selection.ts'

/** What decides the split; the names of ivadomed's split_dataset, of its contrast_params, and of subject_selection. */
export interface SplitParams extends ContrastParams {
  /** A column of the index: images that share its value stay together. */
  readonly split_method: string
  /** The column that the test part is chosen by (null: split_method), and its values (empty: drawn at random). */
  readonly data_testing: { readonly data_type: string | null; readonly data_value: readonly (string | number)[] }
  /** A column whose values are spread evenly: each is split by itself. */
  readonly balance: string | null
  readonly random_seed: number
  readonly train_fraction: number
  readonly test_fraction: number
  readonly subject_selection: SubjectSelection
  /** Images of equal content may be in two parts. */
  readonly allow_duplicates: boolean
  /** Cross-validation: into how many folds, and which one of them (from 1) is tested on. Undefined: none. */
  readonly folds?: number | undefined
  readonly fold?: number | undefined
}

/** What a split looks at beside the rows and the params. */
export interface SplitInputs {
  /** A split made earlier, which then alone decides what is where. */
  readonly given?: GivenSplit | undefined
  readonly duplicates?: Duplicates | undefined
}

type Warn = (line: string) => void

/**
 * ivadomed's split (loader/utils.py): whole groups of `split_method`, drawn by numpy's generator and scikit-learn's
 * train_test_split; first the test part, then train and validation from the rest. Every list is sorted by id.
 */
export function splitIndex(rows: readonly ImageRow[], params: SplitParams, warn: Warn, inputs: SplitInputs = {}): Split {
  const { given, duplicates = [] } = inputs
  const parts = given ? givenParts(rows, given, warn) : newParts(rows, params, warn)
  const chosen = balanceContrasts(chooseContrasts(parts, params), params.contrast_balance, params.random_seed)
  const untested = given ? given.test.length === 0 : noTest(params)
  for (const part of partNames) if (chosen[part].length === 0 && !(part === 'test' && untested)) emptyPart(part, [settings(params)])
  guardParts(chosen, { duplicates, by: given ? 'fname_split' : params.split_method, allow: params.allow_duplicates ? warn : undefined })
  return { train: ids(chosen.train), validation: ids(chosen.validation), test: ids(chosen.test) }
}

function newParts(rows: readonly ImageRow[], params: SplitParams, warn: Warn): Parts {
  // The order in which ivadomed meets the images, datasets in turn and paths sorted, decides what a permutation means.
  const ordered = [...rows].sort((a, b) => a.dataset - b.dataset || compare(a.image, b.image))
  const selected = selectSubjects(ordered, params.subject_selection, params.random_seed)
  const complete = withColumns(selected, params, warn)
  const groups = byBalance(complete, params.balance)
  const isTested = params.folds === undefined ? undefined : inFold(groups, params)
  return join(groups.map(group => splitOnce(group, params, isTested, warn)))
}

const noTest = (p: SplitParams): boolean => p.test_fraction === 0 && p.folds === undefined && p.data_testing.data_value.length === 0

/** The rows that have a value in the columns that decide; a column that no row has is a failure. */
function withColumns(rows: readonly ImageRow[], p: SplitParams, warn: Warn): readonly ImageRow[] {
  const columns = [...new Set([p.split_method, testColumn(p), ...(p.balance === null ? [] : [p.balance])])]
  return columns.reduce((left, column) => {
    const having = left.filter(row => columnValue(row, column) !== undefined)
    if (having.length === 0) fail({ kind: 'unknown-column', column, columns: columnsOf(rows) })
    const without = left.filter(row => columnValue(row, column) === undefined).map(row => row.id)
    if (without.length > 0) warn(`not in any part, as they have no ${column}: ${without.join(', ')}`)
    return having
  }, rows)
}

const testColumn = (p: SplitParams): string => p.data_testing.data_type ?? p.split_method

/** The rows of each value of the column that is balanced; all of them where none is. */
const byBalance = (rows: readonly ImageRow[], column: string | null): readonly (readonly ImageRow[])[] =>
  column === null ? [rows] : values(rows, column).map(value => rows.filter(row => columnValue(row, column) === value))

const join = (all: readonly Parts[]): Parts => ({
  train: all.flatMap(x => x.train),
  validation: all.flatMap(x => x.validation),
  test: all.flatMap(x => x.test),
})

function inFold(groups: readonly (readonly ImageRow[])[], p: SplitParams): (value: Value) => boolean {
  const column = testColumn(p)
  const fold = dealFolds(
    groups.map(rows => values(rows, column)),
    p.folds!,
    p.random_seed,
  )
  if (fold.size < p.folds!) emptyPart('test', [`${fold.size} values of ${column} cannot make ${p.folds} folds`])
  return value => fold.get(value) === p.fold
}

function splitOnce(rows: readonly ImageRow[], p: SplitParams, isTested: ((value: Value) => boolean) | undefined, warn: Warn): Parts {
  const method = p.split_method
  const type = testColumn(p)
  const testValues = new Set(isTested ? values(rows, type).filter(isTested) : testing(rows, type, p, warn))
  const test = rows.filter(row => testValues.has(columnValue(row, type)!))
  const rest = rows.filter(row => !testValues.has(columnValue(row, type)!))
  const all = values(rows, method).length
  const remaining = values(rest, method)
  const fraction = (p.train_fraction * all) / remaining.length
  // scikit-learn takes the floor of a product of doubles; so do we, to put the same groups into the same part.
  const count = Math.floor(fraction * remaining.length)
  if (remaining.length === 0 || fraction >= 1 || count === 0)
    emptyPart(count === 0 ? 'train' : 'validation', [countsLine(all, method, remaining.length, count), settings(p)])
  const { first, second } = trainTestSplit(remaining, count, p.random_seed)
  const inGroup = (groups: readonly Value[]) => rest.filter(row => groups.includes(columnValue(row, method)!))
  return { train: inGroup(first), validation: inGroup(second), test }
}

const countsLine = (all: number, method: string, remaining: number, train: number): string =>
  `of ${all} values of ${method}, ${all - remaining} went to the test part; of the ${remaining} that remain, ${Math.min(train, remaining)} would be trained on`

/** The params that decide how large parts are, for messages. */
const settings = ({ train_fraction, test_fraction, training_validation, testing }: SplitParams): string =>
  JSON.stringify({ train_fraction, test_fraction, training_validation, testing })

/** The values to test on: those that the user names, else some drawn at random. */
const testing = (rows: readonly ImageRow[], type: string, p: SplitParams, warn: Warn): readonly Value[] =>
  p.data_testing.data_value.length > 0 ? named(rows, type, p, warn) : drawn(rows, type, p)

/** The test values that the user names; those that no image has are told. */
function named(rows: readonly ImageRow[], type: string, p: SplitParams, warn: Warn): readonly Value[] {
  const there = values(rows, type)
  const asked = p.data_testing.data_value
  const found = there.filter(value => asked.some(a => sameValue(a, value)))
  const unknown = asked.filter(a => !there.some(value => sameValue(a, value)))
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
  if (count >= there.length) emptyPart('train', [`all ${there.length} values of ${type} would go to the test part`, settings(p)])
  return trainTestSplit(there, count, p.random_seed).first
}

/** scikit-learn's train_test_split: of the permutation p of n the last `count` come first, the others second. */
function trainTestSplit(items: readonly Value[], count: number, seed: number): { first: readonly Value[]; second: readonly Value[] } {
  const permutation = new MersenneTwister(seed).permutation(items.length)
  const pick = (at: readonly number[]) => at.map(i => items[i]!)
  return { first: pick(permutation.slice(items.length - count)), second: pick(permutation.slice(0, items.length - count)) }
}
