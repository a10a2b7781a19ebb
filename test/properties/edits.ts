import fc from 'fast-check'
import { nodeNames, type MadeStep, type NodeName, type World } from './world.ts'

/** Something that happens to the cache between two runs. `step` and `element` count modulo how many there are. */
export type Loss =
  | { readonly lose: 'record' | 'artifact' | 'file'; readonly step: number; readonly element?: number }
  | { readonly lose: 'cache' | 'memory of files' }

/** Something that the user changes. */
export type Edit =
  | { readonly edit: 'step'; readonly step: number; readonly to: Partial<MadeStep> }
  | { readonly edit: 'add'; readonly step: MadeStep }
  | { readonly edit: 'remove' }
  | { readonly edit: 'world'; readonly to: Partial<Omit<World, 'steps' | 'versions'>> }
  | { readonly edit: 'code'; readonly node: NodeName; readonly version: number }

/** A run that ends early: a node fails in it, or it is asked for less. */
export type Part = { readonly broken: NodeName; readonly keepGoing: boolean } | { readonly until: number }

/** Losses, then edits, then a run in parts. */
export interface Round {
  readonly losses: readonly Loss[]
  readonly edits: readonly Edit[]
  readonly parts: readonly Part[]
  readonly jobs: number
  readonly plans: boolean
}

const small = fc.nat({ max: 2 })
const node = fc.constantFrom(...nodeNames)
const elements = fc.dictionary(fc.constantFrom('a', 'b', 'c'), small, { maxKeys: 3, noNullPrototype: true })
const stepFields = { node, k: small, note: fc.nat({ max: 1 }), from: fc.array(small, { maxLength: 2 }), elements }
const step: fc.Arbitrary<MadeStep> = fc.record(stepFields)
const worldFields = {
  source: fc.dictionary(fc.constantFrom('x.txt', 'y.txt', 'z.txt'), fc.constantFrom('1', '2', '33'), { maxKeys: 3, noNullPrototype: true }),
  read: fc.constantFrom('', 'r', 'rr'),
  seed: small,
}
const first = Object.fromEntries(nodeNames.map(name => [name, 1])) as World['versions']

/** A pipeline of one to six steps. */
export const worlds: fc.Arbitrary<World> = fc.record({
  ...worldFields,
  steps: fc.array(step, { minLength: 1, maxLength: 6 }),
  versions: fc.constant(first),
})

const losses: fc.Arbitrary<Loss> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      { lose: fc.constantFrom('record', 'artifact', 'file'), step: fc.nat({ max: 5 }), element: fc.nat({ max: 3 }) },
      { requiredKeys: ['lose', 'step'] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ lose: fc.constantFrom('cache', 'memory of files') }) },
)

const edits: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ edit: fc.constant('step'), step: fc.nat({ max: 5 }), to: fc.record(stepFields, { requiredKeys: [] }) }),
  },
  { weight: 2, arbitrary: fc.record({ edit: fc.constant('world'), to: fc.record(worldFields, { requiredKeys: [] }) }) },
  { weight: 1, arbitrary: fc.record({ edit: fc.constant('code'), node, version: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ edit: fc.constant('add'), step }) },
  { weight: 1, arbitrary: fc.record({ edit: fc.constant('remove') }) },
)

const parts: fc.Arbitrary<Part> = fc.oneof(fc.record({ broken: node, keepGoing: fc.boolean() }), fc.record({ until: fc.nat({ max: 5 }) }))

/** What a user and a disk do before a run, and the run. */
export const rounds: fc.Arbitrary<readonly Round[]> = fc.array(
  fc.record({
    losses: fc.array(losses, { maxLength: 2 }),
    edits: fc.array(edits, { maxLength: 2 }),
    parts: fc.array(parts, { maxLength: 1 }),
    jobs: fc.constantFrom(1, 4),
    plans: fc.boolean(),
  }),
  { minLength: 1, maxLength: 2 },
)

/** The world after an edit. */
export function edited(world: World, edit: Edit): World {
  switch (edit.edit) {
    case 'step':
      return { ...world, steps: world.steps.map((s, i) => (i === edit.step % world.steps.length ? { ...s, ...edit.to } : s)) }
    case 'add':
      return { ...world, steps: [...world.steps, edit.step] }
    case 'remove':
      return world.steps.length > 1 ? { ...world, steps: world.steps.slice(1) } : world
    case 'world':
      return { ...world, ...edit.to }
    case 'code':
      return { ...world, versions: { ...world.versions, [edit.node]: edit.version } }
  }
}
