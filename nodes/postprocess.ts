import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { fileOf, type Artifact, type FileRef } from '../src/artifact.ts'
import { fail } from '../src/failure.ts'
import { encodeMask, maskNames } from '../src/image/mask-picture.ts'
import { readVolumes } from '../src/image/nifti.ts'
import { writeNifti } from '../src/image/nifti-write.ts'
import { defineEachNode, maybe, one } from '../src/node.ts'
import { applySteps, dropFaint, mapsNeeded, postprocessSchema, withThreshold } from '../src/postprocess/index.ts'
import { masks, predictions, threshold } from './artifacts.ts'

type Predictions = Artifact<z.infer<typeof predictions.schema>>

/** The maps of uncertainty that the steps ask for, by name, as files. */
function mapsOf(id: string, names: readonly string[], from: Predictions): Record<string, FileRef> {
  const there = from.value.images[id]?.uncertainty ?? {}
  return Object.fromEntries(
    names.map(name => [
      name,
      fileOf(from, there[name] ?? fail({ kind: 'no-uncertainty-map', image: id, suffix: name, there: Object.keys(there) })),
    ]),
  )
}

type Steps = z.infer<typeof postprocessSchema>

/** The steps as they are done: `binarize_prediction` cuts at the threshold that was searched for, where there is one. */
function stepsOf(steps: Steps, found: Artifact<{ readonly threshold: number }> | undefined): Steps {
  if (!found) return steps
  const { threshold } = found.value
  return [...(withThreshold(steps, threshold) ?? fail({ kind: 'threshold-unused', threshold }))]
}

/** Soft predictions to masks, image by image: faint values dropped, then the steps in the order they are written. */
export default defineEachNode({
  summary: 'cleans up predictions: thresholds, largest object, holes, small objects, in the order written',
  version: 1,
  params: postprocessSchema,
  inputs: { predictions: one(predictions), threshold: maybe(threshold) },
  output: masks,
  each: {
    shared: [],
    parallel: true,
    elements: ({ params, inputs }) =>
      Object.entries(inputs.predictions.value.images).map(([id, { file, isPicture }]) => ({
        id,
        value: { steps: stepsOf(params, inputs.threshold), ...(isPicture && { isPicture }) },
        files: { prediction: fileOf(inputs.predictions, file), ...mapsOf(id, mapsNeeded(params), inputs.predictions) },
      })),
    async run({ id, value, files, dir }) {
      const volume = await readVolumes((files['prediction'] as FileRef).path)
      const { shape, volumes: classes, spacing } = volume
      const uncertainty: Record<string, Float32Array> = {}
      for (const name of mapsNeeded(value.steps)) uncertainty[name] = (await readVolumes((files[name] as FileRef).path)).data
      const { data } = applySteps(dropFaint({ data: volume.data, shape, classes, spacing, uncertainty }), value.steps)
      const file = `${id}_pred.nii.gz`
      const dtype = data instanceof Uint8Array ? 'uint8' : 'float32'
      await writeNifti(join(dir, file), { ...volume, shape: classes === 1 ? shape : [...shape, classes], data, dtype })
      if (!value.isPicture) return { file }
      const pictures = maskNames(id, classes, '.png')
      const size = data.length / classes
      for (const [k, name] of pictures.entries())
        await writeFile(join(dir, name), encodeMask(data.subarray(k * size, (k + 1) * size), shape))
      return { file, pictures: [...pictures] }
    },
    collect({ inputs, results }) {
      const { targets, soft } = inputs.predictions.value
      return { targets, ...(soft && { soft }), images: Object.fromEntries(results) }
    },
  },
})
