import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Event } from '../../src/event.ts'
import { measure, type Measured } from './measure.ts'

export const root = resolve(import.meta.dirname, '../..')
/** Of the benches; git-ignored, and safe to delete. */
export const workFolder = join(root, 'cache', 'bench')

/** One `pipe run`: what it took, and what it said. */
export interface PipeRun extends Measured {
  readonly events: readonly (Event & { readonly time?: string })[]
  /** Where its results lie, an entry per step. */
  readonly dir: string
}

/** `pipe COMMAND FILE ...`, with cache and runs in the work folder. */
export const pipeCommand = (...args: readonly string[]): readonly string[] => [
  process.execPath,
  join(root, 'dist/bundle/pipe.js'),
  ...args,
]

/** Runs a pipeline of `pipelines/` as a whole process. */
export async function pipeRun(pipeline: string, settings: readonly string[] = []): Promise<PipeRun> {
  const set = settings.flatMap(s => ['--set', s])
  const places = ['--cache', join(workFolder, 'cache'), '--out', join(workFolder, 'runs')]
  const measured = await measure(pipeCommand('run', join(root, 'pipelines', pipeline), '--json', ...places, ...set), { cwd: root })
  const first = JSON.parse(measured.stdout.split('\n', 1)[0]!) as Event
  if (first.type !== 'run-started') throw new Error(`the first event is ${first.type}`)
  const lines = readFileSync(join(first.dir, 'events.jsonl'), 'utf8').trim().split('\n')
  return { ...measured, dir: first.dir, events: lines.map(line => JSON.parse(line) as PipeRun['events'][number]) }
}

/** Steps that did something, in the order in which they ended. */
export const stepsThatRan = (run: PipeRun): readonly string[] =>
  run.events.flatMap(e => (e.type === 'node-done' && e.how === 'ran' ? [e.step] : []))

/** How many elements of a step were made, of how many. */
export function elementsMade(run: PipeRun, step: string): { readonly ran: number; readonly total: number } {
  const done = run.events.find(e => e.type === 'node-done' && e.step === step)
  if (done?.type !== 'node-done' || !done.elements) throw new Error(`${step} told no elements`)
  return done.elements
}

/** Seconds that the named steps took, together. */
export const secondsOf = (run: PipeRun, steps: readonly string[]): number =>
  run.events.reduce((sum, e) => sum + (e.type === 'node-done' && steps.includes(e.step) ? e.ms / 1000 : 0), 0)

/** Seconds of each epoch but the first, by the time between the events that end them. */
export function epochSeconds(run: PipeRun, step = 'model'): readonly number[] {
  const ends = run.events
    .filter(e => e.type === 'node-progress' && e.step === step && e.progress.unit === 'epoch')
    .map(e => Date.parse(e.time!) / 1000)
  return ends.slice(1).map((end, i) => end - ends[i]!)
}

/** A table of a step as records; cells that are no numbers stay text. */
export function csvOf(run: PipeRun, path: string): readonly Readonly<Record<string, string>>[] {
  const [header, ...lines] = readFileSync(join(run.dir, path), 'utf8').trim().split(/\r?\n/)
  const names = header!.split(',')
  return lines.map(line => Object.fromEntries(line.split(',').map((cell, i) => [names[i]!, cell])))
}

/** The mean of a column over the rows where it has a number. */
export function meanOf(rows: readonly Readonly<Record<string, string>>[], column: string): number {
  const values = rows.map(r => (r[column] ? Number(r[column]) : NaN)).filter(v => !Number.isNaN(v))
  if (values.length === 0) throw new Error(`no numbers in column ${column}`)
  return values.reduce((a, b) => a + b, 0) / values.length
}

/** The mean test Dice over classes and images. */
export function meanDice(run: PipeRun): number {
  const rows = csvOf(run, 'metrics/evaluation_3Dmetrics.csv')
  const columns = Object.keys(rows[0]!).filter(name => /^dice_class\d+$/.test(name))
  return columns.reduce((sum, c) => sum + meanOf(rows, c), 0) / columns.length
}
