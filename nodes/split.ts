import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { ImageRow } from '../src/bids/row.ts'
import { columnValue, partNames, type Split, splitIndex } from '../src/bids/split.ts'
import { defineNode, one } from '../src/node.ts'
import { index, split } from './artifacts.ts'

const fraction = z.number().min(0).max(1)
const contrasts = z.array(z.string().min(1)).default([])
const params = z.strictObject({
  split_method: z
    .string()
    .min(1)
    .default('participant_id')
    .describe('a column of the index, the tables or the sidecars; images that share its value stay together'),
  train_fraction: fraction.default(0.6).describe('share of the groups that is trained on; what is neither this nor test is for validation'),
  test_fraction: fraction.default(0.2).describe('share of the groups that is tested on; at least one group, unless 0'),
  random_seed: z
    .int()
    .min(0)
    .max(0xffffffff)
    .default(6)
    .describe('seed of the split alone; equal seeds give the parts that ivadomed gives'),
  data_testing: z
    .strictObject({
      data_type: z.string().min(1).nullable().default(null).describe('the column that the test part is chosen by; null: split_method'),
      data_value: z
        .array(z.union([z.string(), z.number()]))
        .default([])
        .describe('the values of that column to test on; empty: drawn at random'),
    })
    .prefault({})
    .describe('what to test on'),
  balance: z.string().min(1).nullable().default(null).describe('a column whose values are to be spread evenly over the parts'),
  training_validation: contrasts.describe('contrasts to train and validate on; empty: all'),
  testing: contrasts.describe('contrasts to test on; empty: all'),
})

/** Which images are trained on, validated on, and tested on. */
export default defineNode({
  summary: 'divides the images into train, validation and test, whole subjects at a time',
  version: 1,
  params,
  inputs: { index: one(index) },
  output: split,
  async run(job) {
    const rows = job.inputs.index.value.images as readonly ImageRow[]
    const parts = splitIndex(rows, job.params, line => job.log(line, 'warn'))
    // The name and the keys of ivadomed's split_datasets.joblib.
    const file = { train: parts.train, valid: parts.validation, test: parts.test }
    await writeFile(join(job.dir, 'split_datasets.json'), JSON.stringify(file, null, 2) + '\n')
    job.log(counts(rows, parts, job.params.split_method))
    return { train: [...parts.train], validation: [...parts.validation], test: [...parts.test] }
  },
})

/** `split by participant_id: 6/2/2 subjects, 17/6/6 images` */
function counts(rows: readonly ImageRow[], parts: Split, method: string): string {
  const groups = partNames.map(part => {
    const ids = new Set(parts[part])
    return new Set(rows.filter(r => ids.has(r.id)).map(r => columnValue(r, method))).size
  })
  const what = method === 'participant_id' ? 'subjects' : `values of ${method}`
  return `split by ${method}: ${groups.join('/')} ${what}, ${partNames.map(part => parts[part].length).join('/')} images`
}
