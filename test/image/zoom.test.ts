import assert from 'node:assert/strict'
import { describe, expect, test } from 'vitest'
import { roundHalfEven } from '../../src/image/round.ts'
import { zoom, zoomedSize, type Order } from '../../src/image/zoom.ts'
import { goldenCases, sharedTest } from '../golden.ts'
import { near } from '../near.ts'

const orders: Order[] = [0, 1, 2, 3]
const signal = (n: number) => Float64Array.from({ length: n }, (_, i) => Math.sin(1.7 * i) + 0.3 * i)

test('halves are rounded to the even number', () => {
  assert.deepEqual([0.5, 1.5, 2.5, -0.5, -1.5, -3.5, 2.4, 2.6, -2.4, 7].map(roundHalfEven), [0, 2, 2, 0, -2, -4, 2, 3, -2, 7])
})

test('sizes are rounded as Python rounds, and are at least one', () => {
  assert.deepEqual(
    [zoomedSize(5, 0.5), zoomedSize(7, 0.5), zoomedSize(35, 1 / 0.75), zoomedSize(51, 1 / 0.75), zoomedSize(3, 0.1)],
    [2, 4, 47, 68, 1],
  )
})

describe.each(orders)('order %i', order => {
  test('the same size gives the same numbers', () => {
    near(zoom(signal(9), [9], [9], order), signal(9), 0)
  })

  test('the first and last samples stay where they are', () => {
    for (const [n, m] of [
      [9, 17],
      [9, 5],
      [48, 24],
      [28, 14],
      [28, 22],
      [32, 16],
    ] as const) {
      const out = zoom(signal(n), [n], [m], order)
      near([out[0]!, out[m - 1]!], [signal(n)[0]!, signal(n)[n - 1]!], 1e-12)
    }
  })

  test('a constant stays constant, whatever the sizes', () => {
    for (let n = 1; n <= 12; n++) {
      for (let m = 1; m <= 25; m++) near(zoom(new Float64Array(n).fill(4), [n], [m], order), new Float64Array(m).fill(4), 1e-12)
    }
  })

  test('every sample lies on the spline: twice as fine passes through the coarse samples', () => {
    const out = zoom(signal(9), [9], [17], order)
    near(
      out.filter((_, k) => k % 2 === 0),
      signal(9),
      1e-12,
    )
  })

  test('axes are independent: a product of two signals is zoomed as the product of the zoomed signals', () => {
    const [a, b] = [signal(6), signal(7)]
    const [az, bz] = [zoom(a, [6], [9], order), zoom(b, [7], [4], order)]
    const product = (p: Float64Array, q: Float64Array) =>
      Float64Array.from({ length: p.length * q.length }, (_, i) => p[Math.floor(i / q.length)]! * q[i % q.length]!)
    near(zoom(product(a, b), [6, 7], [9, 4], order), product(az, bz), 1e-12)
  })

  test('axes that keep their size are left alone', () => {
    const volume = Float64Array.from([...signal(20), ...signal(20).map(v => -2 * v)])
    const out = zoom(volume, [2, 4, 5], [2, 6, 5], order)
    near(out.subarray(0, 30), zoom(signal(20), [4, 5], [6, 5], order), 1e-12)
    near(
      out.subarray(30),
      out.subarray(0, 30).map(v => -2 * v),
      1e-12,
    )
  })

  test('the input is not changed', () => {
    const data = signal(12)
    zoom(data, [3, 4], [5, 5], order)
    assert.deepEqual(data, signal(12))
  })
})

test('linear zoom draws straight lines', () => {
  near(zoom([0, 2, 1], [3], [5], 1), [0, 1, 2, 1.5, 1], 1e-15)
})

test('a quadratic spline and a cubic one give the numbers of scipy 1.10', () => {
  // scipy.ndimage.zoom([1, 5, 2, 8, 3], 2, order=2 and 3)
  const x = [1, 5, 2, 8, 3]
  near(
    zoom(x, [5], [10], 2),
    [
      1.0, 2.5453885257806825, 4.868554829339143, 4.287581699346405, 2.026143790849673, 2.862745098039216, 6.712418300653595,
      7.909222948438636, 5.010167029774875, 3.0,
    ],
    1e-12,
  )
  near(
    zoom(x, [5], [10], 3),
    [
      1.0000000000000002, 2.6445228297080154, 4.8440133254948075, 4.095238095238097, 2.0987654320987668, 3.037037037037039,
      6.571428571428569, 7.847344699196552, 5.108563590045071, 3.0,
    ],
    1e-12,
  )
})

interface Zoom1d {
  readonly n: number
  readonly factor: number
  readonly order: Order
  readonly input: readonly number[]
  readonly output: readonly number[]
}
sharedTest('golden/transforms/resample/cases.json', 'one-dimensional zooms agree with scipy to 1e-12, but for its zero at the end', () => {
  const cases = (goldenCases('transforms/resample') as { readonly zoom_1d_float64: readonly Zoom1d[] }).zoom_1d_float64
  expect(cases.length).toBeGreaterThan(20)
  let zeros = 0
  for (const { n, factor, order, input, output } of cases) {
    const m = zoomedSize(n, factor)
    assert.equal(m, output.length)
    const out = zoom(input, [n], [m], order)
    const beyond = ((n - 1) / (m - 1)) * (m - 1) > n - 1
    if (beyond) zeros++
    const known = beyond ? m - 1 : m
    near(out.subarray(0, known), output.slice(0, known), 1e-12)
    if (beyond) near([out[m - 1]!], [input[n - 1]!], 1e-12)
  }
  expect(zeros).toBe(16)
})
