import { describe, expect, test } from 'vitest'
import { initialise } from '../../../src/net/initialise.ts'
import { models } from '../../../src/net/models/index.ts'
import { dropoutsOf, parameterCount, weightSpecs } from '../../../src/net/shapes.ts'
import { Random } from '../../../src/random.ts'
import { checkNet } from '../check-net.ts'

const { Unet } = models
const unet = (params: Record<string, unknown>) => Unet.net(Unet.params.parse(params))

describe('Unet', () => {
  // Counted by PyTorch in ivadomed's own class.
  test.each([
    [1, 223_489],
    [2, 1_147_009],
    [3, 4_837_249],
    [4, 19_590_529],
    [5, 78_588_289],
  ])('of depth %i has %i parameters', (depth, count) => {
    expect(parameterCount(unet({ channels: 1, classes: 1, depth }))).toBe(count)
  })

  test("for two channels and two classes has 4,838,402 parameters with ivadomed's background channel counted as a class", () => {
    // in 2, out 2 of ivadomed is the background and one class; our classes never count the background, so the last layer differs.
    const params = parameterCount(unet({ channels: 2, classes: 1 }))
    const lastOfOne = 64 * 9 + 1
    expect(params + lastOfOne).toBe(4_838_402)
  })

  test('has dropout after each of its 14 convolutions in blocks, and none where the rate is 0', () => {
    expect(dropoutsOf(unet({ channels: 1, classes: 1 })).map(d => d.channels)).toEqual([
      64, 64, 128, 128, 256, 256, 256, 256, 256, 256, 128, 128, 64, 64,
    ])
    expect(dropoutsOf(unet({ channels: 1, classes: 1, dropout_rate: 0 }))).toEqual([])
  })

  test('starts from weights as PyTorch draws them', () => {
    const net = unet({ channels: 2, classes: 1, depth: 1, n_filters: 32 })
    const weights = initialise(net, new Random(1))
    for (const [name, { init }] of weightSpecs(net)) {
      const { data } = weights[name]!
      if (init === 'ones' || init === 'zeros') expect(new Set(data), name).toEqual(new Set([init === 'ones' ? 1 : 0]))
      else expect(Math.max(...data.map(Math.abs)), name).toBeLessThanOrEqual(init.uniform)
    }
    const { data } = weights['encoder.down_path.0.conv2.weight']!
    const bound = 1 / Math.sqrt(32 * 9)
    const mean = data.reduce((a, b) => a + b, 0) / data.length
    const std = Math.sqrt(data.reduce((a, b) => a + (b - mean) ** 2, 0) / data.length)
    expect(mean).toBeCloseTo(0, 2)
    expect(std).toBeCloseTo(bound / Math.sqrt(3), 3)
    expect(initialise(net, new Random(1))['decoder.last_conv.bias']).toEqual(weights['decoder.last_conv.bias'])
  })

  test('has gradients as TensorFlow.js derives them, whole, with dropout, at an odd size', async () => {
    const net = unet({ channels: 2, classes: 2, depth: 2, n_filters: 2, final_activation: 'softmax' })
    const random = new Random(8, 'image')
    const data = Float32Array.from({ length: 2 * 2 * 9 * 7 }, () => random.normal())
    await checkNet(net, { input: { shape: [2, 2, 9, 7], data } }, ['input'], false)
  })
})
