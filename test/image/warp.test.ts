import assert from 'node:assert/strict'
import { test } from 'vitest'
import {
  affineTransform2d,
  compose,
  mapCoordinates,
  samplePlanes,
  type AffineWarp,
  type DisplacementWarp,
  type Warp,
} from '../../src/image/warp.ts'
import { goldenCases, sharedTest } from '../golden.ts'
import { near } from '../near.ts'

const plane: Float32Array = Float32Array.of(1, 2, 4, 8, 5, 7, 3, 0, 6, 9, 1, 2)
const shape = [4, 3] as const
const affine = (matrix: AffineWarp['matrix'], offset: AffineWarp['offset'] = [0, 0]): AffineWarp => ({ kind: 'affine', matrix, offset })
const shift = (dy: number, dx: number, n = 12): DisplacementWarp => ({
  kind: 'displacement',
  dy: new Float64Array(n).fill(dy),
  dx: new Float64Array(n).fill(dx),
})
const through = (warps: readonly Warp[], data = plane) => samplePlanes(data, shape, compose(warps, shape))

test('an affine map gives the numbers of scipy 1.10', () => {
  // scipy.ndimage.affine_transform(plane, [[.9, .2], [-.3, 1.1]], offset=[.1, -.2], order=1)
  const out = affineTransform2d(plane, shape, [0.9, 0.2, -0.3, 1.1], [0.1, -0.2])
  near(out, [0, 2.92, 5.5, 0, 5.2, 5.52, 0, 2.55, 2.1, 0, 0, 0], 1e-6)
})

test('reading at points beyond the borders gives the numbers of scipy 1.10', () => {
  // scipy.ndimage.map_coordinates(plane, [y, x], order=1, mode='reflect')
  const y = Float64Array.of(-0.5, -1.7, 3.2, 5.9, 1.5, 0, -9.3)
  const x = Float64Array.of(0.2, 3.3, -2.4, 1, 2.9, 2, 7.1)
  near(mapCoordinates(plane, shape, { y, x }), [1.2, 5.5, 1.4, 4.5, 6.5, 4, 3.1], 1e-12)
})

test('the identity gives the same plane, in any number', () => {
  const two = Float32Array.from([...plane, ...plane.map(v => -v)])
  near(through([affine([1, 0, 0, 1])], two), two, 0)
  near(through([shift(0, 0)], two), two, 0)
  near(through([], two), two, 0)
})

test('an affine map reads zeros outside, a displacement reads the mirrored plane', () => {
  near(through([affine([1, 0, 0, 1], [0, 1])]), [2, 4, 0, 5, 7, 0, 0, 6, 0, 1, 2, 0], 0)
  near(through([shift(0, 1)]), [2, 4, 4, 5, 7, 7, 0, 6, 6, 1, 2, 2], 0)
  near(through([shift(-2, 0)]), [8, 5, 7, 1, 2, 4, 1, 2, 4, 8, 5, 7], 0)
})

test('maps in a row do what they do one after another', () => {
  // By whole pixels no interpolation is in the way: each order of a shift, a mirror and a displacement must be told apart.
  const warps = [affine([-1, 0, 0, 1], [3, 0]), shift(1, -1), affine([1, 0, 0, 1], [-1, 0])]
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
    [1, 2, 0],
    [0, 2, 1],
    [2, 0, 1],
  ] as const) {
    const chosen = order.map(i => warps[i]!)
    const oneByOne = chosen.reduce((data, warp) => through([warp], data), plane)
    near(through(chosen), oneByOne, 0)
  }
})

test('maps in a row interpolate once: two half shifts are one whole shift, without blur', () => {
  const half = affine([1, 0, 0, 1], [0, 0.5])
  near(through([half, half]), [2, 4, 0, 5, 7, 0, 0, 6, 0, 1, 2, 0], 1e-6)
})

test('a displacement that varies is read between pixels when another map comes after it', () => {
  // d = x/2 along a row, then a shift of half a pixel: position 0.5 + d(0.5) = 0.75.
  const ramp: DisplacementWarp = {
    kind: 'displacement',
    dy: new Float64Array(12),
    dx: Float64Array.from({ length: 12 }, (_, i) => (i % 3) / 2),
  }
  const points = compose([ramp, affine([1, 0, 0, 1], [0, 0.5])], shape)
  near([points.x[0]!, points.y[0]!], [0.75, 0], 1e-12)
})

test('the input is not written to', () => {
  const before = plane.slice()
  through([shift(0.3, 0.4), affine([0.5, 0, 0, 0.5])])
  assert.deepEqual(plane, before)
})

sharedTest('golden/transforms/elastic/cases.json', 'reading a mirrored line agrees with scipy', () => {
  interface Golden {
    readonly map_coordinates_order1_reflect: { readonly input: number[]; readonly coords: number[]; readonly output: number[] }
  }
  const { input, coords, output } = (goldenCases('transforms/elastic') as Golden).map_coordinates_order1_reflect
  const row = { y: new Float64Array(coords.length), x: Float64Array.from(coords) }
  near(mapCoordinates(Float64Array.from(input), [1, input.length], row), output, 1e-12)
  const column = { y: row.x, x: row.y }
  near(mapCoordinates(Float64Array.from(input), [input.length, 1], column), output, 1e-12)
})
