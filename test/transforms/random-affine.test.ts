import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { affineTransform2d, compose, samplePlanes, type AffineWarp } from '../../src/image/warp.ts'
import { Random } from '../../src/random.ts'
import { affineAbout, centreOf, randomAffine } from '../../src/transforms/random-affine.ts'
import { randomReverse, reversal } from '../../src/transforms/random-reverse.ts'
import { goldenArray, goldenCases, sharedTest } from '../golden.ts'
import { float32Tolerance, near } from '../near.ts'
import { picture, type GoldenCase } from './sample.ts'

const shape = [40, 48] as const
const params = (p: Record<string, unknown>) => randomAffine.params.parse(p)
const drawn = (p: Record<string, unknown>, random: Random) => randomAffine.warp(params(p), shape, random) as AffineWarp
const through = (warp: AffineWarp, data: Float32Array) => affineTransform2d(data, shape, warp.matrix, warp.offset)

test('settings that allow no change give the slice itself', () => {
  const { data } = picture([1, ...shape])
  near(through(drawn({ degrees: 0 }, new Random(1)), data), data, 0)
  near(through(drawn({ degrees: 0, translate: [0, 0], scale: [0, 0] }, new Random(1)), data), data, 0)
})

test('a quarter turn is about the true centre: pixels fall on pixels', () => {
  const n = 5
  const data = Float32Array.from({ length: n * n }, (_, i) => i)
  const turn = affineAbout(centreOf([n, n]), { angle: Math.PI / 2, scale: [1, 1], shift: [0, 0] })
  const four = compose([turn, turn, turn, turn], [n, n])
  // cos(90 degrees) is 6e-17 in a double, so a border pixel may fall outside by that much.
  const inner = (i: number) => i % n > 0 && i % n < n - 1 && i >= n && i < n * (n - 1)
  const back = samplePlanes(data, [n, n], four)
  const once = affineTransform2d(data, [n, n], turn.matrix, turn.offset)
  for (let i = 0; i < n * n; i++) {
    if (!inner(i)) continue
    near([back[i]!], [i], 1e-5)
    // out(y, x) = in(x, n-1-y)
    near([once[i]!], [(i % n) * n + n - 1 - Math.floor(i / n)], 1e-5)
  }
})

test('a scale above one enlarges about the centre', () => {
  const { matrix, offset } = affineAbout([2, 3], { angle: 0, scale: [2, 4], shift: [0, 0] })
  near(matrix, [0.5, 0, 0, 0.25], 1e-15)
  near(offset, [1, 2.25], 1e-15)
})

test('angle, scale and shift stay in their ranges over a thousand draws, and reach their ends', () => {
  const random = new Random(5)
  const settings = { degrees: 5, scale: [0.1, 0.2], translate: [0.03, 0.1] }
  const seen = {
    angle: [Infinity, -Infinity],
    sy: [Infinity, -Infinity],
    sx: [Infinity, -Infinity],
    ty: [Infinity, -Infinity],
    tx: [Infinity, -Infinity],
  }
  const note = (key: keyof typeof seen, value: number) => {
    seen[key] = [Math.min(seen[key][0]!, value), Math.max(seen[key][1]!, value)]
  }
  for (let i = 0; i < 1000; i++) {
    const { matrix, offset } = drawn(settings, random)
    const [yy, yx, xy, xx] = matrix
    const centre = centreOf(shape)
    note('angle', (Math.atan2(yx, yy) * 180) / Math.PI)
    note('sy', 1 / Math.hypot(yy, yx))
    note('sx', 1 / Math.hypot(xy, xx))
    note('ty', offset[0] - centre[0] + yy * centre[0] + yx * centre[1])
    note('tx', offset[1] - centre[1] + xy * centre[0] + xx * centre[1])
  }
  near(seen.angle, [-5, 5], 0.1)
  near(seen.sy, [0.9, 1.1], 0.005)
  near(seen.sx, [0.8, 1.2], 0.005)
  // Whole pixels: 0.03 * 40 = 1.2 -> 1; 0.1 * 48 = 4.8 -> 5.
  near(seen.ty, [-1, 1], 1e-9)
  near(seen.tx, [-5, 5], 1e-9)
})

