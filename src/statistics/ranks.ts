/** Ranks from 1, equal values sharing the mean of theirs; and how many share each rank, of those that do. */
export interface Ranks {
  /** In the order of the values. */
  readonly ranks: Float64Array
  /** Sizes of the groups of equal values, those of one value left out. */
  readonly ties: readonly number[]
}

/** Ranks numbers in ascending order, as scipy's `rankdata`. */
export function rank(values: ArrayLike<number>): Ranks {
  const order = Uint32Array.from(values, (_, i) => i).sort((i, j) => values[i]! - values[j]!)
  const ranks = new Float64Array(order.length)
  const ties: number[] = []
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++
    for (let k = start; k < end; k++) ranks[order[k]!] = (start + 1 + end) / 2
    if (end - start > 1) ties.push(end - start)
  }
  return { ranks, ties }
}
