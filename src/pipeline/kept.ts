import type { AnyNode, Registry } from '../node.ts'
import { isNodePath } from '../user-node.ts'
import type { Pipeline, Step } from './pipeline.ts'

/** What a checked pipeline is made from, where all of that is known: with the same, checking gives the same. */
export interface Origin {
  /** The digest of the code that checks. */
  readonly build: string
  readonly file: string
  /** What the file's paths are relative to. */
  readonly folder: string
  readonly text: string
  readonly sets: readonly string[]
}

/** A checked pipeline as JSON. */
export interface Kept {
  readonly name: string
  readonly seed: number
  readonly steps: readonly KeptStep[]
  readonly resolved: string
}
interface KeptStep extends Omit<Step, 'node'> {
  readonly node: KeptNode
}

/** Of a node, what finding a step's result takes: a step that is up to date needs no more, and the node is not loaded. */
interface KeptNode {
  readonly is: Readonly<Record<string, unknown>>
  /** What its functions of the params alone give for the params of the step. */
  readonly gives: Readonly<Record<string, unknown>>
  readonly kind: string
  /** The members that are the node's own. */
  readonly others: readonly string[]
}
const facts = ['version', 'seeded', 'computes', 'page'] as const

/** A pipeline to be kept; undefined where checking it again may give something else, since it reads more than the file: nodes of the user's. */
export function keptOf({ name, seed, steps, resolved }: Pipeline): Kept | undefined {
  const all = [...steps.values()]
  if (all.some(step => isNodePath(step.nodeName))) return undefined
  return { name, seed, steps: all.map(step => ({ ...step, node: keptNode(step) })), resolved: resolved() }
}

function keptNode({ node, params }: Step): KeptNode {
  const gives = { ...(node.meaning && { meaning: node.meaning(params) }), ...(node.reads && { reads: node.reads(params) }) }
  const known: readonly string[] = [...facts, 'output', ...Object.keys(gives)]
  return {
    is: Object.fromEntries(facts.flatMap(key => (key in node ? [[key, node[key]]] : []))),
    gives,
    kind: node.output.kind,
    others: Object.keys(node).filter(key => !known.includes(key)),
  }
}

/** The pipeline again. */
export function fromKept({ name, seed, steps, resolved }: Kept, file: string, registry: Registry): Pipeline {
  const step = (kept: KeptStep): [string, Step] => [kept.id, { ...kept, node: nodeOf(kept, () => registry[kept.nodeName]!) }]
  return { name, file, seed, steps: new Map(steps.map(step)), resolved: () => resolved }
}

/** The node of a step, loaded when more is asked of it than was kept. */
function nodeOf({ node: { is, gives, kind, others }, params }: KeptStep, load: () => AnyNode): AnyNode {
  const later = (key: string, get: () => unknown): PropertyDescriptorMap => ({ [key]: { enumerable: true, get } })
  // One cast: members by their name.
  const member = (key: string): unknown => (load() as unknown as Record<string, unknown>)[key]
  const given = ([key, value]: [string, unknown]): [string, unknown] => [
    key,
    (of: unknown) => (of === params ? value : (member(key) as (of: unknown) => unknown)(of)),
  ]
  const node = {
    ...is,
    ...Object.fromEntries(Object.entries(gives).map(given)),
    output: Object.defineProperties(
      { kind },
      later('schema', () => load().output.schema),
    ),
  }
  const rest = others.map(key => later(key, () => member(key)))
  // One cast: it has the members that the node had.
  return Object.defineProperties(node, Object.assign({}, ...rest) as PropertyDescriptorMap) as unknown as AnyNode
}
