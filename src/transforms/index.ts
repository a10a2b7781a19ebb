import { additiveGaussianNoise } from './additive-gaussian-noise.ts'
import { centerCrop } from './center-crop.ts'
import { elasticTransform } from './elastic-transform.ts'
import { histogramClipping } from './histogram-clipping.ts'
import { normalizeInstance } from './normalize-instance.ts'
import { numpyToTensor } from './numpy-to-tensor.ts'
import { randomAffine } from './random-affine.ts'
import { randomBlur } from './random-blur.ts'
import { randomGamma } from './random-gamma.ts'
import { randomReverse } from './random-reverse.ts'
import { randomShiftIntensity } from './random-shift-intensity.ts'
import { resample } from './resample.ts'
import type { AnyTransform } from './transform.ts'

/** Every transform, under the name that pipelines know it by: ivadomed's. */
export const transforms = {
  Resample: resample,
  CenterCrop: centerCrop,
  RandomAffine: randomAffine,
  ElasticTransform: elasticTransform,
  RandomReverse: randomReverse,
  NormalizeInstance: normalizeInstance,
  HistogramClipping: histogramClipping,
  RandomShiftIntensity: randomShiftIntensity,
  AdditiveGaussianNoise: additiveGaussianNoise,
  RandomGamma: randomGamma,
  RandomBlur: randomBlur,
  NumpyToTensor: numpyToTensor,
} as const satisfies Readonly<Record<string, AnyTransform>>
