import { fail } from '../failure.ts'
import { voxelSizes } from '../image/affine.ts'
import { restoreNative } from '../image/hwd.ts'
import type { Predictor } from '../net/engine.ts'
import { overlapping, patchWay } from '../net/patch-way.ts'
import type { Pair, Weighting } from '../net/patches.ts'
import { plainWay, predictImage, testingChain, type ImageToPredict, type Way } from '../net/predict.ts'
import { sampleWay } from '../net/sampling.ts'
import { applySteps, dropFaint, type Prediction } from '../postprocess/index.ts'
import { isSpatial, runOnce, splitChain, type Chain } from '../transforms/chain.ts'
import { reversibleChain } from '../transforms/reversible.ts'
import type { UndoRecord } from '../transforms/transform.ts'
import { withOptions, type PostOptions } from './options.ts'
import type { Picked } from './pick.ts'
import type { ModelSettings } from './settings.ts'

/** How an image is segmented, beside what the model says. */
export interface SegmentOptions {
  readonly post: PostOptions
  /** By how many pixels patches overlap along height and width, in the place of the model's stride. */
  readonly overlap?: Pair | undefined
  /** Whole slices, although the model was trained on patches. */
  readonly wholeSlices: boolean
  readonly weighting: Weighting
  /** Test-time augmentation: the mean of the prediction and of so many of images drawn as in training; 0: none. */
  readonly augmentations: number
  readonly seed: number
}

/** Masks or soft values of an image in its own grid, class after class. */
export interface Segmentation extends Prediction {
  readonly targets: readonly string[]
}

/** A model that is ready to predict. */
export interface Segmenter {
  readonly settings: ModelSettings
  readonly predictor: Predictor
}

/** Segments one image that was read and cut. `said` hears how many of how many slices are done. */
export async function segment(
  { settings, predictor }: Segmenter,
  picked: Picked,
  options: SegmentOptions,
  said: (done: number, total: number) => void = () => undefined,
): Promise<Segmentation> {
  const { targets, axis } = settings
  const { native, slices, shape } = picked
  const { once, draw } = splitChain(chainFor(settings.chain, picked.roi !== undefined))
  const { sample, undo } = runOnce(once, picked)
  const image: ImageToPredict = {
    ...{ id: picked.from.id, image: sample.image, slices, seed: options.seed },
    ...{ chain: testingChain(draw).chain, undo: [...picked.undo, ...undo] satisfies UndoRecord[] },
  }
  const passes = 1 + options.augmentations
  const plain = checked(wayOf(settings, image, options, predictor), targets)
  const grid: Pair = [shape[0], shape[1]]
  const predicted = (pass: number): Promise<Float32Array> => {
    const way = pass === 0 ? plain : sampleWay(image.id, pass, plain, { augmentation: augmentationOf(settings, draw), seed: options.seed })
    return predictImage(image, way, targets.length, grid, done => said(pass * slices.length + done, passes * slices.length))
  }
  const soft = await predicted(0)
  for (let pass = 1; pass < passes; pass++) {
    const another = await predicted(pass)
    for (let i = 0; i < soft.length; i++) soft[i]! += another[i]!
  }
  if (passes > 1) for (let i = 0; i < soft.length; i++) soft[i]! /= passes
  const data = restoreNative(native, axis, slices, soft, targets.length)
  const spacing = voxelSizes(native.affine).map(Math.fround) as [number, number, number]
  const prediction = dropFaint({ data, shape: native.shape, classes: targets.length, spacing })
  return { ...applySteps(prediction, withOptions(settings.postprocessing, options.post)), targets }
}

/** Without a region of interest its crop is one about the middle of the image, as in ivadomed. */
const chainFor = (chain: Chain, hasRoi: boolean): Chain =>
  hasRoi ? chain : chain.map(entry => (entry.name === 'ROICrop' ? { ...entry, name: 'CenterCrop' } : entry))

function wayOf(settings: ModelSettings, image: ImageToPredict, options: SegmentOptions, predictor: Predictor): Way {
  const { patch, batchSize } = settings
  if (!patch || options.wholeSlices) return plainWay(image, predictor)
  const { overlap, weighting } = options
  return patchWay(image, predictor, { ...(overlap ? overlapping(patch, overlap) : patch), weighting, batchSize })
}

/** What of the training transforms is drawn anew; patches are then treated as when testing. */
function augmentationOf(settings: ModelSettings, draw: Chain): Chain {
  const training = reversibleChain(draw.filter(entry => (entry['dataset_type'] as readonly string[]).includes('training'))).chain
  return settings.patch ? training.filter(isSpatial) : training
}

/** A way whose answers have a plane for every class: model and settings are from files that need not belong together. */
function checked(way: Way, targets: readonly string[]): Way {
  return {
    pixelsAtOnce: way.pixelsAtOnce,
    draw: (planes, slice) => way.draw(planes, slice),
    async predict(...given) {
      const y = await way.predict(...given)
      if (y.shape.length !== 4 || y.shape[1] !== targets.length)
        fail({
          kind: 'package-settings',
          path: 'the model',
          problems: [`it answers with [${y.shape.join(', ')}], and target_suffix names ${targets.length} classes: ${targets.join(', ')}`],
        })
      return y
    },
  }
}
