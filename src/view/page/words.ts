/** `0.8712`, or a dash where there is none. */
export const diceWords = (dice: number | undefined): string => dice?.toFixed(4) ?? '–'

/** `12.3 s`, `2 min 05 s`, `1 h 02 min`. */
export function timeWords(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${(ms / 1000).toFixed(1)} s`
  const two = (n: number): string => String(n).padStart(2, '0')
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`
  return `${Math.floor(seconds / 3600)} h ${two(Math.round(seconds / 60) % 60)} min`
}

/** When something began, as the reader's clock says it. */
export const dateWords = (iso: string): string => new Date(iso).toLocaleString()

/** What went wrong, as a text. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
