import { crossing, incompleteBeta, logGamma, normalUpper } from './special.ts'

/** P(|T| > |t|) of Student's distribution. */
export const tTwoSided = (t: number, freedom: number): number =>
  incompleteBeta(freedom / 2, 0.5, freedom / (freedom + t * t), (t * t) / (freedom + t * t))

/** The t that |T| exceeds with a probability of 1 - confidence. */
export function tCritical(confidence: number, freedom: number): number {
  const beyond = (t: number): number => tTwoSided(t, freedom) - (1 - confidence)
  let high = 1
  while (beyond(high) > 0) high *= 2
  return crossing(beyond, 0, high)
}

/**
 * P(T <= t) of the noncentral distribution: T = (Z + shift) / s, where s² is a mean of `freedom` squared normal numbers, so that it
 * is the mean of Φ(t s - shift) over s. The integral is over u = ln s, where the integrand is smooth and fades at both ends,
 * so that the trapezoidal rule has all digits once its steps are narrower than the integrand's shape.
 */
export function noncentralT(t: number, freedom: number, shift: number): number {
  const half = freedom / 2
  const logFront = Math.LN2 + half * Math.log(half) - logGamma(half)
  /** Of u, where s = exp(u). */
  const densityOf = (u: number): number => Math.exp(logFront + freedom * u - half * Math.exp(2 * u))
  const width = 1 / Math.sqrt(2 * freedom)
  const [from, to] = [-Math.max(10 * width, 45 / freedom), Math.min(10 * width, 2.5)]
  const steps = Math.ceil((to - from) / (0.2 * Math.min(width, 1 / (1 + Math.abs(t)))))
  const step = (to - from) / steps
  let sum = 0
  for (let k = 0; k <= steps; k++) {
    const u = from + k * step
    sum += densityOf(u) * normalUpper(shift - t * Math.exp(u))
  }
  return Math.min(1, sum * step)
}
