import { z } from 'zod'
import type { ShownStep } from './run-folder.ts'

const number = z.number().nullable()
const files = z.record(z.string(), z.object({ file: z.string() }))

/** Of the kinds of artifacts that a page shows: the parts that it reads, as `nodes/artifacts.ts` has them. */
const kinds = {
  index: z.object({
    targets: z.array(z.string()),
    images: z.array(
      z.object({
        id: z.string(),
        dataset: z.int(),
        subject: z.string(),
        contrast: z.string(),
        image: z.string(),
        channels: z.array(z.string()).optional(),
        labels: z.array(z.array(z.string())),
        roi: z.string().optional(),
        metadata: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
  }),
  split: z.object({ train: z.array(z.string()), validation: z.array(z.string()), test: z.array(z.string()) }),
  model: z.object({
    axis: z.enum(['sagittal', 'coronal', 'axial']),
    parameters: z.int(),
    epochs: z.int(),
    bestEpoch: z.int(),
  }),
  predictions: z.object({
    targets: z.array(z.string()),
    images: z.record(z.string(), z.object({ file: z.string(), uncertainty: z.record(z.string(), z.string()).optional() })),
  }),
  masks: z.object({ targets: z.array(z.string()), images: files }),
  metrics: z.object({
    rows: z.array(z.object({ image: z.string(), values: z.record(z.string(), number) })),
    means: z.record(z.string(), number),
  }),
} as const
type Kinds = { readonly [K in keyof typeof kinds]: z.infer<(typeof kinds)[K]> }

/** A step with its document, known to be of a kind. */
export interface KnownStep<K extends keyof Kinds> {
  readonly step: ShownStep
  readonly value: Kinds[K]
}

// One cast: the table's schema under a kind gives exactly the document of that kind.
const documentOf = <K extends keyof Kinds>(kind: K, value: unknown): Kinds[K] => kinds[kind].parse(value) as Kinds[K]

/** The steps of a run that gave an artifact of a kind, in order. */
export const stepsOfKind = <K extends keyof Kinds>(kind: K, steps: readonly ShownStep[]): readonly KnownStep<K>[] =>
  steps.filter(step => step.artifact?.kind === kind).map(step => ({ step, value: documentOf(kind, step.artifact?.value) }))
