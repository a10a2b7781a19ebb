import assert from 'node:assert/strict'
import { test } from 'vitest'
import { Random } from '../../src/random.ts'
import { chainSchema, draw, runOnce, splitChain } from '../../src/transforms/chain.ts'
import { stagesOf } from '../../src/transforms/preview.ts'
import { near } from '../near.ts'
import { picture, sampleOf } from './sample.ts'

const chain = chainSchema.parse({
  CenterCrop: { size: [20, 24] },
  NumpyToTensor: {},
  RandomAffine: { degrees: 20 },
  RandomReverse: { dataset_type: ['testing'] },
  AdditiveGaussianNoise: { std: 1 },
  RandomShiftIntensity: { shift_range: [5, 5], prob: 1 },
})
const sample = { ...sampleOf(picture([1, 30, 30])), from: { id: 'a', slices: [7] } }

test('there is a stage for every transform of training, with all before it in its name', () => {
  assert.deepEqual(
    stagesOf(chain, sample, 1).map(stage => stage.name),
    [
      'CenterCrop',
      'CenterCrop_RandomAffine',
      'CenterCrop_RandomAffine_AdditiveGaussianNoise',
      'CenterCrop_RandomAffine_AdditiveGaussianNoise_RandomShiftIntensity',
    ],
  )
})

test('a stage differs from the one before by its own transform only', () => {
  const [cropped, , noisy, shifted] = stagesOf(chain, sample, 1)
  assert.deepEqual(cropped!.image, runOnce(splitChain(chain).once, sample).sample.image)
  near(
    shifted!.image.data,
    noisy!.image.data.map(v => v + 5),
    1e-5,
  )
})

test('the last stage is a draw of training', () => {
  const { once, draw: atDraw } = splitChain(chain)
  const drawn = draw(atDraw, runOnce(once, sample).sample, 'training', new Random(1, 'show', 7))
  assert.deepEqual(stagesOf(chain, sample, 1).at(-1)!.image, drawn.image)
  assert.notDeepEqual(stagesOf(chain, sample, 2).at(-1)!.image, drawn.image)
})
