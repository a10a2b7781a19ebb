import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { chainSchema } from '../../src/transforms/chain.ts'
import { drawReversibly, reversibleChain } from '../../src/transforms/reversible.ts'
import { goldenArray, goldenCases, sharedTest } from '../golden.ts'
import { near } from '../near.ts'
import { dice, ellipse, goldenPlane, picture, type GoldenCase } from './sample.ts'

const shape = [1, 64, 80] as const
const drawn = (written: unknown, seed: number, image = ellipse(shape)) =>
  drawReversibly(reversibleChain(chainSchema.parse(written)).chain, image, new Random(seed))

test('a prediction comes back to where the image was: Dice of at least 0.97', () => {
  const settings = { RandomAffine: { degrees: 30, scale: [0.2, 0.2], translate: [0.05, 0.05] }, RandomReverse: {} }
  for (let seed = 0; seed < 20; seed++) {
    const { image, undo } = drawn(settings, seed)
    expect(dice(undo(image).data, ellipse(shape).data)).toBeGreaterThan(0.97)
  }
})

test('several maps with values changed between them are undone together, the last one first', () => {
  // Turned by 90 degrees, moved, then mirrored: orders that differ give other places.
  const settings = {
    RandomAffine: { degrees: [90, 90] },
    RandomShiftIntensity: { shift_range: [0, 0], prob: 1 },
    RandomReverse: {},
  }
  for (let seed = 0; seed < 8; seed++) {
    const square = picture([2, 31, 31])
    const { image, undo } = drawn(settings, seed, square)
    const back = undo(image)
    const inner = (i: number) => i % 31 > 0 && i % 31 < 30 && Math.floor(i / 31) % 31 > 0 && Math.floor(i / 31) % 31 < 30
    back.data.forEach((v, i) => {
      if (inner(i)) assert.ok(Math.abs(v - square.data[i]!) < 1e-3, `${seed} ${i}`)
    })
  }
})

test('mirroring is undone exactly', () => {
  const before = picture([2, 12, 9])
  const seen = new Set<string>()
  for (let seed = 0; seed < 20; seed++) {
    const { image, undo } = drawn({ RandomReverse: {} }, seed, before)
    seen.add(image.data.slice(0, 3).join())
    assert.deepEqual(undo(image).data, before.data)
  }
  assert.equal(seen.size, 4)
})

test('transforms of no strength give the image, and the prediction stays as it is', () => {
  const before = picture(shape)
  const none = {
    RandomAffine: { degrees: 0 },
    RandomShiftIntensity: { shift_range: [0, 0], prob: 1 },
    AdditiveGaussianNoise: { std: 0 },
    RandomGamma: { log_gamma_range: [0, 0], p: 1 },
    RandomBlur: { sigma_range: [0, 0], p: 1 },
    RandomBiasField: { coefficients: 0, p: 1 },
  }
  const { image, undo } = drawn(none, 3, before)
  near(image.data, before.data, 1e-5)
  near(undo(before).data, before.data, 1e-6)
})

test('a displacement has no inverse: it is left out, and said', () => {
  const chain = chainSchema.parse({
    RandomReverse: {},
    ElasticTransform: { alpha_range: [1, 1], sigma_range: [1, 1] },
    NormalizeInstance: {},
  })
  const { chain: stays, leftOut } = reversibleChain(chain)
  assert.deepEqual([stays.map(e => e.name), leftOut], [['RandomReverse', 'NormalizeInstance'], ['ElasticTransform']])
})

sharedTest('golden/transforms/randomreverse/cases.json', 'mirroring is undone as by ivadomed', () => {
  const folder = 'transforms/randomreverse'
  const { cases } = goldenCases(folder) as { readonly cases: readonly GoldenCase[] }
  const slices = cases.filter(c => !Array.isArray(c.input) && c.input.shape.length === 2 && c.undo_output)
  expect(slices.length).toBeGreaterThan(3)
  // There, undoing gives the input; here too, whichever way chance mirrors.
  for (const { input, undo_output } of slices) {
    const before = goldenPlane(folder, input)
    const { image, undo } = drawn({ RandomReverse: {} }, 1, before)
    assert.deepEqual(undo(image).data, Float32Array.from(goldenArray(folder, undo_output!)))
  }
})
