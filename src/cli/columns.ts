/** Rows of cells as lines, columns under each other two spaces apart; those of numbers to the right. */
export function aligned(table: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map(row => row[column]!.length)))
  const cellOf = (cell: string, column: number): string =>
    right.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)
  return table.map(row => row.map(cellOf).join('  ').trimEnd())
}
