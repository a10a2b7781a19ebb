import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeNifti } from '../../src/image/nifti-write.ts'
import { viridis } from '../../src/image/viridis.ts'
import { casesSection, compared } from '../../src/report/cases-section.ts'
import { caseViews, chooseSlices } from '../../src/report/case-views.ts'
import { withFolder } from '../nodes/each.ts'

const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]
const write = async (path: string, data: ArrayLike<number>, shape: readonly number[]) => {
  await writeNifti(path, { shape, data: Float32Array.from(data), dtype: 'float32', affine, qformCode: 1, sformCode: 1, xyztUnits: 2 })
  return path
}

test('the slices are the one with most truth, and those with most errors, in the order of the volume', () => {
  const slices = [
    { truth: 0, wrong: 0 },
    { truth: 9, wrong: 0 },
    { truth: 5, wrong: 1 },
    { truth: 0, wrong: 7 },
    { truth: 6, wrong: 1 },
  ]
  expect(chooseSlices(slices, 1)).toEqual([1])
  expect(chooseSlices(slices, 2)).toEqual([1, 3])
  // Of equal errors the slice with more truth.
  expect(chooseSlices(slices, 3)).toEqual([1, 3, 4])
  expect(chooseSlices(slices, 9)).toEqual([0, 1, 2, 3, 4])
})

test('a view has image, truth and prediction of every class, and uncertainty, cut and turned alike', () =>
  withFolder(async dir => {
    // 3 x 2 x 2: in slice 1, class 0 is at x = 0 and predicted at x = 1; class 1 is at (2, 1) in both.
    const shape = [3, 2, 2] as const
    const at = (x: number, y: number, z: number) => x + 3 * (y + 2 * z)
    const marked = (...voxels: number[]) => Uint8Array.from({ length: 12 }, (_, i) => (voxels.includes(i) ? 1 : 0))
    const [truth0, truth1] = [marked(at(0, 0, 1), at(0, 1, 1)), marked(at(2, 1, 1))]
    const predicted = [marked(at(1, 0, 1), at(0, 1, 1)), marked(at(2, 1, 1))]
    const files = {
      id: 'a',
      image: await write(join(dir, 'image.nii'), Array.from({ length: 12 }, (_, i) => i), shape),
      labels: [[await write(join(dir, 'a.nii'), truth0, shape)], [await write(join(dir, 'b.nii'), truth1, shape)]],
      mask: await write(join(dir, 'mask.nii'), predicted.flatMap(p => [...p]), [...shape, 2]),
      uncertainty: await write(join(dir, 'unc.nii'), [...marked(at(1, 0, 1)), ...truth1].map(v => v * Math.LN2), [...shape, 2]),
    }
    const [view, ...more] = await caseViews(files, 'axial', 1)
    expect(more).toEqual([])
    expect(view!.slice).toBe(1)
    expect(view!.spacing).toEqual([1, 1])
    // The front (y = 1) is up, the right (x = 2) is right.
    expect([...view!.truth[0]!.pixels]).toEqual([1, 0, 0, 1, 0, 0])
    expect([...view!.prediction[0]!.pixels]).toEqual([1, 0, 0, 0, 1, 0])
    expect([...view!.truth[1]!.pixels]).toEqual([0, 0, 1, 0, 0, 0])
    expect([...view!.uncertainty!.pixels]).toEqual([0, 0, 255, 0, 255, 0])
    const { pixels } = view!.grey
    expect([pixels[3], pixels[2]]).toEqual([0, 255])
    expect(pixels[4]! < pixels[5]! && pixels[5]! < pixels[0]!).toBe(true)

    const { tp, fp, fn } = compared(view!)
    expect([tp, fp, fn].map(m => [...m.pixels])).toEqual([
      [1, 0, 1, 0, 0, 0],
      [0, 0, 0, 0, 1, 0],
      [0, 0, 0, 1, 0, 0],
    ])
    const { html } = casesSection([{ image: 'sub-<b>', rank: 'worst', score: 0.5, contrast: 'T1w', metric: 'Dice', slices: [view!] }])
    expect(html).toContain('Worst: sub-&lt;b&gt; <small>T1w, Dice 0.5000</small>')
    expect(html).toContain('aria-label="sub-&lt;b&gt;, slice 1: 2 voxels right, 1 false, 1 missed"')
    expect(html.match(/data:image\/png;base64,/g)).toHaveLength(2)
  }))

test('viridis is that of matplotlib', () => {
  // matplotlib.cm.viridis at 0, 0.25, 0.5, 0.75, 1, in 255ths; the polynomials are within 4 of them.
  const published = [
    [68, 1, 84],
    [59, 82, 139],
    [33, 145, 140],
    [94, 201, 98],
    [253, 231, 37],
  ]
  published.forEach((rgb, i) => viridis(i / 4).forEach((v, c) => expect(Math.abs(v - rgb[c]!)).toBeLessThanOrEqual(4)))
})
