import { z } from 'zod'

const digest = z.string().regex(/^[0-9a-f]{64}$/)
const number = z.number().nullable()

/** What a package step writes under `voxelpipe` into a model's JSON, beside ivadomed's keys: where the model comes from, and how good it is. */
export const aboutSchema = z.looseObject({
  format: z.literal(1),
  name: z.string(),
  description: z.string(),
  intendedUse: z.string(),
  licence: z.string(),
  network: z.looseObject({ name: z.string() }),
  parameters: z.int(),
  engine: z.string(),
  training: z.object({ epochs: z.int(), bestEpoch: z.int(), bestValidationLoss: z.number(), validationDice: number }),
  data: z.object({
    subjects: z.int(),
    contrasts: z.array(z.string()),
    /** Ids of the images of each part of the split. */
    split: z.object({ train: z.array(z.string()), validation: z.array(z.string()), test: z.array(z.string()) }),
  }),
  /** Means over the test images, with their 95 % intervals; left out where nothing was evaluated. */
  metrics: z
    .object({
      images: z.int(),
      means: z.record(z.string(), number),
      intervals: z.record(z.string(), z.object({ low: z.number(), high: z.number() }).nullable()),
    })
    .optional(),
  /** The sha256 of every file that was trained on, by its path in its dataset. */
  trainingFiles: z.record(z.string(), digest),
  /** The digests of what the package was made of: artifacts of the pipeline. */
  provenance: z.record(z.string(), digest),
})
export type About = z.infer<typeof aboutSchema>
