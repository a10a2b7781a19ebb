import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { columnValue } from '../src/bids/columns.ts'
import { joblibHint, readSplit } from '../src/bids/given-split.ts'
import { partNames, type Split } from '../src/bids/parts.ts'
import type { ImageRow } from '../src/bids/row.ts'
import { splitIndex } from '../src/bids/split.ts'
import { defineNode, one } from '../src/node.ts'
import { index, split } from './artifacts.ts'

const fraction = z.number().min(0).max(1)
const contrasts = z.array(z.string().min(1)).default([])
const count = z.int().min(1)
const scalar = z.union([z.string(), z.number(), z.boolean()])

const selection = z
  .strictObject({
    n: z.array(count).default([]).describe('how many subjects to draw, one number an entry'),
    metadata: z.array(z.string().min(1)).default([]).describe('the column that each entry looks at'),
    value: z.array(scalar).default([]).describe('the value that the subjects of each entry have there'),
  })
  .refine(s => s.n.length === s.metadata.length && s.n.length === s.value.length, 'n, metadata and value are lists of one length')

const params = z
  .strictObject({
    split_method: z
      .string()
      .min(1)
      .default('participant_id')
      .describe('a column of the index, the tables or the sidecars; images that share its value stay together'),
    train_fraction: fraction
      .default(0.6)
      .describe('share of the groups that is trained on; what is neither this nor test is for validation'),
    test_fraction: fraction.default(0.2).describe('share of the groups that is tested on; at least one group, unless 0; unused with folds'),
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
    subject_selection: selection
      .prefault({})
      .describe('before anything else, draw n[i] subjects that have value[i] in the column metadata[i]; empty: all subjects'),
    training_validation: contrasts.describe('contrasts to train and validate on; empty: all'),
    testing: contrasts.describe('contrasts to test on; empty: all'),
    contrast_balance: z
      .record(z.string().min(1), fraction)
      .default({})
      .describe('contrast: share of its images that is kept, in every part, drawn with the seed; {T1w: 0.5} keeps half of T1w'),
    folds: z.int().min(2).optional().describe('cross-validation: the groups are dealt into so many folds, each tested on once'),
    fold: count.optional().describe('which fold is tested on, from 1 to folds'),
    allow_duplicates: z
      .boolean()
      .default(false)
      .describe('true: images that are equal byte for byte may be in two parts, as in data made to try things; otherwise that is an error'),
    fname_split: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .refine(path => !path?.endsWith('.joblib'), joblibHint)
      .describe('a split_datasets.json of an earlier run, which then decides alone what is in which part'),
  })
  .superRefine((p, check) => {
    const refuse = (path: string, message: string): void => check.addIssue({ code: 'custom', path: [path], message })
    if ((p.folds === undefined) !== (p.fold === undefined)) refuse(p.folds === undefined ? 'fold' : 'folds', 'folds and fold go together')
    if (p.folds !== undefined && p.fold !== undefined && p.fold > p.folds) refuse('fold', `of ${p.folds} folds there is no fold ${p.fold}`)
    if (p.folds !== undefined && p.data_testing.data_value.length > 0)
      refuse('folds', 'folds test on everything in turn, and data_testing.data_value names what to test on: give one of the two')
    if (p.folds !== undefined && p.fname_split !== null) refuse('folds', 'fname_split says already what is tested on: give one of the two')
  })
type Params = z.infer<typeof params>

/** Which images are trained on, validated on, and tested on. */
export default defineNode({
  summary: 'divides the images into train, validation and test, whole subjects at a time',
  version: 2,
  params,
  inputs: { index: one(index) },
  output: split,
  meaning,
  reads: ({ fname_split: path }) => (path === null ? [] : [path]),
  checkReads: paths => paths.forEach(path => readSplit(path)),
  async run(job) {
    const { images, duplicates } = job.inputs.index.value
    const rows = images as readonly ImageRow[]
    const { fname_split: path } = job.params
    const given = path === null ? undefined : readSplit(path)
    const parts = splitIndex(rows, job.params, line => job.log(line, 'warn'), { given, duplicates })
    // The name and the keys of ivadomed's split_datasets.joblib.
    const file = { train: parts.train, valid: parts.validation, test: parts.test }
    await writeFile(join(job.dir, 'split_datasets.json'), JSON.stringify(file, null, 2) + '\n')
    job.log(counts(rows, parts, job.params))
    return { train: [...parts.train], validation: [...parts.validation], test: [...parts.test] }
  },
})

/** Of a split that is given, what it says counts, and not where it lies; and nothing else decides who is where. */
function meaning(p: Params): unknown {
  if (p.fname_split === null) return p
  const { training_validation, testing, contrast_balance, random_seed, allow_duplicates } = p
  return { fname_split: true, training_validation, testing, contrast_balance, random_seed, allow_duplicates }
}

/** `split by participant_id: 6/2/2 subjects, 17/6/6 images` */
function counts(rows: readonly ImageRow[], parts: Split, p: Params): string {
  const method = p.fname_split === null ? p.split_method : 'participant_id'
  const groups = partNames.map(part => {
    const ids = new Set(parts[part])
    return new Set(rows.filter(r => ids.has(r.id)).map(r => columnValue(r, method))).size
  })
  const by = p.fname_split === null ? method : 'fname_split'
  const what = method === 'participant_id' ? 'subjects' : `values of ${method}`
  const fold = p.folds === undefined ? '' : `, fold ${p.fold} of ${p.folds}`
  return `split by ${by}${fold}: ${groups.join('/')} ${what}, ${partNames.map(part => parts[part].length).join('/')} images`
}
