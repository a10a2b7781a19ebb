import assert from 'node:assert/strict'
import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { gaussianKernel } from '../../src/image/gaussian.ts'
import { Random } from '../../src/random.ts'
import { additiveGaussianNoise } from '../../src/transforms/additive-gaussian-noise.ts'
import { histogramClipping, percentile } from '../../src/transforms/histogram-clipping.ts'
import { normalizeInstance, standardise } from '../../src/transforms/normalize-instance.ts'
import { transforms } from '../../src/transforms/index.ts'
import { randomBiasField } from '../../src/transforms/random-bias-field.ts'
import { randomBlur } from '../../src/transforms/random-blur.ts'
import { power, randomGamma } from '../../src/transforms/random-gamma.ts'
import { randomShiftIntensity } from '../../src/transforms/random-shift-intensity.ts'
import type { AnyTransform } from '../../src/transforms/transform.ts'
import { goldenArray, goldenCases, sharedTest, type Descriptor } from '../golden.ts'
import { float32Tolerance, near } from '../near.ts'
import { picture, type GoldenCase } from './sample.ts'

const shape = [32, 24] as const
const slice = picture([1, ...shape]).data
const mean = (x: ArrayLike<number>) => Array.from(x).reduce((a, b) => a + b, 0) / x.length
const std = (x: ArrayLike<number>) => {
  const middle = mean(x)
  return Math.sqrt(mean(Array.from(x, v => (v - middle) ** 2)))
}

/** The slices of a golden folder, each with what ivadomed made of it and what it noted. */
function goldenSlices(folder: string, count: number, check: (c: GoldenCase, input: Float32Array) => ArrayLike<number>): void {
  const path = `transforms/${folder}`
  const cases = (goldenCases(path) as { readonly cases: readonly GoldenCase[] }).cases.filter(
    c => !Array.isArray(c.input) && c.input.shape.length === 2,
  )
  expect(cases).toHaveLength(count)
  for (const c of cases) {
    const expected = goldenArray(path, c.output)
    near(check(c, Float32Array.from(goldenArray(path, c.input))), expected, float32Tolerance(expected))
  }
}

describe('NormalizeInstance', () => {
  test('gives mean 0 and standard deviation 1', () => {
    const out = standardise(slice)
    near([mean(out), std(out)], [0, 1], 1e-5)
  })
  test('a constant slice becomes zeros, and no NaN', () => {
    near(standardise(new Float32Array(12).fill(7)), new Float32Array(12), 0)
    assert.equal(standardise(new Float32Array(0)).length, 0)
  })
  test('is done to the image only, unless the settings say otherwise', () => {
    assert.deepEqual(normalizeInstance.params.parse({}).applied_to, ['im'])
  })
  sharedTest('golden/transforms/normalizeinstance/cases.json', 'slices are those of ivadomed', () =>
    goldenSlices('normalizeinstance', 3, (_, input) => standardise(input)),
  )
})

describe('HistogramClipping', () => {
  test('percentiles lie between ranks as in numpy', () => {
    const sorted = Float32Array.of(1, 2, 4, 8)
    near(
      [0, 25, 50, 90, 100].map(q => percentile(sorted, q)),
      [1, 1.75, 3, 6.8, 8],
      1e-12,
    )
  })
  test('values beyond the percentiles become them, and the others stay', () => {
    const params = histogramClipping.params.parse({ min_percentile: 25, max_percentile: 75 })
    near(histogramClipping.apply(Float32Array.of(9, 1, 5, 3, 7), params, [1, 5], new Random(0)), [7, 3, 5, 3, 7], 0)
  })
  test('percentiles the wrong way round are refused', () => {
    assert.equal(histogramClipping.params.safeParse({ min_percentile: 60, max_percentile: 40 }).success, false)
  })
  sharedTest('golden/transforms/histogramclipping/cases.json', 'slices are those of ivadomed', () =>
    goldenSlices('histogramclipping', 3, (c, input) =>
      histogramClipping.apply(input, histogramClipping.params.parse(c.params), [1, 1], new Random(0)),
    ),
  )
})

describe('RandomShiftIntensity', () => {
  const params = randomShiftIntensity.params.parse({ shift_range: [-10, 20], prob: 0.3 })
  test('adds one number within its range, as often as asked', () => {
    const random = new Random(1)
    let count = 0
    for (let i = 0; i < 2000; i++) {
      const out = randomShiftIntensity.apply(slice, params, shape, random)
      const shift = out[0]! - slice[0]!
      if (out !== slice) count++
      assert.ok(shift >= -10.001 && shift <= 20.001)
      near([out[100]! - slice[100]!], [shift], 1e-4)
    }
    assert.ok(Math.abs(count / 2000 - 0.3) < 0.035, `${count}`)
  })
})