test('two angles are a range of their own', () => {
  const random = new Random(6)
  for (let i = 0; i < 200; i++) {
    const [yy, yx] = drawn({ degrees: [5, 25] }, random).matrix
    const degrees = (Math.atan2(yx, yy) * 180) / Math.PI
    assert.ok(degrees >= 5 && degrees < 25)
  }
})

test.each([{ degrees: -3 }, { degrees: 3, scale: [1.2, 1] }, { degrees: 3, translate: [-0.1, 0] }, { degrees: [1, 2, 3] }, { degree: 3 }])(
  'the settings %j are refused',
  settings => assert.equal(randomAffine.params.safeParse(settings).success, false),
)

sharedTest('golden/transforms/randomaffine/cases.json', 'with the centre of ivadomed (shape / 2) slices come out as from ivadomed', () => {
  const folder = 'transforms/randomaffine'
  const cases = (goldenCases(folder) as { readonly cases: readonly GoldenCase[] }).cases.filter(
    c => 'output' in c && !Array.isArray(c.input) && c.input.shape.length === 2 && c.input.dtype === 'float32',
  )
  expect(cases.map(c => c.name)).toEqual(['2d_rot', '2d_rot_neg', '2d_scale', '2d_trans', '2d_all', '2d_all_gt', 'random_2d'])
  for (const { input, output, metadata_out } of cases) {
    const [angle] = metadata_out['rotation'] as [number]
    const [sy, sx] = metadata_out['scale'] as [number, number]
    const [ty, tx] = metadata_out['translation'] as [number, number]
    const [h, w] = input.shape as [number, number]
    const { matrix, offset } = affineAbout([h / 2, w / 2], { angle, scale: [sy, sx], shift: [ty, tx] })
    const expected = goldenArray(folder, output)
    near(affineTransform2d(Float32Array.from(goldenArray(folder, input)), [h, w], matrix, offset), expected, float32Tolerance(expected))
  }
})

test('a mirrored slice has the same numbers, and mirrored again it is the slice', () => {
  const small = [2, 3] as const
  const data = Float32Array.of(1, 2, 3, 4, 5, 6)
  const mirrored = ([rows, columns]: [boolean, boolean]) => [
    ...samplePlanes(data, small, compose([reversal([rows, columns], small)], small)),
  ]
  assert.deepEqual(mirrored([false, false]), [1, 2, 3, 4, 5, 6])
  assert.deepEqual(mirrored([true, false]), [4, 5, 6, 1, 2, 3])
  assert.deepEqual(mirrored([false, true]), [3, 2, 1, 6, 5, 4])
  const twice = compose([reversal([true, true], small), reversal([true, true], small)], small)
  assert.deepEqual([...samplePlanes(data, small, twice)], [...data])
})

test('each axis is mirrored in half of the draws', () => {
  const random = new Random(9)
  const draws = Array.from({ length: 4000 }, () => randomReverse.warp(randomReverse.params.parse({}), shape, random) as AffineWarp)
  for (const axis of [0, 3] as const) {
    const share = draws.filter(d => d.matrix[axis] < 0).length / draws.length
    assert.ok(Math.abs(share - 0.5) < 0.03, `${share}`)
  }
})

sharedTest('golden/transforms/randomreverse/cases.json', 'slices are mirrored exactly as by ivadomed', () => {
  const folder = 'transforms/randomreverse'
  const cases = (goldenCases(folder) as { readonly cases: readonly GoldenCase[] }).cases.filter(
    c => !Array.isArray(c.input) && c.input.shape.length === 2,
  )
  expect(cases).toHaveLength(5)
  for (const { input, output, metadata_out } of cases) {
    const [rows, columns] = metadata_out['reverse'] as [boolean, boolean]
    const size = input.shape as unknown as readonly [number, number]
    const points = compose([reversal([rows, columns], size)], size)
    assert.deepEqual(samplePlanes(Float32Array.from(goldenArray(folder, input)), size, points), goldenArray(folder, output))
  }
})
