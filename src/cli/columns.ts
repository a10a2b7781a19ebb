import { widthOf } from './live.ts'

/** Rows of cells as lines, columns under each other two spaces apart, as a terminal shows them; those of numbers to the right. */
export function aligned(table: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map(row => widthOf(row[column]!))))
  const cellOf = (cell: string, column: number): string => {
    const room = ' '.repeat(widths[column]! - widthOf(cell))
    return right.includes(column) ? room + cell : cell + room
  }
  return table.map(row => row.map(cellOf).join('  ').trimEnd())
}
