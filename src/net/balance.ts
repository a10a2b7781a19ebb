import { columnsOf, columnValue, type Value } from '../bids/columns.ts'
import type { ImageRow } from '../bids/row.ts'
import { fail } from '../failure.ts'
import { Random } from '../random.ts'
import { RowReader, type SampleRef } from './samples.ts'

/** What a sample is balanced by: whether it has foreground, or the value of a column. */
export type Group = Value | boolean | null

/** The weight of each sample: 1 / how many are of its group, so that every group is drawn as often as any other. */
export function weightsOf(groups: readonly Group[]): readonly number[] {
  const counts = countsOf(groups)
  return groups.map(group => 1 / counts.get(group)!)
}

/** As many draws as there are samples, with replacement, each by its weight. `epoch` 0: the draw of the validation set. */
export function balancedOrder(weights: readonly number[], seed: number, epoch: number): number[] {
  const random = new Random(seed, 'balance', epoch)
  let sum = 0
  const sums = weights.map(weight => (sum += weight))
  return weights.map(() => firstAbove(sums, random.uniform(0, sum)))
}

/** Where in ascending numbers the first lies that is above `x`; the last where rounding leaves none. */
function firstAbove(sums: readonly number[], x: number): number {
  let [low, high] = [0, sums.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sums[middle]! > x) high = middle
    else low = middle + 1
  }
  return low
}

/** Whether each sample's label has foreground, of any class. Every label, or patch of one, is read once. */
export async function foregroundOf(
  samples: readonly SampleRef[],
  soft = false,
  reader: Pick<RowReader, 'read'> = new RowReader(),
): Promise<readonly boolean[]> {
  const found: boolean[] = []
  for (const { label, row, patch } of samples) {
    const { data } = await reader.read(label!, row, undefined, patch)
    found.push(data.some(value => (soft ? value > 0 : value >= 0.5)))
  }
  return found
}

/** What the images of the samples have in a column of the index; null where one has nothing there. */
export function columnOf(samples: readonly SampleRef[], rows: readonly ImageRow[], column: string): readonly Group[] {
  const known = new Map(rows.map(row => [row.id, columnValue(row, column) ?? null]))
  const groups = samples.map(({ id }) => known.get(id) ?? null)
  if (groups.every(group => group === null)) fail({ kind: 'unknown-column', column, columns: columnsOf(rows) })
  return groups
}

/** Training and validation slices of one part of a split each, and the groups that their samples are of. */
export interface ToBalance {
  readonly training: readonly SampleRef[]
  readonly validation: readonly SampleRef[]
  readonly groupsOf: (samples: readonly SampleRef[]) => Promise<readonly Group[]>
  readonly seed: number
  readonly say: (line: string, level?: 'warn') => void
}

/**
 * The samples of each epoch, drawn anew for each, and the validation set, drawn once: the losses of all epochs are then of the
 * same slices.
 */
export async function balance({ training, validation, groupsOf, seed, say }: ToBalance): Promise<{
  readonly order: (epoch: number) => readonly number[]
  readonly validation: readonly SampleRef[]
}> {
  const groups = await groupsOf(training)
  const weights = weightsOf(groups)
  say(`Balanced training slices: ${tally(groups)}; each group is drawn equally often.`)
  if (new Set(groups).size < 2) say('There is one group, so there is nothing to balance: slices are drawn by chance.', 'warn')
  const drawn = balancedOrder(weightsOf(await groupsOf(validation)), seed, 0).sort((a, b) => a - b)
  return { order: epoch => balancedOrder(weights, seed, epoch), validation: drawn.map(i => validation[i]!) }
}

/** `true 12, false 108` */
const tally = (groups: readonly Group[]): string =>
  [...countsOf(groups)].map(([group, count]) => `${group === null ? 'no value' : String(group)} ${count}`).join(', ')

function countsOf(groups: readonly Group[]): ReadonlyMap<Group, number> {
  const counts = new Map<Group, number>()
  for (const group of groups) counts.set(group, (counts.get(group) ?? 0) + 1)
  return counts
}
