import type { Grey } from './png.ts'

/** Five rows of three pixels each: a row is an octal digit, its left pixel worth 4. */
const glyphs = ['75557', '26227', '71747', '71717', '55711', '74717', '74757', '71122', '75757', '75717']
const [ROWS, COLUMNS] = [5, 3]

/** A whole number of 0 or more as a small picture: 0 and 1, digits five pixels high with a pixel around and between them. */
export function numberPicture(value: number): Grey {
  const digits = Array.from(String(value), Number)
  const [height, width] = [ROWS + 2, digits.length * (COLUMNS + 1) + 1]
  const pixels = new Uint8Array(height * width)
  for (const [d, digit] of digits.entries())
    for (let y = 0; y < ROWS; y++)
      for (let x = 0; x < COLUMNS; x++)
        pixels[(y + 1) * width + d * (COLUMNS + 1) + 1 + x] = (Number(glyphs[digit]![y]) >> (COLUMNS - 1 - x)) & 1
  return { height, width, pixels }
}
