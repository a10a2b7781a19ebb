import { z } from 'zod'
import type { Run } from './run.ts'
import type { Stored } from './stored.ts'

/** A number, text or flag that is known of an image. */
export type Fact = string | number | boolean | null

/** The metrics of a run: what `pipe compare` compares. */
export interface Evaluation {
  /** The step that made them. */
  readonly step: string
  readonly columns: readonly string[]
  readonly rows: readonly ImageRow[]
  readonly remarks: readonly string[]
}

/** One image. */
export interface ImageRow {
  readonly image: string
  readonly subject: string
  /** By column; null, or absent, where a metric is undefined. */
  readonly values: Readonly<Record<string, number | null>>
  /** Columns of participants.tsv, fields of sidecars, contrast, session. */
  readonly facts: Readonly<Record<string, Fact>>
}

/** Of the documents of `nodes/artifacts.ts`, what is read here. */
const metricsDocument = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.object({ image: z.string(), values: z.record(z.string(), z.number().nullable()) })),
})
const indexDocument = z.object({
  images: z.array(
    z.object({
      id: z.string(),
      subject: z.string(),
      session: z.string().optional(),
      contrast: z.string(),
      metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    }),
  ),
})

/** The steps of a run that gave metrics, in the order of the pipeline. */
export const metricSteps = (stored: ReadonlyMap<string, Stored>): readonly string[] =>
  [...stored].flatMap(([step, of]) => (of.state === 'there' && of.kind === 'metrics' ? [step] : []))

/** The metrics that a step gave, with what its index says of the images; undefined where its document is of another form. */
export function evaluationOf(run: Run, step: string, stored: ReadonlyMap<string, Stored>): Evaluation | undefined {
  const read = metricsDocument.safeParse(valueOf(stored, step))
  if (!read.success) return undefined
  const { columns, rows } = read.data
  const known = new Map(indexesOf(run, step, stored).flatMap(index => index.images.map(image => [image.id, image] as const)))
  const lost = rows.filter(row => !known.has(row.image)).length
  return {
    step,
    columns,
    rows: rows.map(({ image, values }) => {
      const of = known.get(image)
      if (!of) return { image, values, subject: subjectIn(image), facts: {} }
      const { subject, contrast, session = null, metadata } = of
      return { image, values, subject, facts: { contrast, session, ...metadata } }
    }),
    remarks: lost === 0 ? [] : [`what the index said of ${lost} of ${rows.length} images is gone: their subjects are told by their names`],
  }
}

function valueOf(stored: ReadonlyMap<string, Stored>, step: string): unknown {
  const found = stored.get(step)
  return found?.state === 'there' ? found.value : undefined
}

/** The indexes among what a step read. */
function indexesOf(run: Run, step: string, stored: ReadonlyMap<string, Stored>): readonly z.infer<typeof indexDocument>[] {
  const sources = Object.values(run.facts.steps.get(step)?.inputs ?? {}).flat()
  return sources.flatMap(source => {
    const found = stored.get(source)
    return found?.state === 'there' && found.kind === 'index' ? (indexDocument.safeParse(found.value).data ?? []) : []
  })
}

/** `sub-01` of `ds1_sub-01_ses-02_T2w`; the whole name where BIDS names no subject. */
const subjectIn = (image: string): string => /(?:^|_)(sub-[^_]+)/.exec(image)?.[1] ?? image
