import { join } from 'node:path'
import { z } from 'zod'
import { fileOf, type FileRef } from '../src/artifact.ts'
import { fail } from '../src/failure.ts'
import { restoreNative } from '../src/image/hwd.ts'
import { writeNifti } from '../src/image/nifti-write.ts'
import { predictImage, testingChain } from '../src/net/predict.ts'
import { predictorOf } from '../src/net/predictors.ts'
import { checkPresent } from '../src/net/sets.ts'
import { defineEachNode, one, type Element } from '../src/node.ts'
import type { Chain } from '../src/transforms/chain.ts'
import { model, predictions, split, tensors } from './artifacts.ts'

const params = z.strictObject({
  sets: z
    .array(z.enum(['train', 'validation', 'test']))
    .min(1)
    .default(['test'])
    .describe('which parts of the split are predicted'),
})

type Packed = z.infer<typeof tensors.schema>['images'][string]
/** What a prediction depends on, beside the model and the packed slices. */
interface Predict {
  readonly axis: z.infer<typeof tensors.schema>['axis']
  /** What is done to a slice when predicting. */
  readonly chain: Chain
  readonly undo: Packed['undo']
  readonly volume: Packed['volume']
  readonly slices: readonly number[]
}

export default defineEachNode({
  summary: "Predicts every slice of the test images, and puts the predictions back into each image's own grid.",
  version: 1,
  params,
  inputs: { model: one(model), tensors: one(tensors), split: one(split) },
  output: predictions,
  computes: true,

  each: {
    shared: ['model'],
    parallel: false,

    elements({ params: { sets }, inputs }): Element<Predict>[] {
      const { axis, draw, channels, contrasts, images } = inputs.tensors.value
      const trained = inputs.model.value
      const check = (what: string, ofModel: string, ofTensors: string) => {
        if (ofModel !== ofTensors) fail({ kind: 'model-does-not-fit', what, model: ofModel, tensors: ofTensors })
      }
      check('channels:', String(trained.channels), String(channels))
      check('the contrasts', String(trained.contrasts ?? 'of any kind'), String(contrasts ?? 'of any kind'))
      check('slices that are', trained.axis, axis)
      const ids = [...new Set(sets)].flatMap(set => {
        checkPresent(set, inputs.split.value[set], images)
        return inputs.split.value[set]
      })
      const { chain } = testingChain(draw)
      return ids.map(id => {
        const { undo, volume, slices, image } = images[id]!
        return { id, value: { axis, chain, undo, volume, slices }, files: { image: fileOf(inputs.tensors, image) } }
      })
    },

    async run(job) {
      const { id, value, files, inputs, seed } = job
      const { volume, axis, slices, chain, undo } = value
      const classes = inputs.model.value.targets.length
      const predictor = await predictorOf(fileOf(inputs.model, inputs.model.value.onnx), job)
      const image = { id, image: (files['image'] as FileRef).path, slices, chain, undo, seed }
      const predicted = await predictImage(image, predictor, classes, [volume.shape[0]!, volume.shape[1]!], done => {
        job.signal.throwIfAborted()
        job.progress({ done, total: slices.length, unit: 'slice' })
      })
      const { native } = volume
      const data = restoreNative(native, axis, slices, predicted, classes)
      const file = `${id}_pred.nii.gz`
      const shape = classes === 1 ? native.shape : [...native.shape, classes]
      await writeNifti(join(job.dir, file), { ...native, shape, data, dtype: 'float32' })
      return { file }
    },

    collect(job) {
      const { inputs, results } = job
      const { leftOut } = testingChain(inputs.tensors.value.draw)
      if (leftOut.length) job.log(`Left out when predicting, since they move the image: ${leftOut.join(', ')}.`, 'warn')
      return { targets: inputs.model.value.targets, images: Object.fromEntries(results) }
    },
  },
})
