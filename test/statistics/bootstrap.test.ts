import { describe, expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { bootstrapMean, drawResamples } from '../../src/statistics/bootstrap.ts'
import { quantile, sorted } from '../../src/statistics/quantile.ts'

describe('quantiles', () => {
  test("are numpy's percentiles: linear between neighbours", () => {
    const values = sorted([15, 20, 35, 40, 50])
    // numpy.percentile([15, 20, 35, 40, 50], [0, 5, 30, 40, 95, 100])
    expect([0, 0.05, 0.3, 0.4, 0.95, 1].map(q => Math.round(quantile(values, q) * 1e9) / 1e9)).toEqual([15, 16, 23, 29, 48, 50])
  })
  test('of one number are that number, and of none undefined', () => {
    expect([quantile([7], 0.1), quantile([], 0.5)]).toEqual([7, NaN])
  })
  test('are sorted as numbers, not as text', () => {
    expect([...sorted([10, 9, -1])]).toEqual([-1, 9, 10])
  })
})

const draws = (subjects: number, resamples = 2000, seed = 0) => drawResamples(subjects, resamples, new Random(seed, 'test'))

describe('the bootstrap interval of a mean', () => {
  test('is about the mean and 1.96 standard errors for many subjects of normal values', () => {
    const random = new Random(5, 'normal')
    const values = Array.from({ length: 400 }, () => random.normal(0.9, 0.05))
    const mean = values.reduce((a, b) => a + b) / 400
    const error = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / 400 / 400)
    const { low, high } = bootstrapMean(
      values.map(v => [v]),
      draws(400),
    )!
    // Percentiles of 2000 resamples are themselves known to about 0.1 standard errors.
    expect(Math.abs((mean - low) / error - 1.96)).toBeLessThan(0.25)
    expect(Math.abs((high - mean) / error - 1.96)).toBeLessThan(0.25)
  })
  test('of two subjects reaches from one to the other', () => {
    expect(bootstrapMean([[0.5], [1]], draws(2))).toEqual({ low: 0.5, high: 1 })
  })
  test('draws subjects, not images: what one subject repeats adds no certainty', () => {
    const few = bootstrapMean([[0.2], [0.4], [0.9]], draws(3))!
    const repeated = bootstrapMean(
      [
        [0.2, 0.2, 0.2],
        [0.4, 0.4, 0.4],
        [0.9, 0.9, 0.9],
      ],
      draws(3),
    )!
    expect([repeated.low, repeated.high].map(x => x.toFixed(9))).toEqual([few.low, few.high].map(x => x.toFixed(9)))
  })
  test('weighs a subject by its images, as the mean does', () => {
    const { low, high } = bootstrapMean([[0, 0, 0], [1]], draws(2))!
    expect([low, high]).toEqual([0, 1])
    const means = draws(2).map(d => (d[0] === d[1] ? d[0] : 0.25))
    expect(new Set(means)).toEqual(new Set([0, 1, 0.25]))
  })
  test('is the same for the same seed, and not for another', () => {
    const values = Array.from({ length: 9 }, (_, k) => [k * k])
    expect(bootstrapMean(values, draws(9))).toEqual(bootstrapMean(values, draws(9)))
    expect(bootstrapMean(values, draws(9))).not.toEqual(bootstrapMean(values, draws(9, 2000, 1)))
  })
  test('is undefined with fewer than two subjects that have a value, or no resamples', () => {
    expect(bootstrapMean([[1], []], draws(2))).toBeUndefined()
    expect(bootstrapMean([[1], [2]], [])).toBeUndefined()
  })
  test('leaves out subjects without a value', () => {
    expect(bootstrapMean([[1], [], [3]], draws(3))).toEqual({ low: 1, high: 3 })
  })
})
