import assert from 'node:assert/strict'
import { test } from 'vitest'
import { philox4x32, Random } from '../src/random.ts'

const hex = (block: Uint32Array) => [...block].map(x => x.toString(16).padStart(8, '0')).join(' ')

/** The known answers of Random123's `kat_vectors` for philox4x32 with ten rounds. */
const ones = 0xffffffff
const answers: [number[], string][] = [
  [[0, 0, 0, 0, 0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
  [[ones, ones, ones, ones, ones, ones], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
  [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0], 'd16cfe09 94fdcceb 5001e420 24126ea1'],
]
test.each(answers)('Philox gives its known answer for %o', (input, answer) => {
  const out = new Uint32Array(4)
  philox4x32(out, ...(input as [number, number, number, number, number, number]))
  assert.equal(hex(out), answer)
})

/** Mean, variance, skewness and kurtosis of n draws. */
function moments(n: number, next: () => number): number[] {
  const x = Float64Array.from({ length: n }, next)
  const mean = x.reduce((a, b) => a + b, 0) / n
  const central = (k: number) => x.reduce((sum, v) => sum + (v - mean) ** k, 0) / n
  const variance = central(2)
  return [mean, variance, central(3) / variance ** 1.5, central(4) / variance ** 2]
}
const near = (got: number[], expected: number[], tolerance: number) => {
  for (const [i, g] of got.entries()) assert.ok(Math.abs(g - expected[i]!) < tolerance, `moment ${i + 1}: ${g}, not ${expected[i]}`)
}

test('uniform numbers have the moments of the uniform distribution', () => {
  const random = new Random(1, 'uniform')
  near(
    moments(200_000, () => random.uniform()),
    [0.5, 1 / 12, 0, 1.8],
    0.01,
  )
})

test('normal numbers have the moments of the normal distribution', () => {
  const random = new Random(1, 'normal')
  near(
    moments(200_000, () => random.normal()),
    [0, 1, 0, 3],
    0.03,
  )
  const shifted = moments(100_000, () => random.normal(5, 2))
  near(shifted.slice(0, 2), [5, 4], 0.06)
})

test.each([0.2, 0.4, 1, 2, 7.5])('gamma and beta numbers of shape %f have the moments of their distributions', shape => {
  const random = new Random(1, 'gamma', shape)
  const gamma = moments(100_000, () => Math.exp(random.logGamma(shape)))
  near(gamma.slice(0, 2), [shape, shape], 0.05 * shape)
  const beta = moments(100_000, () => random.beta(shape, shape))
  near(beta, [0.5, 1 / (4 * (2 * shape + 1)), 0, 3 - 6 / (2 * shape + 3)], 0.03)
  const skewed = moments(100_000, () => random.beta(shape, 2 * shape))
  near(skewed.slice(0, 2), [1 / 3, 2 / (9 * (3 * shape + 1))], 0.01)
})

test('beta numbers of tiny shapes are at the ends, and are numbers', () => {
  const random = new Random(1, 'tiny')
  const drawn = Array.from({ length: 2000 }, () => random.beta(1e-3, 1e-3))
  assert.ok(drawn.every(x => x >= 0 && x <= 1))
  near([drawn.filter(x => x > 0.5).length / 2000], [0.5], 0.05)
})

test('uniform numbers stay in their range', () => {
  const random = new Random(2)
  for (let i = 0; i < 10_000; i++) {
    const x = random.uniform(-3, 4)
    assert.ok(x >= -3 && x < 4)
  }
})

test('integers are equally frequent', () => {
  const random = new Random(3)
  const counts = new Array<number>(7).fill(0)
  for (let i = 0; i < 70_000; i++) counts[random.integer(7)]!++
  // Chi-squared with 6 degrees of freedom: 22.5 has a probability of 0.001.
  const chi = counts.reduce((sum, c) => sum + (c - 10_000) ** 2 / 10_000, 0)
  assert.ok(chi < 22.5, `chi-squared ${chi}`)
})

test('a permutation holds every number once, and all orders are equally frequent', () => {
  const random = new Random(4)
  const seen = new Map<string, number>()
  for (let i = 0; i < 24_000; i++) {
    const order = random.permutation(4)
    assert.deepEqual(order.toSorted(), [0, 1, 2, 3])
    const key = order.join('')
    seen.set(key, (seen.get(key) ?? 0) + 1)
  }
  assert.equal(seen.size, 24)
  // Chi-squared with 23 degrees of freedom: 49.7 has a probability of 0.001.
  const chi = [...seen.values()].reduce((sum, c) => sum + (c - 1000) ** 2 / 1000, 0)
  assert.ok(chi < 49.7, `chi-squared ${chi}`)
})

test('a stream depends on its seed and labels, and on nothing else', () => {
  const first = (...args: ConstructorParameters<typeof Random>) => new Random(...args).uint32()
  assert.equal(first(6, 'augment', 1, 2), first(6, 'augment', 1, 2))
  const streams = [first(6, 'augment', 1, 2), first(6, 'augment', 12), first(6, 'augment', 2, 1), first(7, 'augment', 1, 2), first(6)]
  assert.equal(new Set(streams).size, streams.length)
})

test('two streams are not correlated', () => {
  const [a, b] = [new Random(1, 'a'), new Random(1, 'b')]
  let sum = 0
  for (let i = 0; i < 100_000; i++) sum += a.uniform(-1, 1) * b.uniform(-1, 1)
  // The mean product of independent numbers has a standard deviation of 1/3 / sqrt(n).
  assert.ok(Math.abs(sum / 100_000) < 4 / 3 / Math.sqrt(100_000))
})
