/** Polynomials in t, 0 to 1, one for red, green and blue: Matt Zucker's fit of matplotlib's viridis (public domain). */
const polynomials = [
  [0.2777273272234177, 0.1050930431085774, -0.3308618287255563, -4.634230498983486, 6.228269936347081, 4.776384997670288, -5.435455855934631],
  [0.005407344544966578, 1.404613529898575, 0.214847559468213, -5.799100973351585, 14.17993336680509, -13.74514537774601, 4.645852612178535],
  [0.3340998053353061, 1.384590162594685, 0.09509516302823659, -19.33244095627987, 56.69055260068105, -65.35303263337234, 26.3124352495832],
] as const

/** A colour of viridis, from dark violet (0) over green to yellow (1): as light as it is large, also in grey and to the colour-blind. */
export const viridis = (t: number): readonly [red: number, green: number, blue: number] => {
  const of = (p: readonly number[]): number => Math.max(0, Math.min(255, Math.round(255 * p.reduceRight((sum, c) => sum * t + c, 0))))
  return [of(polynomials[0]), of(polynomials[1]), of(polynomials[2])]
}
