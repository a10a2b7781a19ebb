/** The candidate that the user may have meant, or undefined when none is close: by edit distance, blind to case, `-` and `_`. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const target = bare(word)
  const limit = Math.max(1, Math.floor(target.length / 3))
  let best: { readonly name: string; readonly distance: number } | undefined
  for (const name of candidates) {
    const candidate = bare(name)
    const distance = editDistance(target, candidate)
    const close = distance <= limit ? distance : isPart(target, candidate) ? limit + 1 : undefined
    if (close !== undefined && (!best || close < best.distance)) best = { name, distance: close }
  }
  return best?.name
}

const bare = (word: string): string => word.toLowerCase().replace(/[-_\s]/g, '')

/** One is the beginning or end of the other: `dice` and `DiceLoss`. */
const isPart = (a: string, b: string): boolean => {
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  return short.length >= 3 && (long.startsWith(short) || long.endsWith(short))
}

/** How many letters to add, drop, change, or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(previous[j]! + 1, row[j - 1]! + 1, change, swapped ? before[j - 2]! + 1 : Infinity)
    }
    before = previous
    previous = row
  }
  return previous[b.length]!
}
