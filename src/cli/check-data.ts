import { mkdir, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import pc from 'picocolors'
import type { Artifact } from '../artifact.ts'
import { processExecutor } from '../exec/process.ts'
import { FailureError } from '../failure.ts'
import { checkData, type DataReport } from '../integrity/check-data.ts'
import { levels, type Finding } from '../integrity/finding.ts'
import type { Step } from '../pipeline/pipeline.ts'
import { runPipeline } from '../scheduler.ts'
import { aligned } from './columns.ts'
import { EXIT, UsageError, type Context, type Opened } from './context.ts'
import { printFailures } from './print.ts'
import { terminal } from './terminal.ts'
import { plural } from './units.ts'

/** The node whose images are looked at. */
const INDEX = 'bids-index'

/** Gets the datasets of a pipeline's indexes (from the cache, or by running their steps), and reports on their images. */
export async function checkPipelineData(opened: Opened, context: Context): Promise<number> {
  const { pipeline } = opened
  const indexes = [...pipeline.steps.values()].filter(step => step.nodeName === INDEX)
  if (indexes.length === 0) throw new UsageError([{ kind: 'no-index-step', node: INDEX, steps: [...pipeline.steps.keys()] }])
  const datasets = await makeDatasets(opened, indexes, context)
  if (!datasets) return EXIT.failed
  let isFine = true
  for (const step of indexes) {
    if (indexes.length > 1) context.out(`\n${step.id}\n`)
    const report = await reportOn(step, datasets, context)
    if (report) context.out(lines(report).join('\n') + '\n')
    if (!report || report.findings.some(f => f.level === 'error')) isFine = false
  }
  return isFine ? EXIT.done : EXIT.failed
}

/** The artifacts of the steps that the indexes read, by step; undefined where one of them failed, which is then told. */
async function makeDatasets(
  { setting, graph, cache }: Opened,
  indexes: readonly Step[],
  context: Context,
): Promise<ReadonlyMap<string, Artifact<unknown>> | undefined> {
  await cache.assertWritable()
  const sources = indexes.flatMap(step => Object.values(step.inputs).flat())
  const wanted = graph.upstream(sources)
  const runDir = await cache.workDir()
  await mkdir(join(runDir, 'logs'))
  const cores = availableParallelism()
  const outcomes = await runPipeline({
    setting,
    graph,
    executor: processExecutor(context.main, context.env),
    emit: terminal({ stream: { write: text => context.err(text) }, steps: [...wanted], runDir }),
    wanted: new Set(wanted),
    forced: new Set(),
    jobs: cores,
    cores,
    keepGoing: false,
    signal: new AbortController().signal,
    runDir,
  })
  const made = [...outcomes].flatMap(([id, outcome]) => ('artifact' in outcome ? [[id, outcome.artifact] as const] : []))
  // Where a step failed, its log stays: the message names it.
  if (made.length < outcomes.size) return undefined
  await rm(runDir, { recursive: true })
  return new Map(made)
}

async function reportOn(step: Step, artifacts: ReadonlyMap<string, Artifact<unknown>>, context: Context): Promise<DataReport | undefined> {
  const datasets = Object.values(step.inputs)
    .flat()
    .map(id => artifacts.get(id)!)
  try {
    return await checkData(datasets, step.params, counter(context))
  } catch (error) {
    if (!(error instanceof FailureError)) throw error
    context.err(printFailures([error.failure]))
    return undefined
  }
}

/** How far it is, on a terminal; gone when it is done. */
const counter =
  (context: Context) =>
  (done: number, total: number): void => {
    if (process.stderr.isTTY) context.err(done < total ? `\rreading images: ${done} of ${total}` : '\r\x1b[K')
  }

const colors = { error: pc.red, warning: pc.yellow, note: pc.dim } as const

function lines({ images, subjects, findings, tables }: DataReport): string[] {
  return [
    `${plural(images, 'image')} of ${plural(subjects, 'subject')}`,
    ...tables.flatMap(table => ['', ...aligned(table)]),
    ...(findings.length > 0 ? [''] : []),
    ...findings.map(findingLine),
    '',
    levels.map(level => plural(findings.filter(f => f.level === level).length, level)).join(', '),
  ]
}

const findingLine = ({ level, what }: Finding): string => `${colors[level](level.padEnd(7))}  ${what.replaceAll('\n', '\n         ')}`
