import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { gaussianKernel } from '../../src/image/gaussian.ts'
import { compose, samplePlanes, type DisplacementWarp } from '../../src/image/warp.ts'
import { Random } from '../../src/random.ts'
import { displacement, elasticTransform } from '../../src/transforms/elastic-transform.ts'
import { goldenArray, goldenCases, sharedTest, type Descriptor } from '../golden.ts'
import { float32Tolerance, near } from '../near.ts'
import type { GoldenCase } from './sample.ts'

const shape = [128, 128] as const
const params = (p: Record<string, unknown>) => elasticTransform.params.parse(p)
const variance = (x: Float64Array) => x.reduce((sum, v) => sum + v * v, 0) / x.length

test('the displacement has the standard deviation of the formula: 1.107 px at alpha 29 and sigma 4', () => {
  const random = new Random(3)
  const settings = params({ alpha_range: [29, 29], sigma_range: [4, 4], p: 1 })
  let [sum, count] = [0, 0]
  for (let i = 0; i < 40; i++) {
    const { dy, dx } = elasticTransform.warp(settings, shape, random) as DisplacementWarp
    sum += variance(dy) + variance(dx)
    count += 2
  }
  const std = Math.sqrt(sum / count)
  // Each pixel is a weighted sum of uniform numbers (variance 1/3), with no weights from beyond the borders.
  const kernel = gaussianKernel(4)
  const weight = (n: number) => {
    let squares = 0
    for (let k = 0; k < n; k++) for (let i = 0; i < n; i++) squares += (kernel[Math.abs(i - k)] ?? 0) ** 2
    return squares / n
  }
  const formula = 29 * Math.sqrt((weight(128) * weight(128)) / 3)
  near([formula], [1.107], 0.055)
  near([std], [formula], 0.05 * formula)
})

test('it happens with probability p', () => {
  const random = new Random(4)
  const settings = params({ alpha_range: [28, 30], sigma_range: [0.3, 0.4] })
  let count = 0
  for (let i = 0; i < 10_000; i++) if (elasticTransform.warp(settings, [2, 2], random)) count++
  // Three standard deviations of 10,000 draws at p = 0.1.
  assert.ok(Math.abs(count - 1000) < 90, `${count}`)
  assert.equal(elasticTransform.warp(params({ alpha_range: [1, 2], sigma_range: [1, 2], p: 0 }), shape, random), undefined)
})

test('the displacements along the two axes differ, and are smooth', () => {
  const { dy, dx } = elasticTransform.warp(
    params({ alpha_range: [29, 29], sigma_range: [4, 4], p: 1 }),
    shape,
    new Random(1),
  ) as DisplacementWarp
  assert.notDeepEqual(dy, dx)
  const steps = dy.slice(1).map((v, i) => v - dy[i]!)
  assert.ok(variance(steps) < 0.15 * variance(dy))
})

interface ElasticCase extends GoldenCase {
  readonly uniform_fields: readonly Descriptor[]
  readonly displacement_voxels: readonly Descriptor[]
}
sharedTest(
  'golden/transforms/elastic/cases.json',
  'field and slice are those of ivadomed, but for its smoothing over the third axis',
  () => {
    const folder = 'transforms/elastic'
    const cases = (goldenCases(folder) as { readonly cases: readonly ElasticCase[] }).cases.filter(c => ['2d_im', '2d_gt'].includes(c.name))
    expect(cases).toHaveLength(2)
    for (const { input, output, metadata_in, uniform_fields, displacement_voxels } of cases) {
      const [alpha, sigma] = metadata_in['elastic'] as [number, number]
      const size = input.shape as unknown as readonly [number, number]
      const fields = displacement_voxels.slice(0, 2).map(d => Float64Array.from(goldenArray(folder, d)))
      for (const [axis, field] of fields.entries()) {
        const noise = Float64Array.from(goldenArray(folder, uniform_fields[axis]!), r => 2 * r - 1)
        // A single pixel, smoothed with zeros beyond, is multiplied by the centre of the kernel.
        const thinned = displacement(noise, size, alpha, sigma).map(v => v * gaussianKernel(sigma)[0]!)
        near(thinned, field, 1e-6)
      }
      const warp: DisplacementWarp = { kind: 'displacement', dy: fields[0]!, dx: fields[1]! }
      const expected = goldenArray(folder, output)
      near(samplePlanes(Float32Array.from(goldenArray(folder, input)), size, compose([warp], size)), expected, float32Tolerance(expected))
    }
  },
)
