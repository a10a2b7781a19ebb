import { keepFrom, nonZero, threshold } from '../image/morphology.ts'
import type { Shape3 } from '../image/volume.ts'
import { structures } from './structures.ts'

/** The maps that are made of the samples of one image, by ivadomed's suffix: the file is `<image id><suffix>.nii.gz`. */
export const uncertaintySuffixes = ['_soft', '_unc-vox', '_unc-avgUnc', '_unc-cv', '_unc-iou'] as const
export type UncertaintySuffix = (typeof uncertaintySuffixes)[number]
export type UncertaintyMaps = Readonly<Record<UncertaintySuffix, Float32Array<ArrayBuffer>>>

/** Keeps the logarithms finite (ivadomed); the entropy is off by at most 2e-5 through it. */
const epsilon = 1e-5
/** Values up to 0.01 are taken for noise of the network, and do not hold a structure together (as `dropFaint`). */
const clear = Math.fround(0.010000001)

/**
 * What n samples of a prediction (Monte-Carlo dropout, test-time augmentation) say together. `samples` are soft values or masks, all
 * laid out alike: first axis fastest, one class after the other.
 * - `_soft`: their mean m.
 * - `_unc-vox`: the entropy of m, -[m ln(m + 1e-5) + (1 - m) ln(1 - m + 1e-5)], at least 0: certain 0, undecided ln 2.
 * And per structure, the same value in all its voxels and 0 outside; a structure is an object (18 neighbours) of m >= 1/n, so that what
 * few samples show is told of too, and those of a single voxel are passed over:
 * - `_unc-avgUnc`: the mean of `_unc-vox` in it;
 * - `_unc-cv`: its volume in the samples, standard deviation (population) / mean: certain 0;
 * - `_unc-iou`: intersection / union over the samples: certain 1.
 */
export function uncertaintyMaps(samples: readonly Float32Array[], shape: Shape3, classes: number): UncertaintyMaps {
  const n = samples.length
  if (n < 2) throw new Error(`uncertainty needs at least 2 samples, and there are ${n}`)
  const soft = meanOf(samples)
  const entropy = soft.map(entropyOf)
  const maps = {
    _soft: soft,
    '_unc-vox': entropy,
    '_unc-avgUnc': new Float32Array(soft.length),
    '_unc-cv': new Float32Array(soft.length),
    '_unc-iou': new Float32Array(soft.length),
  }
  const size = shape[0] * shape[1] * shape[2]
  for (let c = 0; c < classes; c++) {
    const part = (data: Float32Array): Float32Array => data.subarray(c * size, (c + 1) * size)
    const shown = samples.map(sample => nonZero(keepFrom(part(sample), clear)))
    for (const { voxels, cv, iou } of structures(threshold(part(soft), 1 / n), shown, shape)) {
      if (voxels.length < 2) continue
      const average = voxels.reduce((sum, i) => sum + entropy[c * size + i]!, 0) / voxels.length
      for (const i of voxels) {
        maps['_unc-avgUnc'][c * size + i] = average
        maps['_unc-cv'][c * size + i] = cv
        maps['_unc-iou'][c * size + i] = iou
      }
    }
  }
  return maps
}

function meanOf(samples: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const sums = new Float64Array(samples[0]!.length)
  for (const sample of samples) for (let i = 0; i < sums.length; i++) sums[i]! += sample[i]!
  return Float32Array.from(sums, sum => sum / samples.length)
}

/** Of a probability, in natural units. */
const entropyOf = (m: number): number => Math.max(0, -(m * Math.log(m + epsilon) + (1 - m) * Math.log(1 - m + epsilon)))
