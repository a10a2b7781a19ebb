import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { cohensDz, rankBiserial } from '../../src/statistics/effect-size.ts'
import { holm } from '../../src/statistics/holm.ts'
import { kolmogorovSmirnov } from '../../src/statistics/kolmogorov-smirnov.ts'
import { pairedT, spread } from '../../src/statistics/paired-t.ts'
import { rank } from '../../src/statistics/ranks.ts'
import { incompleteBeta, logGamma, normalUpper } from '../../src/statistics/special.ts'
import { noncentralT, tCritical, tTwoSided } from '../../src/statistics/student-t.ts'
import { signedRanks, wilcoxon } from '../../src/statistics/wilcoxon.ts'

const numbers = z.array(z.number())
const test2 = z.object({ statistic: z.number(), p: z.number() })
/** What scipy says; `paired_scipy.py` beside it makes it. */
const golden = z
  .object({
    paired: z.array(
      z.object({
        name: z.string(),
        a: numbers,
        b: numbers,
        wilcoxon: test2.extend({ method: z.string() }).optional(),
        t: z.object({ t: z.number(), freedom: z.number(), p: z.number(), interval: numbers }).optional(),
        dz: z.object({ value: z.number(), interval: numbers }).optional(),
        ks: test2,
      }),
    ),
    unpaired: z.array(test2.extend({ name: z.string(), a: numbers, b: numbers })),
    t: z.array(z.object({ t: z.number(), freedom: z.number(), p: z.number(), critical: z.number() })),
    normal: z.array(z.object({ z: z.number(), p: z.number() })),
    'noncentral t': z.array(z.object({ t: z.number(), freedom: z.number(), shift: z.number(), p: z.number() })),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'paired_scipy.json'), 'utf8')))

/** Equal to nine digits: of large numbers relative, of small ones too. */
function same(got: number, wanted: number, digits = 1e-9): void {
  expect(Math.abs(got - wanted), `${got} for ${wanted}`).toBeLessThanOrEqual(digits * Math.max(Math.abs(wanted), 1e-100))
}

const largest = (...lists: readonly (readonly number[])[]): number => Math.max(...lists.flat().map(Math.abs))

describe.each(golden.paired)('of $name', c => {
  const differences = c.b.map((b, i) => b - c.a[i]!)
  const t = pairedT(spread(differences, largest(c.a, c.b)), differences.length)

  test("the signed-rank test is scipy's", () => {
    const got = wilcoxon(differences)
    expect(got?.method).toBe(c.wilcoxon?.method)
    expect(got?.statistic).toBe(c.wilcoxon?.statistic)
    if (got && c.wilcoxon) same(got.p, c.wilcoxon.p)
  })
  test("the t test and the interval of the mean difference are scipy's, and undefined where it says nan", () => {
    expect(t === undefined).toBe(c.t === undefined)
    if (!t || !c.t) return
    expect(t.freedom).toBe(c.t.freedom)
    same(t.t, c.t.t)
    same(t.p, c.t.p)
    ;[t.interval.low, t.interval.high].forEach((x, i) =>
      expect(Math.abs(x - c.t!.interval[i]!)).toBeLessThan(1e-9 * Math.max(1, largest(c.a))),
    )
  })
  test("Cohen's dz has the interval that quadrature and root-finding of scipy give", () => {
    if (!t || !c.dz) return
    const dz = cohensDz(t)
    same(dz.value, c.dz.value)
    ;[dz.interval.low, dz.interval.high].forEach((x, i) => expect(Math.abs(x - c.dz!.interval[i]!)).toBeLessThan(1e-8))
  })
  test("the Kolmogorov-Smirnov test is scipy's", () => {
    const got = kolmogorovSmirnov(c.a, c.b)!
    same(got.statistic, c.ks.statistic)
    same(got.p, c.ks.p)
  })
})

