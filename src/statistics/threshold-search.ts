import type { Voxels } from '../image/morphology.ts'

/** Multiples of the increment above 0 and below 1, as numpy's `arange(0, 1, increment)[1:]`, without its rounding errors. */
export const thresholdsOf = (increment: number): readonly number[] =>
  Array.from({ length: Math.ceil(1 / increment) - 1 }, (_, i) => Number(((i + 1) * increment).toPrecision(12)))

/** Voxels of an image by the highest threshold that their prediction reaches: none of them, the first, the second ... */
export interface Tally {
  /** How much of them the truth has: their number, or the sum of its soft values. */
  readonly truth: readonly number[]
  /** How much of them is background. */
  readonly background: readonly number[]
}

/** Counts one class of an image; with `before`, on top of others. Values are compared as 32-bit numbers, as `binarize_prediction` does. */
export function tally(prediction: Voxels, gt: Voxels, thresholds: readonly number[], before?: Tally): Tally {
  const limits = Float32Array.from(thresholds)
  const truth = Float64Array.from(before?.truth ?? Array<number>(limits.length + 1).fill(0))
  const background = Float64Array.from(before?.background ?? truth.map(() => 0))
  for (let i = 0; i < prediction.length; i++) {
    const value = prediction[i]!
    let [low, high] = [0, value < limits[0]! ? 0 : limits.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (value >= limits[middle]!) low = middle + 1
      else high = middle
    }
    truth[low]! += gt[i]!
    background[low]! += 1 - gt[i]!
  }
  return { truth: [...truth], background: [...background] }
}

/** What a threshold comes to, each the mean over the images where it is defined; null where there is none. */
export interface ThresholdRow {
  readonly threshold: number
  readonly dice: number | null
  readonly recall: number | null
  /** 1 - specificity. */
  readonly falsePositiveRate: number | null
}

/** The table over all thresholds. */
export const thresholdTable = (thresholds: readonly number[], images: readonly Tally[]): readonly ThresholdRow[] =>
  thresholds.map((threshold, at) => {
    const each = images.map(({ truth, background }) => {
      const [hit, wrong] = [truth, background].map(of => sum(of.slice(at + 1))) as [number, number]
      const [all, empty] = [sum(truth), sum(background)]
      return { dice: (2 * hit) / (hit + wrong + all), recall: hit / all, falsePositiveRate: wrong / empty }
    })
    const mean = (name: keyof (typeof each)[number]): number | null => {
      const defined = each.map(image => image[name]).filter(Number.isFinite)
      return defined.length ? sum(defined) / defined.length : null
    }
    return { threshold, dice: mean('dice'), recall: mean('recall'), falsePositiveRate: mean('falsePositiveRate') }
  })

/** The row with the highest Dice; of equal ones the last, as in ivadomed. Undefined where no image has a Dice. */
export function bestThreshold(table: readonly ThresholdRow[]): (ThresholdRow & { readonly dice: number }) | undefined {
  let best: (ThresholdRow & { readonly dice: number }) | undefined
  for (const row of table) if (row.dice !== null && row.dice >= (best?.dice ?? 0)) best = { ...row, dice: row.dice }
  return best
}

/** The table as `thresholds.csv`; what is undefined is empty. */
export const thresholdCsv = (table: readonly ThresholdRow[]): string =>
  [
    'threshold,dice,recall,false_positive_rate',
    ...table.map(row => [row.threshold, row.dice, row.recall, row.falsePositiveRate].map(x => x ?? '').join(',')),
    '',
  ].join('\n')

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
