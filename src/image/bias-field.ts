/**
 * A smooth field above 0 (Van Leemput et al., "Automated model-based bias field correction of MR images of the brain", 1999, as
 * torchio makes it): exp(sum of c x^i y^j ...), where the exponents sum to at most `order`; C order, as `shape`. Coordinates are
 * those of the centres of samples, about the middle, the last one 1; 0 along an axis of one sample.
 * `coefficients` are in the order of the exponents, those of the last axis fastest.
 */
export function biasField(shape: readonly number[], coefficients: readonly number[], order: number): Float32Array {
  const powers = shape.map(n => axisPowers(n, order))
  const sum = new Float64Array(shape.reduce((a, b) => a * b, 1))
  const terms = exponents(shape.length, order)
  if (coefficients.length !== terms.length)
    throw new Error(`${coefficients.length} coefficients for the ${terms.length} terms of order ${order} over ${shape.length} axes`)
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1))
  terms.forEach((term, t) => {
    for (let at = 0; at < sum.length; at++) {
      let product = coefficients[t]!
      for (let axis = 0; axis < shape.length; axis++)
        product *= powers[axis]![term[axis]!]![Math.floor(at / strides[axis]!) % shape[axis]!]!
      sum[at]! += product
    }
  })
  return Float32Array.from(sum, Math.exp)
}

/** All exponents of that many axes that sum to at most `order`: 00, 01, 02, 10, 11, 20. */
export function exponents(axes: number, order: number): readonly (readonly number[])[] {
  if (axes === 0) return [[]]
  return Array.from({ length: order + 1 }, (_, first) => exponents(axes - 1, order - first).map(rest => [first, ...rest])).flat()
}

/** Per exponent 0 ... order, that power of the coordinates of an axis of n. */
function axisPowers(n: number, order: number): readonly Float64Array[] {
  const largest = (n - 1) / 2
  const x = Float64Array.from({ length: n }, (_, i) => (largest > 0 ? (i - largest) / largest : 0))
  return Array.from({ length: order + 1 }, (_, exponent) => x.map(v => v ** exponent))
}
