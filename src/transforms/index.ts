import { additiveGaussianNoise } from './additive-gaussian-noise.ts'
import { centerCrop } from './center-crop.ts'
import { clahe } from './clahe.ts'
import { dilateGT } from './dilate-gt.ts'
import { elasticTransform } from './elastic-transform.ts'
import { histogramClipping } from './histogram-clipping.ts'
import { normalizeInstance } from './normalize-instance.ts'
import { numpyToTensor } from './numpy-to-tensor.ts'
import { randomAffine } from './random-affine.ts'
import { randomBiasField } from './random-bias-field.ts'
import { randomBlur } from './random-blur.ts'
import { randomGamma } from './random-gamma.ts'
import { randomReverse } from './random-reverse.ts'
import { randomShiftIntensity } from './random-shift-intensity.ts'
import { resample } from './resample.ts'
import { roiCrop } from './roi-crop.ts'
import type { AnyTransform } from './transform.ts'

/** Every transform, under the name that pipelines know it by: ivadomed's. */
export const transforms = {
  Resample: resample,
  CenterCrop: centerCrop,
  ROICrop: roiCrop,
  RandomAffine: randomAffine,
  ElasticTransform: elasticTransform,
  RandomReverse: randomReverse,
  NormalizeInstance: normalizeInstance,
  HistogramClipping: histogramClipping,
  Clahe: clahe,
  RandomShiftIntensity: randomShiftIntensity,
  AdditiveGaussianNoise: additiveGaussianNoise,
  RandomGamma: randomGamma,
  RandomBlur: randomBlur,
  RandomBiasField: randomBiasField,
  DilateGT: dilateGT,
  NumpyToTensor: numpyToTensor,
} as const satisfies Readonly<Record<string, AnyTransform>>
