import { expect, test } from 'vitest'
import { compose, samplePlanes, type Points, type Warp } from '../../src/image/warp.ts'
import { Random } from '../../src/random.ts'
import { elasticTransform } from '../../src/transforms/elastic-transform.ts'
import { randomAffine } from '../../src/transforms/random-affine.ts'

const shape = [128, 128] as const
const affine = randomAffine.params.parse({ degrees: 5, scale: [0.1, 0.1], translate: [0.03, 0.03] })
const elastic = elasticTransform.params.parse({ alpha_range: [28, 30], sigma_range: [3.5, 4.5], p: 1 })

/** The maps of the tutorial, both done. */
const mapsOf = (seed: number): readonly Warp[] => {
  const random = new Random(seed)
  return [randomAffine.warp(affine, shape, random)!, elasticTransform.warp(elastic, shape, random)!]
}

/** A picture known everywhere, of waves of `wavelength` pixels, 0 to 1: what a map makes of it can be told exactly. */
const wavesAt = (wavelength: number, { y, x }: Points): Float32Array =>
  Float32Array.from(y, (py, i) => 0.5 + 0.25 * (Math.sin((2 * Math.PI * py) / wavelength) + Math.cos((2 * Math.PI * x[i]!) / wavelength)))

/** How near one and several interpolations come to the truth: the mean PSNR of 10 draws, in decibels. */
function psnrs(wavelength: number): readonly [composed: number, sequential: number] {
  const before = wavesAt(wavelength, compose([], shape))
  const sums: [number, number] = [0, 0]
  for (let seed = 0; seed < 10; seed++) {
    const maps = mapsOf(seed)
    const points = compose(maps, shape)
    const truth = wavesAt(wavelength, points)
    const results = [
      samplePlanes(before, shape, points),
      maps.reduce((data, map) => samplePlanes(data, shape, compose([map], shape)), before),
    ]
    results.forEach((data, i) => {
      let [squares, count] = [0, 0]
      truth.forEach((v, at) => {
        // Beside what came in from outside, where one of them may be 0.
        const [row, column] = [Math.floor(at / 128), at % 128]
        if (Math.min(row, column, 127 - row, 127 - column) < 24) return
        squares += (v - data[at]!) ** 2
        count++
      })
      sums[i]! += (10 * Math.log10(count / squares)) / 10
    })
  }
  return sums
}

// The table in docs/transforms.md.
test.each([
  [16, 49.1, 43.5],
  [8, 37.2, 31.7],
  [5, 29.2, 24.2],
])('waves of %d pixels come out at %d dB by one interpolation, and at %d dB by two', (wavelength, once, twice) => {
  const [composed, sequential] = psnrs(wavelength)
  expect(Math.abs(composed - once)).toBeLessThan(0.1)
  expect(Math.abs(sequential - twice)).toBeLessThan(0.1)
})
