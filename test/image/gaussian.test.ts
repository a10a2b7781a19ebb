import assert from 'node:assert/strict'
import { test } from 'vitest'
import { gaussianFilter, gaussianKernel, type Border } from '../../src/image/gaussian.ts'
import { goldenArray, goldenCases, sharedTest, type Descriptor } from '../golden.ts'
import { near } from '../near.ts'

const sum = (x: Float64Array) => x.reduce((a, b) => a + b, 0)
const line = [1, 5, 2, 8, 3, 0, 7]
const plane = [1, 2, 4, 8, 5, 7, 3, 0, 6, 9, 1, 2]

test('the kernel sums to one and reaches four standard deviations', () => {
  for (const sigma of [0.1, 0.5, 1, 3.5, 4]) {
    const half = gaussianKernel(sigma)
    assert.equal(half.length, Math.floor(4 * sigma + 0.5) + 1)
    near([2 * sum(half) - half[0]!], [1], 1e-14)
  }
})

test('a line comes out as from scipy 1.10', () => {
  // scipy.ndimage.gaussian_filter(line, 1.5, mode='reflect' and 'constant')
  const reflected = [
    2.756381695244427, 3.272259194380993, 3.8750017974475712, 4.093578665196807, 3.9305058137427378, 3.912082255925847, 4.160190578061617,
  ]
  const zero = [
    1.860855788469311, 2.9586336913532594, 3.7910529006385443, 4.027212359390161, 3.6732727170219603, 3.115408588823325, 2.498153117933282,
  ]
  near(gaussianFilter(line, [7], 1.5, 'reflect'), reflected, 1e-13)
  near(gaussianFilter(line, [7], 1.5, 'zero'), zero, 1e-13)
})

test('a plane comes out as from scipy 1.10', () => {
  // scipy.ndimage.gaussian_filter(plane.reshape(4, 3), 0.8, ...)
  const reflected = [
    2.821653680140956, 3.251807424052945, 4.226318125905154, 4.618843977561028, 4.2699253818522145, 5.168130901049473, 4.547363630884868,
    3.415211795339742, 4.254803431631411, 5.713681711414902, 3.06836013387103, 2.643899806296296,
  ]
  const zero = [
    1.7643169275715058, 2.464122851551619, 2.398589614225469, 3.3491604013893466, 3.9746081236038666, 3.691390595346873, 3.1277226439024046,
    3.1099321481707998, 3.0015105215602826, 2.861624179927015, 2.100804101865329, 1.514096611768976,
  ]
  near(gaussianFilter(plane, [4, 3], 0.8, 'reflect'), reflected, 1e-13)
  near(gaussianFilter(plane, [4, 3], 0.8, 'zero'), zero, 1e-13)
})

test('mirrored borders keep the sum and a constant, even where the kernel is longer than the axis', () => {
  near([sum(gaussianFilter(plane, [4, 3], 3, 'reflect'))], [48], 1e-12)
  near(gaussianFilter(new Float64Array(12).fill(7), [3, 4], 5, 'reflect'), new Float64Array(12).fill(7), 1e-12)
})

test('an impulse becomes the kernel', () => {
  const impulse = new Float64Array(41)
  impulse[20] = 1
  const half = gaussianKernel(2)
  const out = gaussianFilter(impulse, [41], 2, 'zero')
  for (const [j, w] of half.entries()) near([out[20 + j]!, out[20 - j]!], [w, w], 1e-15)
})

test('sigma zero changes nothing, and the input is not written to', () => {
  const data = Float64Array.from(line)
  near(gaussianFilter(data, [7], 0, 'zero'), line, 0)
  gaussianFilter(data, [7], 2, 'reflect')
  near(data, line, 0)
})

interface Case {
  readonly sigma: number
  readonly input: Descriptor
  readonly constant0: Descriptor
  readonly reflect: Descriptor
}
sharedTest('golden/transforms/elastic/cases.json', 'filters in one, two and three dimensions agree with scipy', () => {
  const folder = 'transforms/elastic'
  const cases = (goldenCases(folder) as { readonly gaussian_filter_float64: readonly Case[] }).gaussian_filter_float64
  assert.ok(cases.length > 3)
  for (const { sigma, input, constant0, reflect } of cases) {
    const filter = (border: Border) => gaussianFilter(goldenArray(folder, input), input.shape, sigma, border)
    near(filter('zero'), goldenArray(folder, constant0), 1e-12)
    near(filter('reflect'), goldenArray(folder, reflect), 1e-12)
  }
})
