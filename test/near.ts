import assert from 'node:assert/strict'

/** Every number within the tolerance of the one expected. */
export function near(got: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(got.length, expected.length)
  for (let i = 0; i < got.length; i++) {
    const off = Math.abs(got[i]! - expected[i]!)
    assert.ok(off <= tolerance, `number ${i} is ${got[i]}, not ${expected[i]} (off by ${off}, allowed ${tolerance})`)
  }
}

/** The tolerance of float32 arrays after interpolation or normalisation: 1e-5 of the largest number, and 1e-6. */
export const float32Tolerance = (expected: ArrayLike<number>): number => {
  let largest = 0
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]!))
  return 1e-5 * largest + 1e-6
}
