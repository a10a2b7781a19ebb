/** Coefficients of Lanczos's approximation with g = 7 (Godfrey): about 15 digits. */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

/** ln Γ(x), x > 0. */
export function logGamma(x: number): number {
  // Reflection: Γ(x) Γ(1 - x) = π / sin πx.
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const z = x - 1
  const sum = lanczos.reduce((s, c, k) => (k === 0 ? c : s + c / (z + k)), 0)
  const t = z + 7.5
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum)
}

/**
 * The regularised incomplete beta function I_x(a, b), by its continued fraction (DiDonato and Morris 1992; Lentz's evaluation).
 * `y` is 1 - x, for callers that know it without cancellation.
 */
export function incompleteBeta(a: number, b: number, x: number, y = 1 - x): number {
  if (x <= 0) return 0
  if (y <= 0) return 1
  // The fraction converges fast below the mean of the distribution; above it, I_x(a, b) = 1 - I_(1-x)(b, a).
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, y, x)
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(y))
  return (front * betaFraction(a, b, x)) / a
}

/** Keeps Lentz's method from dividing by zero. */
const tiny = 1e-300

function betaFraction(a: number, b: number, x: number): number {
  const guard = (v: number): number => (Math.abs(v) < tiny ? tiny : v)
  let c = 1
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    let change = 1
    for (const term of [even, odd]) {
      d = 1 / guard(1 + term * d)
      c = guard(1 + term / c)
      change *= d * c
    }
    fraction *= change
    if (Math.abs(change - 1) < 1e-15) return fraction
  }
  throw new Error(`the incomplete beta function does not converge at ${a}, ${b}, ${x}`)
}

/** P(Z > z) of the standard normal distribution, with all its digits also far out. */
export function normalUpper(z: number): number {
  if (z < 0) return 1 - normalUpper(-z)
  return z < 2.5 ? 0.5 - normalCentre(z) : normalTail(z)
}

/** P(0 < Z < z), by a series of positive terms: φ(z) (z + z³/3 + z⁵/15 + ...). */
function normalCentre(z: number): number {
  let term = z
  let sum = z
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (z * z) / (2 * k + 1)
    sum += term
  }
  return sum * density(z)
}

/** Laplace's continued fraction: φ(z) / (z + 1/(z + 2/(z + 3/(z + ...)))). */
function normalTail(z: number): number {
  let below = z
  for (let k = 200; k > 0; k--) below = z + k / below
  return density(z) / below
}

const density = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)

/** Where a monotone function crosses zero between two places on either side of it, to within `digits` of the place. */
export function crossing(f: (x: number) => number, low: number, high: number, digits = 1e-14): number {
  const rises = f(low) < 0
  for (;;) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high || high - low < digits * Math.max(Math.abs(low), Math.abs(high))) return middle
    if (f(middle) < 0 === rises) low = middle
    else high = middle
  }
}
