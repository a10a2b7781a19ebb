import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describe as told, FailureError } from '../../src/failure.ts'
import { makeBatch } from '../../src/net/augment.ts'
import { foregroundOf } from '../../src/net/balance.ts'
import { patchParams } from '../../src/net/patch-params.ts'
import { patchesOf } from '../../src/net/patch-samples.ts'
import { RowReader } from '../../src/net/samples.ts'
import { writeNpy } from '../../src/npy.ts'
import { chainSchema } from '../../src/transforms/chain.ts'
import { crop } from '../../src/transforms/center-crop.ts'
import { inFolder } from './samples-on-disk.ts'

const sizes = { a: { shape: [4, 6] } }
const params = (of: object) => patchParams.parse({ length_2D: [2, 3], ...of })

/** Two slices of 4 x 6 pixels: the image counts, but its first rows are constant; of two classes one pixel each is drawn, in the first slice. */
async function slices(dir: string) {
  const [image, label] = [join(dir, 'image.npy'), join(dir, 'label.npy')]
  await writeNpy(
    image,
    'float32',
    [2, 1, 4, 6],
    Float32Array.from({ length: 48 }, (_, i) => (i % 24 < 12 ? 7 : i)),
  )
  const drawn = new Uint8Array(96)
  drawn[0] = 1
  drawn[24 + 23] = 1
  await writeNpy(label, 'uint8', [2, 2, 4, 6], drawn)
  return [0, 1].map(row => ({ id: 'a', slice: row + 5, row, image, label }))
}

test(
  'a part of a slice is read as the slice is and then cut, and there are zeros beside it',
  inFolder(async dir => {
    const [, second] = await slices(dir)
    const reader = new RowReader()
    for (const path of [second!.image, second!.label]) {
      const whole = await reader.read(path, 1)
      for (const place of [
        [0, 0],
        [1, 2],
        [-1, -2],
        [3, 5],
        [-9, 0],
        [9, 9],
      ] as const) {
        const length = [3, 4] as const
        expect(await reader.read(path, 1, undefined, { place, length })).toEqual(crop(whole, place, length))
      }
    }
    const one = await reader.read(second!.label, 0, [1], { place: [2, 3], length: [2, 3] })
    expect([one.shape, [...one.data]]).toEqual([
      [1, 2, 3],
      [0, 0, 0, 0, 0, 1],
    ])
  }),
)

test(
  'slices become patches in order, and the filters drop those that are empty, constant, or lack a class',
  inFolder(async dir => {
    const places = async (of: object) =>
      (await patchesOf('training', await slices(dir), sizes, params(of))).map(({ row, patch }) => [row, ...patch!.place])
    const all = [0, 1].flatMap(row => [0, 2].flatMap(y => [0, 3].map(x => [row, y, x])))
    expect(await places({})).toEqual(all)
    expect(await places({ filter_empty_mask: true })).toEqual([
      [0, 0, 0],
      [0, 2, 3],
    ])
    expect(await places({ filter_empty_input: true })).toEqual(all.filter(([, y]) => y === 2))
    expect(await places({ filter_empty_mask: true, filter_empty_input: true })).toEqual([[0, 2, 3]])
    expect(await places({ length_2D: [4, 6], filter_absent_class: true })).toEqual([[0, 0, 0]])
    const none = await places({ filter_absent_class: true }).catch((error: unknown) => error)
    expect(none).toBeInstanceOf(FailureError)
    expect(told((none as FailureError).failure)).toBe(
      'the training set has no slices\n    its 2 slices have 8 patches, and the filters kept none\n  give the split more subjects or other fractions, or relax the filters of slices and patches',
    )
  }),
)

test(
  'of several raters any one marks a patch',
  inFolder(async dir => {
    const given = (await slices(dir)).map(slice => ({ ...slice, raters: [2] }))
    const kept = await patchesOf('training', given, sizes, params({ filter_absent_class: true }))
    expect(kept.map(({ row, patch }) => [row, ...patch!.place])).toEqual([
      [0, 0, 0],
      [0, 2, 3],
    ])
  }),
)

test(
  'patches of one slice are drawn apart, each the same at every time, and are balanced by what lies in them',
  inFolder(async dir => {
    const samples = await patchesOf('training', await slices(dir), sizes, params({ stride_2D: [1, 1] }))
    const chain = chainSchema.parse({ AdditiveGaussianNoise: { mean: 0, std: 1, applied_to: ['im'] } })
    const batch = (first: number) => makeBatch({ seed: 1, epoch: 2, set: 'training', chain, samples: samples.slice(first, first + 2) })
    const [one, again, next] = [await batch(0), await batch(0), await batch(1)]
    expect([one.x.shape, one.y.shape]).toEqual([
      [2, 1, 2, 3],
      [2, 2, 2, 3],
    ])
    expect(one).toEqual(again)
    expect(next.x.data.slice(0, 6)).toEqual(one.x.data.slice(6))
    // Both lie where the image is 7: their noise differs.
    expect(one.x.data.slice(0, 6)).not.toEqual(one.x.data.slice(6))
    const marked = await foregroundOf(samples)
    expect(samples.filter((_, i) => marked[i]).map(({ row, patch }) => [row, ...patch!.place])).toEqual([
      [0, 0, 0],
      [0, 2, 3],
    ])
  }),
)

test('a stride beyond the patch is refused, since pixels would be left out', () => {
  const refused = patchParams.safeParse({ length_2D: [4, 4], stride_2D: [4, 5] })
  expect(refused.error?.issues).toMatchObject([
    { path: ['stride_2D'], message: 'larger than length_2D, so that pixels between patches would be left out' },
  ])
  for (const wrong of [{ length_2D: [4] }, { length_2D: [4, 4], stride_2D: [0, 4] }, {}])
    expect(patchParams.safeParse(wrong).success).toBe(false)
})
