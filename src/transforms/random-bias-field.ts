import { z } from 'zod'
import { biasField, exponents } from '../image/bias-field.ts'
import { common, defineIntensity } from './transform.ts'

/** Multiplies by a smooth field, as the coil of a scanner does: exp of a polynomial. ivadomed asks chance twice: p squared. */
export const randomBiasField = defineIntensity({
  kind: 'intensity',
  params: z.strictObject({
    coefficients: z
      .union([z.number().nonnegative(), z.tuple([z.number(), z.number()])])
      .default(0.5)
      .describe("The polynomial's coefficients are drawn from -coefficients to coefficients, or from between the two numbers given."),
    order: z.int().nonnegative().max(10).default(3).describe('The degree of the polynomial.'),
    p: z.number().min(0).max(1).default(0.5).describe('How probable it is that a channel is changed.'),
    ...common(['im']),
  }),
  apply(plane, { coefficients, order, p }, shape, random) {
    if (random.uniform() >= p) return plane
    const [low, high] = typeof coefficients === 'number' ? [-coefficients, coefficients] : coefficients
    const drawn = exponents(shape.length, order).map(() => random.uniform(low, high))
    const field = biasField(shape, drawn, order)
    return plane.map((v, i) => v * field[i]!)
  },
})
