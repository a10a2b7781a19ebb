/** A line of a CSV file, without its end: cells are quoted where RFC 4180 wants it. Empty for null and undefined. */
export const csvLine = (cells: readonly (string | number | boolean | null | undefined)[]): string => cells.map(quoted).join(',')

function quoted(cell: string | number | boolean | null | undefined): string {
  const text = String(cell ?? '')
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
