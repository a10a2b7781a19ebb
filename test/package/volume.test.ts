import { expect, test } from 'vitest'
import type { Predictor } from '../../src/net/engine.ts'
import { predictVolume, wholeVolume, type VolumeWay } from '../../src/package/predict-volume.ts'
import { boxOf, prepareVolumes, type Triple, type Volumes } from '../../src/package/volume.ts'
import { Random } from '../../src/random.ts'

const made = ([height, width, depth]: Triple, channels = 1): Volumes => {
  const random = new Random(3, 'volume')
  const data = Array.from({ length: channels }, () => Float32Array.from({ length: height * width * depth }, () => random.normal()))
  return { shape: [height, width, depth], data }
}
const sizes: string[] = []
/** Says of a sub-volume what it was given. */
const echo: Predictor = {
  pixelsAtOnce: 1,
  predict: async x => {
    sizes.push(x.shape.join())
    return { ...x, data: Float32Array.from(x.data) }
  },
  close: async () => undefined,
}
const way = (length: Triple, stride: Triple, more: Partial<VolumeWay> = {}): VolumeWay => ({
  ...{ grid: { length, stride }, classes: 2, weighting: 'gaussian', draw: values => values, ...more },
})
const silent = () => undefined

test('what a network that changes nothing says of sub-volumes is put together to the volume, whether they fit it or not', async () => {
  for (const shape of [
    [9, 20, 5],
    [16, 8, 40],
    [3, 3, 3],
  ] as const)
    for (const weighting of ['gaussian', 'uniform'] as const)
      for (const stride of [
        [8, 8, 8],
        [3, 5, 7],
      ] as const) {
        const volume = made(shape, 2)
        const counts: number[] = []
        const back = await predictVolume(volume, echo, way([8, 8, 8], stride, { weighting }), (done, total) => counts.push(done, total))
        expect(back.shape).toEqual(shape)
        for (const [c, data] of back.data.entries()) data.forEach((v, i) => expect(v).toBeCloseTo(volume.data[c]![i]!, 5))
        expect(counts.at(-1)).toBe(counts.length / 2)
      }
})

test('a network is given height, width and depth, in that order, and each sub-volume is drawn by where it begins', async () => {
  const volume = made([4, 6, 8])
  const starts: string[] = []
  sizes.length = 0
  const drawn = await predictVolume(
    volume,
    echo,
    way([4, 6, 4], [4, 6, 4], {
      classes: 1,
      draw: (values, start) => {
        starts.push(start.join())
        // The first value of a row along the depth, and its neighbour in depth.
        expect([values[0], values[1]]).toEqual([start[2], start[2] + 1].map(z => volume.data[0]![z * 4 * 6]!))
        return values.map(() => start[2])
      },
    }),
    silent,
  )
  expect(starts).toEqual(['0,0,0', '0,0,4'])
  expect(sizes).toEqual(['1,1,4,6,4', '1,1,4,6,4'])
  expect([...drawn.data[0]!].map(v => Math.round(v))).toEqual(Array.from({ length: 4 * 6 * 8 }, (_, i) => (i < 4 * 6 * 4 ? 0 : 4)))
})

test('a whole volume is one sub-volume, whose sides are multiples of 16', () => {
  expect(wholeVolume(made([9, 16, 33])).length).toEqual([16, 16, 48])
})

test('a model that answers with another size is told', async () => {
  const wrong = { ...echo, predict: async () => ({ shape: [1, 1, 2, 2], data: new Float32Array(4) }) }
  await expect(predictVolume(made([8, 8, 8]), wrong, way([8, 8, 8], [8, 8, 8]), silent)).rejects.toThrow(
    'the settings of the model cannot be used',
  )
})

test('Resample and CenterCrop work along the depth too, and are undone: a smooth volume comes back where it was kept', () => {
  const shape: Triple = [12, 10, 9]
  const smooth = Float32Array.from({ length: 12 * 10 * 9 }, (_, i) => (i % 10) + 2 * (Math.floor(i / 10) % 12) + 3 * Math.floor(i / 120))
  const once = [
    { name: 'Resample', hspace: 0.5, wspace: 1, dspace: 2 },
    { name: 'CenterCrop', size: [40, 6, 4] },
  ]
  const { volumes, back } = prepareVolumes({ shape, data: [smooth] }, { once, spacing: [1, 1, 1], box: undefined })
  expect(volumes.shape).toEqual([40, 6, 4])
  const there = back(volumes)
  expect(there.shape).toEqual(shape)
  const kept = [...there.data[0]!].flatMap((v, i) => (v === 0 ? [] : [Math.abs(v - smooth[i]!)]))
  expect(kept.length).toBeGreaterThan(400)
  // It is linear, which splines give back but near the border, where they mirror it; its neighbours differ by 1 and more.
  expect(Math.max(...kept)).toBeLessThan(0.02)
})

test('a target in the wrong unit is told, not allocated', () => {
  const once = [{ name: 'Resample', hspace: 0.001, wspace: 0.001, dspace: 0.001 }]
  expect(() => prepareVolumes(made([8, 8, 8]), { once, spacing: [1, 1, 1], box: undefined })).toThrow(
    'Resample would make volumes of 8000 x 8000 x 8000 pixels',
  )
})

test('the box of a mask is the smallest one, in height, width and depth; an empty mask has none', () => {
  const mask = new Float32Array(4 * 5 * 6)
  mask[(2 * 4 + 1) * 5 + 3] = 1
  mask[(4 * 4 + 3) * 5 + 2] = 0.5
  mask[0] = 0.49
  expect(boxOf(mask, [4, 5, 6])).toEqual({ start: [1, 2, 2], size: [3, 2, 3] })
  expect(boxOf(new Float32Array(8), [2, 2, 2])).toBeUndefined()
  const { volumes, back } = prepareVolumes(
    { shape: [4, 5, 6], data: [mask] },
    { once: [], spacing: [1, 1, 1], box: { start: [1, 2, 2], size: [3, 2, 3] } },
  )
  expect(volumes.shape).toEqual([3, 2, 3])
  expect([...back(volumes).data[0]!]).toEqual([...mask].map(v => (v === Math.fround(0.49) ? 0 : v)))
})
