import type { Failure, Location } from '../failure.ts'
import { nearest } from '../nearest.ts'
import type { Parts } from '../node.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { sweepShape } from '../pipeline/sweep-shape.ts'
import { descend, plain, type Mapping, type Report } from '../pipeline/tree.ts'
import { partNames, type PartedStep } from './parts.ts'
import type { Values } from './space.ts'

/** The `halving:` of a sweep, checked. */
export interface Halved extends PartedStep {
  /** The names of its parts as steps, in order. */
  readonly names: readonly string[]
  readonly reduction: number
  readonly metric: string
  readonly better: 'lower' | 'higher'
  /** Of the document of a part; null: undefined. */
  scoreOf(document: unknown): number | null
}

/** The `halving:` of a block whose shape is right. Undefined where there is none, or a mistake was reported. */
export function readHalving(block: Mapping, base: Pipeline, trials: readonly Values[], keyAt: (key: string) => Location, report: Report) {
  const { halving } = sweepShape().parse(plain(block))
  if (!halving) return undefined
  const { step, epochs: ends, reduction, metric } = halving
  const at = (key: string): Location => (descend(block, ['halving', key]) ?? block.entries.get('halving')!.value).at
  const mistakes: Failure[] = []
  const found = partsOf(step, base, at('step'), mistakes)
  const score = found && scoreIn(found, metric, at('metric'), mistakes)
  if (found) mistakes.push(...decidedTwice(step, found, trials, keyAt))
  mistakes.forEach(report)
  if (mistakes.length > 0 || !found || !score) return undefined
  const of = { step, ends, by: found }
  const names = partNames(of, new Set(base.steps.keys()))
  return { ...of, names, reduction, metric, better: score.better, scoreOf: document => score.of(document) } satisfies Halved
}

function partsOf(name: string, { steps }: Pipeline, at: Location, mistakes: Failure[]): Parts<unknown> | undefined {
  const known = [...steps.keys()]
  const step = steps.get(name)
  const near = nearest(name, known)
  if (!step) mistakes.push({ kind: 'unknown-step', name, known, ...(near ? { nearest: near } : {}), at })
  else if (!step.node.parts) {
    const can = [...steps.values()].filter(s => s.node.parts).map(s => s.id)
    mistakes.push({ kind: 'no-parts', step: name, node: step.nodeName, can, at })
  }
  return step?.node.parts
}

function scoreIn({ scores }: Parts<unknown>, metric: string, at: Location, mistakes: Failure[]) {
  if (Object.hasOwn(scores, metric)) return scores[metric]
  const known = Object.keys(scores)
  const near = nearest(metric, known)
  mistakes.push({ kind: 'unknown-score', name: metric, known, ...(near ? { nearest: near } : {}), at })
  return undefined
}

/** Values of trials that the rungs give, too. */
function decidedTwice(
  step: string,
  { total, until }: Parts<unknown>,
  trials: readonly Values[],
  keyAt: (key: string) => Location,
): readonly Failure[] {
  const given = [total, until].map(param => `${step}.${param}`)
  const keys = [...new Set(trials.flatMap(values => Object.keys(values)))]
  return keys
    .filter(key => given.some(param => param === key || param.startsWith(`${key}.`)))
    .map(key => ({ kind: 'decided-by-halving', key, at: keyAt(key) }))
}
