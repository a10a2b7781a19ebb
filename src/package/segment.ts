import { fail } from '../failure.ts'
import { voxelSizes } from '../image/affine.ts'
import { restoreNative } from '../image/hwd.ts'
import type { Predictor } from '../net/engine.ts'
import { overlapping, patchWay } from '../net/patch-way.ts'
import type { Pair, Weighting } from '../net/patches.ts'
import { plainWay, predictImage, testingChain, type ImageToPredict, type Way } from '../net/predict.ts'
import { sampleWay } from '../net/sampling.ts'
import { Random } from '../random.ts'
import { applySteps, dropFaint, type Prediction } from '../postprocess/index.ts'
import { isSpatial, runOnce, splitChain, type Chain } from '../transforms/chain.ts'
import { reversibleChain } from '../transforms/reversible.ts'
import type { Planes, UndoRecord } from '../transforms/transform.ts'
import { withOptions, type PostOptions } from './options.ts'
import type { Picked } from './pick.ts'
import { predictVolume, wholeVolume, type VolumeGrid, type VolumeWay } from './predict-volume.ts'
import type { ModelSettings } from './settings.ts'
import { boxOf, drawVolume, prepareVolumes, type Triple, type Volumes } from './volume.ts'

/** How an image is segmented, beside what the model says. */
export interface SegmentOptions {
  readonly post: PostOptions
  /** By how many pixels patches overlap along height and width, in the place of the model's stride; not of volumes. */
  readonly overlap?: Pair | undefined
  /** Whole slices, although the model was trained on patches. */
  readonly wholeSlices: boolean
  readonly weighting: Weighting
  /** Test-time augmentation: the mean of the prediction and of so many of images drawn as in training; 0: none; not of volumes. */
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

/** Segments one image that was read and cut. `said` hears how many of how many slices, or sub-volumes, are done. */
export async function segment(
  { settings, predictor }: Segmenter,
  picked: Picked,
  options: SegmentOptions,
  said: (done: number, total: number) => void = () => undefined,
): Promise<Segmentation> {
  const { targets } = settings
  const { native } = picked
  const asked = { settings, predictor, picked, options, said }
  const data = await (settings.volume ? asVolume(asked, settings.volume) : asSlices(asked))
  const spacing = voxelSizes(native.affine).map(Math.fround) as [number, number, number]
  const prediction = dropFaint({ data, shape: native.shape, classes: targets.length, spacing })
  return { ...applySteps(prediction, withOptions(settings.postprocessing, options.post)), targets }
}

interface Asked extends Segmenter {
  readonly picked: Picked
  readonly options: SegmentOptions
  readonly said: (done: number, total: number) => void
}

/** What a network for slices says, in the grid of the image: class after class. */
async function asSlices({ settings, predictor, picked, options, said }: Asked): Promise<Float32Array> {
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
  return restoreNative(native, axis, slices, soft, targets.length)
}

/** The same of a network for volumes. */
async function asVolume({ settings, predictor, picked, options, said }: Asked, grid: VolumeGrid): Promise<Float32Array> {
  const { targets, axis, chain } = settings
  const { native, slices, shape, image, roi, spacing, sliceSpacing } = picked
  if (roi && chain.some(({ name }) => name === 'ROICrop'))
    fail({ kind: 'package-not-yet', path: picked.from.id, what: 'ROICrop of volumes about a prior mask' })
  const box = roi && (boxOf(roi.data, shape) ?? fail({ kind: 'prior-empty', path: picked.from.id }))
  const { once, draw } = splitChain(chainFor(chain, false))
  const { volumes, back } = prepareVolumes(channelsOf(image, shape), { once, spacing: [...spacing, sliceSpacing], box })
  const forTesting = testingChain(draw).chain
  const how: VolumeWay = {
    ...{ grid: options.wholeSlices ? wholeVolume(volumes) : grid, classes: targets.length, weighting: options.weighting },
    draw: (values, start) => drawVolume(forTesting, values, new Random(options.seed, 'infer', picked.from.id, ...start)),
  }
  const soft = back(await predictVolume(volumes, predictor, how, said))
  const data = new Float32Array(targets.length * slices.length * shape[0] * shape[1])
  soft.data.forEach((volume, k) => data.set(restoreNative(native, axis, slices, volume, 1), k * volume.length))
  return data
}

/** [slices * channels, H, W] as a volume for each channel. */
function channelsOf({ shape: [planes, height, width], data }: Planes, shape: Triple): Volumes {
  const [depth, area] = [shape[2], height * width]
  const channels = planes / depth
  const volumes = Array.from({ length: channels }, (_, c) => {
    const volume = new Float32Array(depth * area)
    for (let z = 0; z < depth; z++) volume.set(data.subarray((z * channels + c) * area, (z * channels + c + 1) * area), z * area)
    return volume
  })
  return { shape, data: volumes }
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
