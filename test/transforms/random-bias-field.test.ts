import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { biasField, exponents } from '../../src/image/bias-field.ts'
import { Random } from '../../src/random.ts'
import { randomBiasField } from '../../src/transforms/random-bias-field.ts'
import { goldenArray, goldenCases, sharedTest, type Descriptor } from '../golden.ts'
import { float32Tolerance, near } from '../near.ts'
import { picture } from './sample.ts'

const shape = [32, 24] as const
const { data } = picture([1, ...shape])
const apply = (settings: unknown, seed = 1, plane = data) =>
  randomBiasField.apply(plane, randomBiasField.params.parse(settings), shape, new Random(seed))

test('exponents sum to at most the order', () => {
  assert.deepEqual(exponents(2, 2), [
    [0, 0],
    [0, 1],
    [0, 2],
    [1, 0],
    [1, 1],
    [2, 0],
  ])
  assert.equal(exponents(3, 3).length, 20)
})

test('the field is exp of the polynomial over coordinates from -1 to 1', () => {
  // 0.1 + 0.2 x + 0.3 y on 3 x 2 pixels; terms in the order 1, x, y.
  const field = biasField([3, 2], [0.1, 0.2, 0.3], 1)
  near(
    field.map(Math.log),
    [-1, 0, 1].flatMap(y => [-1, 1].map(x => 0.1 + 0.2 * x + 0.3 * y)),
    1e-6,
  )
  near(biasField([1, 1], [0, 5, 5], 1), [1], 0)
})

test('coefficients of 0 and probability 0 change nothing', () => {
  near(apply({ coefficients: 0, p: 1 }), data, 0)
  near(apply({ coefficients: 3, p: 0 }), data, 0)
})

test('coefficients are drawn from the range, and the field as often as asked', () => {
  const ones = new Float32Array(data.length).fill(1)
  let [count, sum] = [0, 0]
  for (let seed = 0; seed < 2000; seed++) {
    const out = apply({ coefficients: [1, 3], order: 0, p: 0.3 }, seed, ones)
    if (out === ones) continue
    count++
    const c = Math.log(out[0]!)
    assert.ok(c >= 0.999 && c <= 3.001)
    assert.equal(out[0], out.at(-1))
    sum += c
  }
  assert.ok(Math.abs(count / 2000 - 0.3) < 0.035, `${count}`)
  assert.ok(Math.abs(sum / count - 2) < 0.08, `${sum / count}`)
})

test('is smooth: no value is far from its neighbours', () => {
  const field = apply({ coefficients: 0.5, order: 3, p: 1 }, 4, new Float32Array(data.length).fill(1))
  let largest = 0
  for (let i = 1; i < field.length; i++) if (i % 24) largest = Math.max(largest, Math.abs(Math.log(field[i]! / field[i - 1]!)))
  expect(largest).toBeLessThan(0.5)
  expect(Math.max(...field) / Math.min(...field)).toBeGreaterThan(1.1)
})

sharedTest('golden/transforms/randombiasfield/cases.json', 'fields are those of torchio, and multiply', () => {
  interface Golden {
    readonly coefficients: readonly number[]
    readonly order: number
    readonly input: Descriptor
    readonly bias_field: Descriptor
    readonly output: Descriptor
  }
  const folder = 'transforms/randombiasfield'
  const { cases } = goldenCases(folder) as { readonly cases: readonly Golden[] }
  expect(cases).toHaveLength(3)
  for (const { coefficients, order, input, bias_field, output } of cases) {
    const field = biasField(bias_field.shape, coefficients, order)
    const expected = goldenArray(folder, bias_field)
    near(field, expected, float32Tolerance(expected))
    const product = goldenArray(folder, output)
    near(
      Float32Array.from(goldenArray(folder, input), (v, i) => v * field[i]!),
      product,
      float32Tolerance(product),
    )
  }
})
