import {
  collectContent,
  elementContent,
  elementsFrom,
  idOf,
  keyOf,
  SOURCE,
  sourcesOf,
  traits,
  wholeContent,
  type Content,
  type MadeStep,
  type Parts,
  type World,
} from './world.ts'

/** A unit of work: what decides it, and what it gives. */
export interface MadeUnit {
  readonly key: string
  readonly content: Content
}

/** A step of a world with its elements. */
export interface SteppedUnit extends MadeUnit {
  readonly id: string
  readonly elements: readonly MadeUnit[]
}

/** What a run has to do, and nothing else: the keys of units. */
export interface Expected {
  readonly must: ReadonlySet<string>
  /** Their bytes were lost, and another unit of the same run makes the same bytes: one of them runs, and who is first is left open. */
  readonly may: ReadonlySet<string>
}

const textOf = (content: Content): string => JSON.stringify([content.kind, content.value, Object.entries(content.files).sort()])

/** Which units an edit makes run, told without the engine: by the contents of everything, and a memory of what was made. */
export class Model {
  /** Key -> the bytes under it. */
  readonly #made = new Map<string, string>()
  /** Bytes that the cache holds. */
  readonly #held = new Set<string>()

  /** What a run of the whole pipeline does, from what the cache has now. */
  expect(steps: readonly SteppedUnit[]): Expected {
    const makers = new Map<string, Set<string>>()
    for (const { key, content } of steps.flatMap(s => [s, ...s.elements]))
      if (!this.#isFresh(key)) makers.set(textOf(content), (makers.get(textOf(content)) ?? new Set()).add(key))
    const isDoubtful = ({ key, content }: MadeUnit): boolean => this.#made.has(key) && makers.get(textOf(content))!.size > 1

    const [must, may] = [new Set<string>(), new Set<string>()]
    for (const step of steps) {
      if (this.#isFresh(step.key)) continue
      for (const unit of [...step.elements, step])
        if (!this.#isFresh(unit.key)) (isDoubtful(unit) || isDoubtful(step) ? may : must).add(unit.key)
    }
    for (const key of must) may.delete(key)
    return { must, may }
  }

  /** The units with these keys have run. */
  learn(steps: readonly SteppedUnit[], ran: ReadonlySet<string>): void {
    for (const { key, content } of steps.flatMap(s => [s, ...s.elements])) {
      if (!ran.has(key)) continue
      this.#made.set(key, textOf(content))
      this.#held.add(textOf(content))
    }
  }

  /** The record under a key is gone. */
  forget({ key }: MadeUnit): void {
    this.#made.delete(key)
  }

  /** The bytes are gone, or damaged. */
  lose({ content }: MadeUnit): void {
    this.#held.delete(textOf(content))
  }

  /** The cache is gone. */
  clear(): void {
    this.#made.clear()
    this.#held.clear()
  }

  #isFresh(key: string): boolean {
    const text = this.#made.get(key)
    return text !== undefined && this.#held.has(text)
  }
}

/** Every step but the source, in order, from scratch. */
export function unitsOf(world: World): readonly SteppedUnit[] {
  const contents = new Map<string, Content>([[SOURCE, { kind: 'anything', value: null, files: world.source }]])
  return world.steps.map((step, i) => {
    const { parts, elements } = partsOf(
      world,
      step,
      sourcesOf(step, i).map(id => contents.get(id)!),
    )
    const made = elements.map((p): MadeUnit => ({ key: keyOf(p), content: elementContent(p) }))
    const results = made.map(m => m.content)
    const content = traits[step.node].elements ? collectContent(parts, results) : wholeContent(parts)
    contents.set(idOf(i), content)
    return { id: idOf(i), key: keyOf(parts), content, elements: made }
  })
}

function partsOf(world: World, { node, k, elements }: MadeStep, inputs: readonly Content[]): { parts: Parts; elements: readonly Parts[] } {
  const { reads, seeded, elements: each, shared } = traits[node]
  const common = { node, version: world.versions[node], ...(seeded && { seed: world.seed }) }
  const parts = { ...common, k, inputs, ...(reads && { read: world.read }), ...(each && { elements }) }
  const seen = shared ? inputs : []
  return { parts, elements: each ? elementsFrom(elements, inputs).map(element => ({ ...common, inputs: seen, element })) : [] }
}
