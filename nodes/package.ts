import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { fileOf, findFile } from '../src/artifact.ts'
import { predictorOf } from '../src/net/predictors.ts'
import { defineNode, many, maybe, one } from '../src/node.ts'
import { aboutOf } from '../src/package/gather.ts'
import { writePackage } from '../src/package/write.ts'
import { postprocessSchema } from '../src/postprocess/index.ts'
import { dataset, index, metrics, model, packaged, split, tensors } from './artifacts.ts'

const params = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'letters, digits, "_", "-" and "."')
    .default('my_model')
    .describe('the name of the folder and its files; by convention task_region_contrast'),
  description: z.string().default('').describe('what the model does, for its card'),
  intended_use: z.string().default('').describe('what it is for, and what not, for its card'),
  licence: z.string().default('').describe('under which terms it may be used, such as MIT or CC-BY-4.0'),
  postprocessing: postprocessSchema.prefault({}).describe('what is done to its predictions, as in a postprocess step'),
})

/** A trained model as others can use it: ivadomed's folder NAME with NAME.onnx and NAME.json, a card, and what it is verified by. */
export default defineNode({
  summary: 'Packages a trained model as a folder to give away: ONNX, settings as ivadomed reads them, and a model card.',
  version: 1,
  params,
  inputs: {
    ...{ model: one(model), tensors: one(tensors), split: one(split), index: one(index) },
    ...{ datasets: many(dataset), metrics: maybe(metrics) },
  },
  output: packaged,
  computes: true,

  async run(job) {
    const { params, inputs, dir, compute, threads } = job
    const card = await readFile(fileOf(inputs.model, 'model.json').path, 'utf8')
    const file = (row: number, path: string) => {
      const from = inputs.datasets[row]
      return from && findFile(from, path)?.digest
    }
    const { model, tensors, split, index, metrics } = inputs
    const { name, description, intended_use: intendedUse, licence, postprocessing } = params
    const given = aboutOf({
      ...{ name, description, intendedUse, licence, postprocessing, card, digestOf: file },
      ...{ model, tensors, split, index, ...(metrics && { metrics }) },
    })
    const onnx = fileOf(model, model.value.onnx)
    const files = await writePackage(dir, given, onnx.path, model.value.channels, await predictorOf(onnx, { compute, threads }))
    job.log(`${name}: ${files.length} files; pipe segment -m ${name} IMAGE uses it`)
    return { name, folder: name, files }
  },
})
