import { join } from 'node:path'
import { z } from 'zod'
import { fileOf, findFile, type FileRef } from '../src/artifact.ts'
import { fail } from '../src/failure.ts'
import { restoreNative } from '../src/image/hwd.ts'
import { writeNifti } from '../src/image/nifti-write.ts'
import { overlapping, patchesAtOnce, patchWay, type Patching } from '../src/net/patch-way.ts'
import type { PatchGrid } from '../src/net/patches.ts'
import { plainWay, predictImage, testingChain, type Way } from '../src/net/predict.ts'
import { predictorOf, samplerOf } from '../src/net/predictors.ts'
import { sampleWay } from '../src/net/sampling.ts'
import { checkPresent } from '../src/net/sets.ts'
import { defineEachNode, one, type Element } from '../src/node.ts'
import { isSpatial, type Chain } from '../src/transforms/chain.ts'
import { reversibleChain } from '../src/transforms/reversible.ts'
import { uncertaintyMaps, uncertaintySuffixes } from '../src/uncertainty/maps.ts'
import { uncertaintyParams } from '../src/uncertainty/params.ts'
import { model, predictions, split, tensors } from './artifacts.ts'

const patches = z.strictObject({
  no_patch: z.boolean().default(false).describe('whole slices are predicted, although the model was trained on patches'),
  overlap_2D: z
    .tuple([z.int().nonnegative(), z.int().nonnegative()])
    .optional()
    .describe('by how many pixels patches overlap along height and width; if absent: as the model was trained (length_2D - stride_2D)'),
  weights: z
    .enum(['gaussian', 'uniform'])
    .default('gaussian')
    .describe('how patches that overlap are averaged: gaussian, the middle of a patch counts most; uniform, as in ivadomed'),
})

const params = z.strictObject({
  sets: z
    .array(z.enum(['train', 'validation', 'test']))
    .min(1)
    .default(['test'])
    .describe('which parts of the split are predicted'),
  patches: patches.prefault({}).describe('of models that were trained on patches: how their predictions become slices'),
  uncertainty: uncertaintyParams
    .prefault({})
    .describe('maps of how certain the model is, made of several predictions of each image that differ by chance'),
})

type Params = z.infer<typeof params>
type Packed = z.infer<typeof tensors.schema>['images'][string]
/** What a prediction depends on, beside the model and the packed slices. */
interface Predict {
  readonly axis: z.infer<typeof tensors.schema>['axis']
  /** What is done to a slice when predicting. */
  readonly chain: Chain
  readonly undo: Packed['undo']
  readonly volume: Packed['volume']
  readonly slices: readonly number[]
  /** Only where the model takes patches. */
  readonly patching?: Patching
  /** Only where uncertainty is asked for, so that plain predictions depend on nothing of it. */
  readonly samples?: Samples
}
/** The samples of each image: how many, and by what they vary. */
interface Samples {
  readonly count: number
  readonly dropout: boolean
  /** What training does to a slice and can be undone, anew for every sample. */
  readonly augmentation?: Chain
  readonly seed: number
}
/** What was written of an image. */
interface Predicted {
  readonly file: string
  readonly uncertainty?: Readonly<Record<string, string>>
  /** All samples were the same. */
  readonly unvaried?: true
}

const trainingChain = (draw: Chain): ReturnType<typeof reversibleChain> =>
  reversibleChain(draw.filter(entry => (entry['dataset_type'] as readonly string[]).includes('training')))

const firstFew = (ids: readonly string[]): string => (ids.length > 5 ? `${ids.slice(0, 5).join(', ')} ...` : ids.join(', '))

function samplesOf({ uncertainty: { epistemic, aleatoric, n_it, seed } }: Params, draw: Chain, inPatches: boolean): Samples | undefined {
  if (n_it === 0) return undefined
  const { chain } = trainingChain(draw)
  // A slice is moved as a whole, and its patches are then treated as when testing.
  const augmentation = inPatches ? chain.filter(isSpatial) : chain
  return { count: n_it, dropout: epistemic, seed, ...(aleatoric && { augmentation }) }
}

function patchingOf({ no_patch, overlap_2D: overlap, weights }: Params['patches'], grid: PatchGrid | undefined): Patching | undefined {
  if (!grid || no_patch) return undefined
  return { ...(overlap ? overlapping(grid, overlap) : grid), weighting: weights, batchSize: patchesAtOnce }
}

const isDefault = ({ no_patch, overlap_2D, weights }: Params['patches']): boolean =>
  !no_patch && overlap_2D === undefined && weights === 'gaussian'

