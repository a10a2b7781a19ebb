import type { Location } from '../failure.ts'
import { nearest } from '../nearest.ts'
import type { AnyNode, Inputs } from '../node.ts'
import { cycles } from './cycles.ts'
import type { Report, Tree } from './tree.ts'
import { givenWords } from './words.ts'

/** What is known of a step before its inputs are checked. `node` is undefined when its name was a mistake. */
export interface Draft {
  readonly id: string
  readonly at: Location
  readonly nodeName: string
  readonly node: AnyNode | undefined
  readonly inputs: Tree | undefined
  readonly inputsAt: Location
}

/** One step named under `inputs`, where it is named. */
interface Reference {
  readonly name: string
  readonly at: Location
}

/** Checks the inputs of all steps against each other: names, kinds, number, cycles. Gives the names, by step and input. */
export function checkInputs(drafts: ReadonlyMap<string, Draft>, report: Report): ReadonlyMap<string, Record<string, string[]>> {
  const references = new Map([...drafts].map(([id, draft]) => [id, referencesOf(draft, drafts, report)]))
  for (const draft of drafts.values()) checkAgainstNode(draft, references.get(draft.id)!, drafts, report)
  reportCycles(references, report)
  return new Map(
    [...references].map(([id, inputs]) => [id, Object.fromEntries([...inputs].map(([input, refs]) => [input, refs.map(r => r.name)]))]),
  )
}

/** By input the steps that it names, of those that exist. */
function referencesOf(draft: Draft, drafts: ReadonlyMap<string, Draft>, report: Report): Map<string, Reference[]> {
  const inputs = new Map<string, Reference[]>()
  if (draft.inputs?.kind !== 'mapping') return inputs
  for (const [input, { value }] of draft.inputs.entries) {
    const items = value.kind === 'list' ? value.items : [value]
    inputs.set(
      input,
      items.flatMap(item => reference(item, `${draft.id}.inputs.${input}`, drafts, report)),
    )
  }
  return inputs
}

function reference(item: Tree, name: string, drafts: ReadonlyMap<string, Draft>, report: Report): Reference[] {
  if (item.kind === 'hole') return []
  if (item.kind !== 'scalar' || item.value === null) {
    report({ kind: 'wrong-value', name, given: givenWords(item), wants: 'the name of a step, or a list of names', at: item.at })
    return []
  }
  const step = String(item.value)
  if (drafts.has(step)) return [{ name: step, at: item.at }]
  const near = nearest(step, drafts.keys())
  report({ kind: 'unknown-step', name: step, known: [...drafts.keys()], ...(near ? { nearest: near } : {}), at: item.at })
  return []
}

function checkAgainstNode(draft: Draft, references: Map<string, Reference[]>, drafts: ReadonlyMap<string, Draft>, report: Report): void {
  const { node, inputs } = draft
  if (!node) return
  const specs = node.inputs as Inputs
  const known = Object.keys(specs)
  const givers = (kind: string): string[] =>
    [...drafts.values()].filter(d => d.node?.output.kind === kind && d.id !== draft.id).map(d => d.id)
  const written = inputs?.kind === 'mapping' ? inputs.entries : undefined
  const slips = new Set<string>()
  for (const [input, member] of written ?? []) {
    const spec = Object.hasOwn(specs, input) ? specs[input] : undefined
    const refs = references.get(input) ?? []
    if (!spec) {
      const near = nearest(input, known)
      if (near) slips.add(near)
      report({ kind: 'unknown-input', input, node: draft.nodeName, known, ...(near ? { nearest: near } : {}), at: member.key })
      continue
    }
    const count = member.value.kind === 'list' ? member.value.items.length : 1
    const wants = spec.type.kind
    if (count > 1 && !spec.many) report({ kind: 'one-input', input, given: count, at: member.value.at })
    if (count === 0 && !spec.optional)
      report({ kind: 'missing-input', step: draft.id, input, wants, givers: givers(wants), at: member.key })
    for (const { name, at } of refs) {
      const gives = drafts.get(name)?.node?.output.kind
      if (gives !== undefined && gives !== wants) report({ kind: 'wrong-kind', input, wants, from: name, gives, givers: givers(wants), at })
    }
  }
  if (inputs && inputs.kind !== 'mapping' && !(inputs.kind === 'scalar' && inputs.value === null)) return
  for (const [input, spec] of Object.entries(specs)) {
    if (spec.optional || written?.has(input) || slips.has(input)) continue
    const wants = spec.type.kind
    report({ kind: 'missing-input', step: draft.id, input, wants, givers: givers(wants), at: draft.inputsAt })
  }
}

function reportCycles(references: ReadonlyMap<string, ReadonlyMap<string, readonly Reference[]>>, report: Report): void {
  const all = new Map([...references].map(([id, inputs]) => [id, [...inputs.values()].flat()]))
  for (const trail of cycles(new Map([...all].map(([id, refs]) => [id, refs.map(r => r.name)])))) {
    const closing = all.get(trail[0]!)!.find(r => r.name === trail[1])!
    report({ kind: 'cycle', trail, at: closing.at })
  }
}