test.each(golden.unpaired)("the Kolmogorov-Smirnov test of samples of $name is scipy's", c => {
  const got = kolmogorovSmirnov(c.a, c.b)!
  expect(Math.abs(got.statistic - c.statistic)).toBeLessThan(1e-12)
  // Scipy subtracts from 1 where the sizes differ, which costs it the digits of small p values.
  expect(Math.abs(got.p - c.p)).toBeLessThan(1e-12)
})

test("Student's t, its quantile and the normal distribution are scipy's, also far out", () => {
  for (const { t, freedom, p, critical } of golden.t) {
    same(tTwoSided(t, freedom), p)
    same(tTwoSided(-t, freedom), p)
    same(tCritical(0.95, freedom), critical)
  }
  for (const c of golden.normal) same(normalUpper(c.z), c.p)
})

test('the noncentral t distribution is what quadrature over s gives', () => {
  for (const c of golden['noncentral t']) expect(Math.abs(noncentralT(c.t, c.freedom, c.shift) - c.p)).toBeLessThan(1e-9)
})

test('the incomplete beta function is that of whole numbers, which are sums of binomial chances; ln Γ is ln of a factorial', () => {
  // I_x(2, 3) = P(at least 2 of 4) = 6 x² (1-x)² + 4 x³ (1-x) + x⁴.
  for (const x of [0.01, 0.3, 0.5, 0.95]) same(incompleteBeta(2, 3, x), 6 * x ** 2 * (1 - x) ** 2 + 4 * x ** 3 * (1 - x) + x ** 4, 1e-13)
  expect([incompleteBeta(2, 3, 0), incompleteBeta(2, 3, 1)]).toEqual([0, 1])
  same(logGamma(11), Math.log(3628800), 1e-14)
  same(logGamma(0.25), Math.log(3.625609908221908), 1e-13)
})

test('equal values share the mean of their ranks', () => {
  expect([...rank([3, 1, 3, 2, 3, 1]).ranks]).toEqual([5, 1.5, 5, 3, 5, 1.5])
  expect(rank([3, 1, 3, 2, 3, 1]).ties).toEqual([2, 3])
  expect(rank([])).toEqual({ ranks: new Float64Array(0), ties: [] })
})

describe('rank-biserial correlation', () => {
  const of = (...d: readonly number[]) => rankBiserial(signedRanks(d))
  test('is 1 where all rise, -1 where all fall, 0 where both weigh the same; zeros do not count', () => {
    expect([of(1, 2, 3)?.value, of(-1, -2, 0)?.value, of(1, 2, -3)?.value, of(0, 0)]).toEqual([1, -1, 0, undefined])
  })
  test('of ranks 1 to 5 with the second down is 11/15, with the interval of effectsize by hand', () => {
    const { value, interval } = of(1, -2, 3, 4, 5)!
    same(value, 11 / 15, 1e-15)
    // sqrt((2*5^3 + 3*5^2 + 5) / 6) / 15 = 0.494413..., tanh(atanh(11/15) ± 1.959964 * that)
    expect(of(1, 2)?.interval).toBeNull()
    same(interval!.low, Math.tanh(Math.atanh(11 / 15) - (1.959963984540054 * Math.sqrt(55)) / 15), 1e-12)
    same(interval!.high, Math.tanh(Math.atanh(11 / 15) + (1.959963984540054 * Math.sqrt(55)) / 15), 1e-12)
  })
})

describe("Holm's correction", () => {
  test("is R's p.adjust", () => {
    // p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") is 0.03 0.06 0.06 0.02
    const got = holm([0.01, 0.04, 0.03, 0.005])
    ;[0.03, 0.06, 0.06, 0.02].forEach((p, i) => same(got[i]!, p))
    expect(holm([0.9, 0.8])).toEqual([1, 1])
  })
  test('does not count what is undefined', () => {
    expect(holm([undefined, 0.02, undefined, 0.5])).toEqual([undefined, 0.04, undefined, 0.5])
  })
})

test('of no pairs nothing is defined', () => {
  expect([wilcoxon([]), pairedT(spread([], 0), 0), kolmogorovSmirnov([], [1])]).toEqual([undefined, undefined, undefined])
})