export default defineEachNode({
  summary: "Predicts every slice of the test images, and puts the predictions back into each image's own grid.",
  version: 3,
  params,
  inputs: { model: one(model), tensors: one(tensors), split: one(split) },
  output: predictions,
  computes: true,
  meaning: ({ uncertainty, patches, ...rest }: Params) => ({
    ...rest,
    ...(!isDefault(patches) && { patches }),
    ...(uncertainty.n_it > 0 && { uncertainty }),
  }),

  each: {
    shared: ['model'],
    parallel: false,

    elements({ params, inputs }): Element<Predict>[] {
      const { axis, draw, channels, contrasts, images } = inputs.tensors.value
      const trained = inputs.model.value
      const check = (what: string, ofModel: string, ofTensors: string) => {
        if (ofModel !== ofTensors) fail({ kind: 'model-does-not-fit', what, model: ofModel, tensors: ofTensors })
      }
      check('channels:', String(trained.channels), String(channels))
      check('the contrasts', String(trained.contrasts ?? 'of any kind'), String(contrasts ?? 'of any kind'))
      check('slices that are', trained.axis, axis)
      const ids = [...new Set(params.sets)].flatMap(set => {
        checkPresent(set, inputs.split.value[set], images)
        return inputs.split.value[set]
      })
      const { chain } = testingChain(draw)
      const patching = patchingOf(params.patches, trained.patch)
      const samples = samplesOf(params, draw, patching !== undefined)
      return ids.map(id => {
        const { undo, volume, slices, image } = images[id]!
        return {
          id,
          value: { axis, chain, undo, volume, slices, ...(patching && { patching }), ...(samples && { samples }) },
          files: { image: fileOf(inputs.tensors, image) },
        }
      })
    },

    async run(job): Promise<Predicted> {
      const { id, value, files, inputs, seed } = job
      const { volume, axis, slices, chain, undo, patching, samples } = value
      const { native } = volume
      const model = fileOf(inputs.model, inputs.model.value.onnx)
      const classes = inputs.model.value.targets.length
      const image = { id, image: (files['image'] as FileRef).path, slices, chain, undo, seed }
      const passes = 1 + (samples?.count ?? 0)
      let before = 0
      const predict = async (way: Way) => {
        const predicted = await predictImage(image, way, classes, [volume.shape[0]!, volume.shape[1]!], done => {
          job.signal.throwIfAborted()
          job.progress({ done: before + done, total: passes * slices.length, unit: 'slice' })
        })
        before += slices.length
        return restoreNative(native, axis, slices, predicted, classes)
      }
      const write = async (suffix: string, data: Float32Array) => {
        const file = `${id}${suffix}.nii.gz`
        const shape = classes === 1 ? native.shape : [...native.shape, classes]
        await writeNifti(join(job.dir, file), { ...native, shape, data, dtype: 'float32' })
        return file
      }

      const card = findFile(inputs.model, 'model.json')
      const predictor = await predictorOf(model, job, card)
      const plain = patching ? patchWay(image, predictor, patching) : plainWay(image, predictor)
      const file = await write('_pred', await predict(plain))
      if (!samples) return { file }

      const { count, dropout, augmentation, seed: drawnBy } = samples
      const sampler = dropout ? await samplerOf(model, card, job) : undefined
      const drawn: Float32Array[] = []
      for (let pass = 0; pass < count; pass++) {
        const sample = await predict(sampleWay(id, pass, plain, { sampler, augmentation, seed: drawnBy }))
        await write(`_pred_${String(pass).padStart(2, '0')}`, sample)
        drawn.push(sample)
      }
      const maps = uncertaintyMaps(drawn, native.shape as [number, number, number], classes)
      const uncertainty: Record<string, string> = {}
      for (const suffix of uncertaintySuffixes) uncertainty[suffix] = await write(suffix, maps[suffix])
      const unvaried = slices.length > 0 && drawn.every(sample => sample.every((v, i) => v === drawn[0]![i]))
      return { file, uncertainty, ...(unvaried && { unvaried }) }
    },

    collect(job) {
      const { params, inputs, results } = job
      const { leftOut } = testingChain(inputs.tensors.value.draw)
      if (leftOut.length) job.log(`Left out when predicting, since they move the image: ${leftOut.join(', ')}.`, 'warn')
      const lost = params.uncertainty.aleatoric ? trainingChain(inputs.tensors.value.draw).leftOut : []
      if (lost.length) job.log(`Left out of uncertainty by augmentation, since they cannot be undone: ${lost.join(', ')}.`, 'warn')
      const same = [...results].flatMap(([id, { unvaried }]) => (unvaried ? [id] : []))
      if (same.length) job.log(`All samples were the same, so their maps say nothing, of: ${firstFew(same)}.`, 'warn')
      const { soft, images: packed } = inputs.tensors.value
      const images = [...results].map(([id, { file, uncertainty }]) => {
        const { isPicture } = packed[id]!.volume.native
        return [id, { file, ...(uncertainty && { uncertainty }), ...(isPicture && { isPicture }) }] as const
      })
      return { targets: inputs.model.value.targets, ...(soft && { soft }), images: Object.fromEntries(images) }
    },
  },
})
