import { compare, type ImageRow } from './row.ts'

/** Ids of images of equal content, in groups of two and more: what the digests of their files say, one a channel. Sorted. */
export function twins(rows: readonly ImageRow[], digestsOf: (row: ImageRow) => readonly string[]): readonly (readonly string[])[] {
  const byDigest = new Map<string, string[]>()
  for (const row of rows)
    for (const digest of new Set(digestsOf(row))) {
      const group = byDigest.get(digest)
      if (group) group.push(row.id)
      else byDigest.set(digest, [row.id])
    }
  const groups = [...byDigest.values()].filter(group => group.length > 1).map(group => group.sort(compare))
  // Images may share several channels.
  const distinct = new Map(groups.map(group => [group.join(), group]))
  return [...distinct.values()].sort(([a], [b]) => compare(a!, b!))
}
