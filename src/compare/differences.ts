import { canonical } from '../fingerprint.ts'
import type { PipelineFacts, StepFacts } from './facts.ts'

/** In what pipelines can differ. */
export type DifferenceKind = 'seed' | 'step' | 'node' | 'input' | 'param' | 'order' | 'timeout' | 'code' | 'program'

/** One thing that is not the same in all pipelines. */
export interface Difference {
  readonly kind: DifferenceKind
  /** `model.network.depth` of a param, `model.tensors` of an input, `model` of what a step has only one of, `engine`. */
  readonly where: string
  /** One a pipeline, in their order; undefined where it has none. Of a step: its node. */
  readonly values: readonly unknown[]
}

/** Everything in which pipelines differ: what is theirs as a whole, then step by step in the order of the first that has it. */
export function differences(pipelines: readonly PipelineFacts[]): readonly Difference[] {
  const names = [...new Set(pipelines.flatMap(p => Object.keys(p.programs)))]
  const steps = [...new Set(pipelines.flatMap(p => [...p.steps.keys()]))]
  return [
    ...row(
      'seed',
      'seed',
      pipelines.map(p => p.seed),
    ),
    ...names.flatMap(name =>
      known(
        'program',
        name,
        pipelines.map(p => p.programs[name]),
      ),
    ),
    ...steps.flatMap(id =>
      stepDifferences(
        id,
        pipelines.map(p => p.steps.get(id)),
      ),
    ),
  ]
}

function stepDifferences(id: string, steps: readonly (StepFacts | undefined)[]): readonly Difference[] {
  const nodes = steps.map(step => step?.node)
  // A step that is new is one line, not one for each of its params.
  if (nodes.includes(undefined)) return row('step', id, nodes)
  const of = (part: (step: StepFacts) => unknown): unknown[] => steps.map(step => part(step!))
  return [
    ...row('node', id, nodes),
    ...known(
      'code',
      id,
      of(s => s.code),
    ),
    ...leaves(
      'input',
      id,
      of(s => s.inputs),
    ),
    ...leaves(
      'param',
      id,
      of(s => s.params),
    ),
    ...row(
      'timeout',
      id,
      of(s => s.timeout),
    ),
  ]
}

const isSame = (values: readonly unknown[]): boolean => new Set(values.map(v => canonical(v ?? null))).size <= 1

const row = (kind: DifferenceKind, where: string, values: readonly unknown[]): readonly Difference[] =>
  isSame(values) ? [] : [{ kind, where, values }]

/** As `row`, of what older runs did not note: a difference only where it is known. */
const known = (kind: DifferenceKind, where: string, values: readonly unknown[]): readonly Difference[] =>
  isSame(values.filter(v => v !== undefined)) ? [] : [{ kind, where, values }]

/** Mappings are looked into; anything else is a value. Equal entries in another order are told as such: transforms are done in order. */
function leaves(kind: DifferenceKind, where: string, values: readonly unknown[]): readonly Difference[] {
  const mappings = values.filter(isMapping)
  if (mappings.length < values.length) return row(kind, where, values)
  const orders = mappings.map(Object.keys)
  const keys = [...new Set(orders.flat())]
  const found = keys.flatMap(key =>
    leaves(
      kind,
      `${where}.${key}`,
      mappings.map(m => m[key]),
    ),
  )
  const isReordered = orders.every(order => order.length === keys.length) && !isSame(orders)
  return isReordered ? [...found, { kind: 'order', where, values: orders.map(order => order.join(', ')) }] : found
}

const isMapping = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null && !Array.isArray(x)
