import fc from 'fast-check'
import { expect, test } from 'vitest'
import { outline, type Mask } from '../../src/report/outline.ts'

const mask = (...rows: string[]): Mask => ({
  height: rows.length,
  width: rows[0]!.length,
  pixels: Uint8Array.from(rows.join(''), c => (c === '#' ? 1 : 0)),
})

test('a border runs along the sides of pixels, straight pieces joined', () => {
  expect(outline(mask('....', '.##.', '....'))).toBe('M1 1h2v1h-2v-1z')
  expect(outline(mask('#'))).toBe('M0 0h1v1h-1v-1z')
  expect(outline(mask('..'))).toBe('')
  // A hole has a border of its own.
  expect(outline(mask('###', '#.#', '###')).match(/M/g)).toHaveLength(2)
})

/** Whether a point is inside by the even-odd rule: how many upright borders lie left of it. */
function isInside(path: string, x: number, y: number): boolean {
  let crossed = 0
  let [px, py] = [0, 0]
  for (const [, way, a, b] of path.matchAll(/([Mhvz])(-?\d+)?(?: (-?\d+))?/g)) {
    if (way === 'M') [px, py] = [Number(a), Number(b)]
    if (way === 'h') px += Number(a)
    if (way === 'v') {
      const to = py + Number(a)
      if (px < x && Math.min(py, to) < y && y < Math.max(py, to)) crossed++
      py = to
    }
  }
  return crossed % 2 === 1
}

test('what borders enclose is what the mask covers, whatever its shape', () => {
  const size = fc.integer({ min: 1, max: 9 })
  fc.assert(
    fc.property(fc.tuple(size, size).chain(([h, w]) => fc.tuple(fc.constant(h), fc.constant(w), fc.array(fc.boolean(), { minLength: h * w, maxLength: h * w }))), ([height, width, bits]) => {
      const path = outline({ height, width, pixels: Uint8Array.from(bits, Number) })
      bits.forEach((bit, i) => expect(isInside(path, (i % width) + 0.5, Math.floor(i / width) + 0.5)).toBe(bit))
    }),
    { seed: 5, numRuns: 200 },
  )
})