sharedTest('golden/transforms/randomshiftintensity/cases.json', 'slices are shifted as by ivadomed', () => {
  const path = 'transforms/randomshiftintensity'
  const cases = (goldenCases(path) as { readonly cases: readonly GoldenCase[] }).cases.filter(c => !Array.isArray(c.input))
  expect(cases.length).toBeGreaterThanOrEqual(2)
  for (const { input, output, metadata_out } of cases) {
    const offset = metadata_out['offset'] as number
    const params = randomShiftIntensity.params.parse({ shift_range: [offset, offset], prob: offset === 0 ? 0 : 1 })
    const out = randomShiftIntensity.apply(Float32Array.from(goldenArray(path, input)), params, [1, 1], new Random(0))
    near(out, goldenArray(path, output), float32Tolerance(out))
  }
})

/** Gives numbers that are known, in place of random ones. */
class Known extends Random {
  readonly #numbers: Iterator<number>
  constructor(numbers: Iterable<number>) {
    super(0)
    this.#numbers = numbers[Symbol.iterator]()
  }
  override normal(): number {
    return Number(this.#numbers.next().value)
  }
}
sharedTest('golden/transforms/additivegaussiannoise/cases.json', 'noise is added as by ivadomed', () => {
  const path = 'transforms/additivegaussiannoise'
  const { cases } = goldenCases(path) as { readonly cases: readonly (GoldenCase & { readonly noise?: Descriptor })[] }
  let compared = 0
  for (const { input, output, params, noise } of cases) {
    if (!noise) continue
    const given = additiveGaussianNoise.params.parse(params)
    const drawn = goldenArray(path, noise)
    const out = additiveGaussianNoise.apply(Float32Array.from(goldenArray(path, input)), given, [1, 1], new Known(drawn))
    near(out, goldenArray(path, output), float32Tolerance(out))
    // Theirs is of the distribution that ours is tested for.
    near([mean(drawn), std(drawn)], [given.mean, given.std], 4 * given.std * drawn.length ** -0.5)
    compared++
  }
  expect(compared).toBe(2)
})

describe('AdditiveGaussianNoise', () => {
  test('has the mean and the standard deviation asked for, and nothing is added at none', () => {
    const random = new Random(2)
    const quiet = new Float32Array(1_000_000)
    const out = additiveGaussianNoise.apply(quiet, additiveGaussianNoise.params.parse({ mean: 1.5, std: 3 }), [1, 1], random)
    // Three standard deviations of the mean of a million, and less than 1 % of each.
    near([mean(out), std(out)], [1.5, 3], 0.009)
    near(additiveGaussianNoise.apply(slice, additiveGaussianNoise.params.parse({ std: 0 }), shape, random), slice, 0)
  })
})

describe('RandomGamma', () => {
  test('keeps the sign, and cuts what a float32 cannot hold', () => {
    near(power(Float32Array.of(-4, 0, 9), 0.5), [-2, 0, 3], 1e-6)
    assert.deepEqual([...power(Float32Array.of(-1e30, 1e30), 3)], [-3.4028234663852886e38, 3.4028234663852886e38])
  })
  test('the power is within its range, and as frequent as asked', () => {
    const random = new Random(3)
    const params = randomGamma.params.parse({ log_gamma_range: [-0.5, 0.5] })
    let count = 0
    for (let i = 0; i < 2000; i++) {
      const [out] = randomGamma.apply(Float32Array.of(Math.E), params, [1, 1], random)
      const logGamma = Math.log(Math.log(out!))
      assert.ok(Math.abs(logGamma) <= 0.5001)
      if (Math.abs(logGamma) > 1e-6) count++
    }
    assert.ok(Math.abs(count / 2000 - 0.5) < 0.04, `${count}`)
  })
  sharedTest('golden/transforms/randomgamma/cases.json', 'slices are those of ivadomed at its powers', () =>
    goldenSlices('randomgamma', 5, (c, input) => power(input, (c.metadata_out['gamma'] as [number | null])[0] ?? 1)),
  )
})

describe('RandomBlur', () => {
  const blur = (sigma: number, p: number, input = slice, size: readonly [number, number] = shape) =>
    randomBlur.apply(input, randomBlur.params.parse({ sigma_range: [sigma, sigma], p }), size, new Random(1))
  test('smooths, keeps the mean, and does nothing at sigma 0 or probability 0', () => {
    assert.ok(std(blur(2, 1)) < 0.9 * std(slice))
    near([mean(blur(2, 1))], [mean(slice)], 1e-4)
    near(blur(0, 1), slice, 0)
    near(blur(2, 0), slice, 0)
  })
  sharedTest('golden/transforms/randomblur/cases.json', 'slices are those of ivadomed at its sigmas', () =>
    goldenSlices('randomblur', 2, (c, input) => {
      const [sigma] = c.metadata_out['blur'] as [number | null]
      return blur(sigma ?? 0, 1, input, c.input.shape as unknown as readonly [number, number])
    }),
  )
})

describe('at no strength', () => {
  test.each([
    ['RandomShiftIntensity', { shift_range: [0, 0], prob: 1 }],
    ['AdditiveGaussianNoise', { mean: 0, std: 0 }],
    ['RandomGamma', { log_gamma_range: [0, 0], p: 1 }],
    ['RandomBlur', { sigma_range: [0, 0], p: 1 }],
    ['RandomBiasField', { coefficients: 0, p: 1 }],
    ['HistogramClipping', { min_percentile: 0, max_percentile: 100 }],
    ['DilateGT', { dilation_factor: 0 }],
  ] as const)('%s gives the slice itself', (name, settings) => {
    const transform: AnyTransform = transforms[name]
    assert.equal(transform.kind, 'intensity')
    const params: unknown = transform.params.parse(settings)
    for (let seed = 0; seed < 3; seed++) near(transform.apply(slice, params, shape, new Random(seed)), slice, 1e-5)
  })
})

describe('by default', () => {
  test('what changes values is done to the image only, DilateGT to the label only', () => {
    for (const [name, transform] of Object.entries<AnyTransform>(transforms)) {
      if (transform.kind !== 'intensity') continue
      const appliedTo = (transform.params.shape['applied_to'] as z.ZodType).parse(undefined)
      assert.deepEqual(appliedTo, name === 'DilateGT' ? ['gt'] : ['im'], name)
    }
  })
})

describe('over a million pixels', () => {
  const million = new Float32Array(1_000_000).map((_, i) => (i % 1000) / 10)
  const at = [1000, 1000] as const
  const within = (got: number, expected: number) => assert.ok(Math.abs(got / expected - 1) < 0.01, `${got}, not ${expected}`)
  test('RandomShiftIntensity moves the mean by its number, and no other moment', () => {
    const out = randomShiftIntensity.apply(million, randomShiftIntensity.params.parse({ shift_range: [7, 7], prob: 1 }), at, new Random(0))
    within(mean(out), mean(million) + 7)
    within(std(out), std(million))
  })
  test('RandomGamma gives the moments of the power', () => {
    const out = randomGamma.apply(million, randomGamma.params.parse({ log_gamma_range: [0.2, 0.2], p: 1 }), at, new Random(0))
    // Uniform over 0 ... a: the mean of x^g is a^g / (g + 1), that of x^2g a^2g / (2g + 1).
    const g = Math.exp(0.2)
    const first = 99.95 ** g / (g + 1)
    within(mean(out), first)
    within(std(out), Math.sqrt(99.95 ** (2 * g) / (2 * g + 1) - first ** 2))
  })
  test('RandomBiasField gives the moments of its field', () => {
    // At order 1 the field is e^(a + a x + a y) over x and y from -1 to 1: the mean of e^ax is sinh(a) / a.
    const a = 0.5
    const ones = new Float32Array(1_000_000).fill(1)
    const out = randomBiasField.apply(ones, randomBiasField.params.parse({ coefficients: [a, a], order: 1, p: 1 }), at, new Random(0))
    const moment = (k: number) => Math.exp(k * a) * (Math.sinh(k * a) / (k * a)) ** 2
    within(mean(out), moment(1))
    within(std(out), Math.sqrt(moment(2) - moment(1) ** 2))
  })
  test('RandomBlur thins white noise as its kernel says', () => {
    const random = new Random(5)
    const noise = million.map(() => random.normal(100, 10))
    const out = randomBlur.apply(noise, randomBlur.params.parse({ sigma_range: [2, 2], p: 1 }), at, random)
    const kernel = gaussianKernel(2)
    const squares = kernel.reduce((sum, w, i) => sum + (i === 0 ? w * w : 2 * w * w), 0)
    within(mean(out), 100)
    within(std(out), 10 * squares)
  })
})
