import assert from 'node:assert/strict'
import { describe, expect } from 'vitest'
import { readVolume } from '../../src/image/nifti.ts'
import { centerCrop } from '../../src/transforms/center-crop.ts'
import { chainSchema, draw, runOnce, splitChain, undoChain } from '../../src/transforms/chain.ts'
import { clahe } from '../../src/transforms/clahe.ts'
import { histogramClipping } from '../../src/transforms/histogram-clipping.ts'
import { standardise } from '../../src/transforms/normalize-instance.ts'
import { resample } from '../../src/transforms/resample.ts'
import { Random } from '../../src/random.ts'
import { shared, sharedTest } from '../golden.ts'
import { near } from '../near.ts'
import { dice, planes, sampleOf } from './sample.ts'

const path = 'data/hippocampus/sub-001/anat/sub-001_T1w.nii.gz'

const labels = 'data/hippocampus/derivatives/labels/sub-001/anat'
sharedTest(labels, 'its labels come back from Resample and CenterCrop to their shape, with a Dice of at least 0.98', async () => {
  for (const part of ['anterior', 'posterior']) {
    const { shape, data } = await readVolume(`${shared}/${labels}/sub-001_T1w_seg-${part}.nii.gz`)
    // Every slice along the third axis; which of the two others is the height makes no difference here.
    const before = planes([shape[2], shape[1], shape[0]], data)
    const { once } = splitChain(chainSchema.parse({ Resample: { hspace: 0.75, wspace: 0.75 }, CenterCrop: { size: [80, 60] } }))
    const { sample, undo } = runOnce(once, sampleOf(before, before))
    assert.deepEqual(sample.label!.shape, [35, 80, 60])
    const back = undoChain(undo, draw([], sample, 'training', new Random(0)).label!, { first: 0, count: shape[2] })
    assert.deepEqual(back.shape, before.shape)
    expect(dice(back.data, before.data)).toBeGreaterThanOrEqual(0.98)
  }
})

/** Slice 17 along the third axis of the stored image: 35 x 51 pixels of 1 mm. */
async function slice17() {
  const { shape, data } = await readVolume(`${shared}/${path}`)
  const [height, width] = shape
  // Voxels lie with the first axis fastest; a plane has its last axis fastest.
  return planes(
    [1, height, width],
    Float32Array.from({ length: height * width }, (_, i) => data[(i % width) * height + Math.floor(i / width) + 17 * height * width]!),
  )
}
const mean = (x: Float32Array) => x.reduce((a, b) => a + b, 0) / x.length
const facts = (x: Float32Array) => [
  mean(x),
  Math.sqrt(x.reduce((sum, v) => sum + (v - mean(x)) ** 2, 0) / x.length),
  Math.min(...x),
  Math.max(...x),
]

// The numbers are those of ivadomed 2.9.10 on this slice.
describe('a slice of a real hippocampus gets the numbers of ivadomed', () => {
  sharedTest(path, 'as stored', async () => near(facts((await slice17()).data), [60.44818, 24.46381, 5, 109], 1e-4))
  sharedTest(path, 'NormalizeInstance', async () => near(facts(standardise((await slice17()).data)), [0, 1, -2.26654, 1.98464], 1e-4))
  sharedTest(path, 'CenterCrop, smaller and larger than the slice', async () => {
    const cropped = async (size: number[]) =>
      facts(centerCrop.apply(sampleOf(await slice17()), centerCrop.params.parse({ size })).sample.image.data)
    near((await cropped([32, 32])).slice(0, 2), [62.07617, 24.51721], 1e-4)
    near((await cropped([64, 64])).slice(0, 2), [26.34277, 34.04765], 1e-4)
  })
  sharedTest(path, 'Resample to 0.75 mm', async () => {
    const { sample } = resample.apply(sampleOf(await slice17()), resample.params.parse({ hspace: 0.75, wspace: 0.75 }))
    near(facts(sample.image.data), [60.37205, 24.35255, 2.78714, 108.74838], 1e-3)
  })
  sharedTest(path, 'HistogramClipping', async () => {
    const out = histogramClipping.apply((await slice17()).data, histogramClipping.params.parse({}), [35, 51], new Random(0))
    near(facts(out), [60.63137, 23.5938, 26, 100], 1e-3)
  })
  sharedTest(path, 'Clahe', async () => {
    const { data } = await slice17()
    const out = clahe.apply(
      data.map(v => v / 109),
      clahe.params.parse({ clip_limit: 0.5 }),
      [35, 51],
      new Random(0),
    )
    near(facts(out).slice(0, 2), [0.50452, 0.26508], 1e-4)
  })
})
