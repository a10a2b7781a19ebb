import type { Random } from '../random.ts'

/**
 * One rater of each class, each as probable as the others: which planes of a packed label are theirs. `raters` says by class how
 * many drew it; a class that nobody drew has one plane, of zeros.
 */
export function drawRaters(raters: readonly number[], random: Random): readonly number[] {
  let first = 0
  return raters.map(count => {
    const plane = first + (count > 1 ? random.integer(count) : 0)
    first += Math.max(1, count)
    return plane
  })
}
