const prefix = 'sweep-'

/** What a sweep is called in addresses, where runs are called by their folders. */
export const nameOfSweep = (id: string): string => `${prefix}${id}`

/** The folder of the sweep that a name in an address means; undefined of a run. */
export const sweepIn = (name: string): string | undefined => (name.startsWith(prefix) ? name.slice(prefix.length) : undefined)

/** A run or a sweep, for readers. */
export function titleOf(name: string): string {
  const id = sweepIn(name)
  return id === undefined ? name : `sweep ${id}`
}
