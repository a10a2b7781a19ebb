import { compare, type ImageRow } from './row.ts'

/** Ids of images of equal content, in groups of two and more: what a digest of their files says. Sorted. */
export function twins(rows: readonly ImageRow[], digestOf: (row: ImageRow) => string): readonly (readonly string[])[] {
  const byDigest = new Map<string, string[]>()
  for (const row of rows) {
    const digest = digestOf(row)
    const group = byDigest.get(digest)
    if (group) group.push(row.id)
    else byDigest.set(digest, [row.id])
  }
  return [...byDigest.values()]
    .filter(group => group.length > 1)
    .map(group => group.sort(compare))
    .sort(([a], [b]) => compare(a!, b!))
}
