/** Sorted copy, NaN last. */
export const sorted = (values: Iterable<number>): Float64Array => Float64Array.from(values).sort()

/**
 * The value below which a part `q` (0 to 1) of ascending numbers lies, linear between neighbours: numpy's percentile. NaN of none.
 */
export function quantile(ascending: ArrayLike<number>, q: number): number {
  if (ascending.length === 0) return NaN
  const place = q * (ascending.length - 1)
  const low = Math.floor(place)
  const below = ascending[low]!
  const above = ascending[Math.min(low + 1, ascending.length - 1)]!
  return below + (above - below) * (place - low)
}
