import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fileOf, type Artifact } from '../src/artifact.ts'
import { labelFiles } from '../src/bids/label-files.ts'
import { fail } from '../src/failure.ts'
import { defineNode, many, maybe, one, type Job } from '../src/node.ts'
import { dataset, index, masks, metrics, model, predictions, report, split, threshold } from './artifacts.ts'
import type { Case } from '../src/report/cases.ts'
import type { ShownCase } from '../src/report/cases-section.ts'
import type { TrainedFacts } from '../src/report/training-section.ts'

const params = z.strictObject({
  title: z.string().min(1).default('Segmentation report').describe('the heading of the page'),
  rank_by: z
    .string()
    .min(1)
    .default('dice')
    .describe(
      'the metric that finds the worst, median and best images, named as in evaluation_3Dmetrics.csv without its class: dice, hd95 ...',
    ),
  cases: z.int().nonnegative().default(2).describe('how many of the worst images are shown, and as many of the median and the best'),
  slices: z.int().positive().default(3).describe('how many slices of each of these'),
})
type Params = z.infer<typeof params>

const inputs = {
  metrics: one(metrics),
  masks: one(masks),
  index: one(index),
  datasets: many(dataset),
  predictions: maybe(predictions),
  model: maybe(model),
  split: maybe(split),
  threshold: maybe(threshold),
}
type ReportJob = Job<Params, typeof inputs>

const page = 'report.html'

/** One HTML file that tells what was trained, how good it is and where it fails. What only a run knows is not in it, so that it is kept. */
export default defineNode({
  summary: 'One HTML file to send around: metrics, the worst and best images, training curves; needs no network.',
  version: 2,
  page,
  params,
  inputs,
  output: report,
  async run(job) {
    const { reportPage, measuredOf, aggregate, metricsOf, keyMetricsOf, Random } = await work()
    const { title } = job.params
    const { metrics: table, masks: found, index: rows, datasets, split: parts, threshold: cut } = job.inputs
    const { targets } = found.value
    const { columns, intervals } = table.value
    const measured = measuredOf(table.value, targets.length, rows.value.images)
    const aggregates = aggregate({
      rows: measured,
      metrics: metricsOf(columns),
      key: keyMetricsOf(columns).map(m => m.metric),
      intervalOf: intervals && ((metric, c) => intervals[`${metric}_class${c}`] ?? intervals[metric] ?? null),
      generator: () => new Random(0, 'bootstrap'),
    })
    const text = reportPage({
      title,
      metrics: { targets, columns, rows: measured, aggregates },
      cases: await casesOf(job, measured),
      model: job.inputs.model && (await trained(job.inputs.model)),
      threshold: cut?.value,
      data: {
        targets,
        datasets: datasets.map(d => d.value.name),
        split: parts?.value,
        images: rows.value.images.map(({ id, subject, contrast, labels }) => ({
          ...{ id, subject, contrast },
          labelled: targets.map(target => (labels[rows.value.targets.indexOf(target)] ?? []).length > 0),
        })),
      },
    })
    await writeFile(join(job.dir, page), text)
    job.log(`${(Buffer.byteLength(text) / 1e6).toFixed(1)} MB`)
    return { page }
  },
})

/** What only a report needs: loaded with it, since `pipe plan` reads this file too. */
async function work() {
  const [reporting, measuring, aggregating, random] = await Promise.all([
    import('../src/report/report.ts'),
    import('../src/report/measured.ts'),
    import('../src/report/aggregate.ts'),
    import('../src/random.ts'),
  ])
  return { ...reporting, ...measuring, ...aggregating, ...random }
}

type Rows = Parameters<typeof import('../src/report/cases.ts').chooseCases>[0]

/** The images to show, with their slices. */
async function casesOf(job: ReportJob, measured: Rows): Promise<readonly ShownCase[]> {
  const [{ chooseCases }, { caseViews }, { keyMetrics, metricsOf }] = await Promise.all([
    import('../src/report/cases.ts'),
    import('../src/report/case-views.ts'),
    import('../src/report/measured.ts'),
  ])
  const { rank_by: metric, cases: count, slices } = job.params
  const there = metricsOf(job.inputs.metrics.value.columns)
  if (!there.includes(metric)) fail({ kind: 'unmeasured-metric', name: metric, known: there })
  const known = keyMetrics.find(m => m.metric === metric)
  const chosen = chooseCases(measured, metric, count, known?.better ?? 'high')
  const axis = job.inputs.model?.value.axis ?? 'axial'
  const shown: ShownCase[] = []
  for (const [at, of] of chosen.entries()) {
    job.signal.throwIfAborted()
    const views = await caseViews(filesOf(of, job), axis, slices)
    shown.push({ ...of, contrast: contrastOf(of, job), metric: known?.name ?? metric, slices: views })
    job.progress({ done: at + 1, total: chosen.length, unit: 'image' })
  }
  return shown
}

const contrastOf = ({ image }: Case, { inputs: { index } }: ReportJob): string =>
  index.value.images.find(i => i.id === image)?.contrast ?? ''

/** Where the files of an image lie. */
function filesOf({ image: id }: Case, { inputs: { index, datasets, masks, predictions } }: ReportJob) {
  const row = index.value.images.find(i => i.id === id)
  if (!row) throw new Error(`the index does not know ${id}, which was measured`)
  const uncertainty = predictions?.value.images[id]?.uncertainty?.['_unc-vox']
  return {
    id,
    image: fileOf(datasets[row.dataset]!, row.image).path,
    labels: labelFiles(id, masks.value.targets, index.value, datasets).map(raters => raters.map(file => file.path)),
    mask: fileOf(masks, masks.value.images[id]!.file).path,
    uncertainty: predictions && uncertainty !== undefined ? fileOf(predictions, uncertainty).path : undefined,
  }
}

const cardSchema = z.looseObject({ network: z.record(z.string(), z.unknown()), engine: z.string() })

/** The model with its curves and its card. */
async function trained(from: Artifact<z.infer<typeof model.schema>>): Promise<TrainedFacts> {
  const { readCurvesCsv } = await import('../src/net/read-curves.ts')
  const read = (name: string) => readFile(fileOf(from, name).path, 'utf8')
  const { network, engine } = cardSchema.parse(JSON.parse(await read('model.json')))
  return { ...from.value, network, engine, curves: readCurvesCsv(await read('curves.csv')) }
}
