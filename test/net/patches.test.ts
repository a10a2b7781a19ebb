import { expect, test } from 'vitest'
import type { Predictor } from '../../src/net/engine.ts'
import { patchWay } from '../../src/net/patch-way.ts'
import { patchPlaces, patchStarts, type Pair, type PatchGrid, type Weighting } from '../../src/net/patches.ts'
import { predictImage } from '../../src/net/predict.ts'
import { Random } from '../../src/random.ts'
import { chainSchema } from '../../src/transforms/chain.ts'
import { goldenCases, sharedTest } from '../golden.ts'

sharedTest('golden/loader/patch', 'patches of slices lie where those of ivadomed do', () => {
  const { d2 } = goldenCases('loader/patch') as {
    d2: readonly { slice_shape: Pair; n_slices: number; length_2D: Pair; stride_2D: Pair; indexes: readonly (readonly number[])[] | null }[]
  }
  const cut = d2.filter(c => c.indexes)
  expect(cut).toHaveLength(7)
  for (const { slice_shape, n_slices, length_2D: length, stride_2D: stride, indexes } of cut) {
    const places = patchPlaces(slice_shape, { length, stride })
    const lines = Array.from({ length: n_slices }, (_, k) => places.map(([y, x]) => [y, y + length[0], x, x + length[1], k])).flat()
    expect(lines).toEqual(indexes)
  }
})

/** Sizes of slices, patches and strides of all sorts, also slices that are smaller than a patch. */
const sizes: readonly (readonly [slice: Pair, grid: PatchGrid])[] = (() => {
  const random = new Random(4, 'sizes')
  return Array.from({ length: 60 }, () => {
    const length: Pair = [1 + random.integer(20), 1 + random.integer(20)]
    const stride: Pair = [1 + random.integer(length[0]), 1 + random.integer(length[1])]
    return [[1 + random.integer(40), 1 + random.integer(40)], { length, stride }] as const
  })
})()

test('there are ceil((n - length) / stride) + 1 patches along an axis, one where it is shorter, and every pixel is in one', () => {
  for (const [slice, { length, stride }] of sizes)
    for (const axis of [0, 1] as const) {
      const [n, size, step] = [slice[axis], length[axis], stride[axis]]
      const starts = patchStarts(n, size, step)
      expect(starts).toHaveLength(n < size ? 1 : Math.ceil((n - size) / step) + 1)
      const covered = Array.from({ length: n }, (_, i) => starts.filter(start => start <= i && i < start + size).length)
      expect(Math.min(...covered)).toBeGreaterThanOrEqual(1)
      if (n >= size) expect([starts[0], starts.at(-1)]).toEqual([0, n - size])
    }
  expect(patchStarts(10, 4, 3)).toEqual([0, 3, 6])
  expect(patchStarts(11, 4, 3)).toEqual([0, 3, 6, 7])
  expect(patchStarts(3, 8, 8)).toEqual([-2])
})

/** A network that gives back what it is given, and tells what it was given. */
function identity(seen: (shape: readonly number[]) => void = () => undefined): Predictor {
  return {
    pixelsAtOnce: 400,
    predict(x) {
      seen(x.shape)
      return Promise.resolve({ shape: x.shape, data: x.data.slice() })
    },
    close: () => Promise.resolve(),
  }
}

test('what a network that changes nothing says of patches is put together to the slices that they are of', async () => {
  const random = new Random(5, 'pixels')
  for (const weighting of ['gaussian', 'uniform'] satisfies Weighting[])
    for (const [[height, width], grid] of sizes) {
      const data = Float32Array.from({ length: 2 * height * width }, () => random.uniform())
      const image = { id: 'a', image: { shape: [2, height, width] as const, data }, slices: [3, 8], chain: [], undo: [], seed: 1 }
      const way = patchWay(image, identity(), { ...grid, weighting, batchSize: 5 })
      const whole = await predictImage(image, way, 1, [height, width])
      expect(Math.max(...whole.map((v, i) => Math.abs(v - data[i]!)))).toBeLessThan(1e-6)
    }
})

test('every patch goes through the testing transforms by itself, and a batch is no larger than asked', async () => {
  const shapes: (readonly number[])[] = []
  const data = Float32Array.of(1, 1, 5, 7, 1, 1, 5, 7)
  const chain = chainSchema.parse({ NormalizeInstance: {} })
  const image = { id: 'a', image: { shape: [1, 2, 4] as const, data }, slices: [0], chain, undo: [], seed: 1 }
  const way = patchWay(
    image,
    identity(shape => shapes.push(shape)),
    { length: [2, 1], stride: [2, 1], weighting: 'uniform', batchSize: 3 },
  )
  // A patch of one value loses its mean; that of the whole slice would be 3.5.
  expect([...(await predictImage(image, way, 1, [2, 4]))]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  expect(shapes).toEqual([
    [3, 1, 2, 1],
    [1, 1, 2, 1],
  ])
})
