import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Artifact, FileRef } from '../../src/artifact.ts'
import { defineEachNode, defineNode, defineSourceNode, many, type AnyNode } from '../../src/node.ts'
import { anything, type Rig, type TestStep } from '../rig.ts'

/** What an artifact holds: its document and the text of its files. Equal contents, equal artifacts. */
export interface Content {
  readonly kind: 'anything' | 'anything element'
  readonly value: unknown
  readonly files: Readonly<Record<string, string>>
}

/** Which of the made nodes there are, and what the engine has to know of each. */
export const traits = {
  plain: { reads: false, seeded: false, elements: false, shared: false },
  reader: { reads: true, seeded: false, elements: false, shared: false },
  drawer: { reads: false, seeded: true, elements: false, shared: false },
  each: { reads: false, seeded: false, elements: true, shared: false },
  'each-shared': { reads: false, seeded: true, elements: true, shared: true },
} as const
export type NodeName = keyof typeof traits
export const nodeNames = Object.keys(traits) as readonly NodeName[]

/** A step of a made pipeline. `from`: how many steps before it; those that would be before the first are the source. */
export interface MadeStep {
  readonly node: NodeName
  readonly k: number
  /** A param that means nothing for the result. */
  readonly note: number
  readonly from: readonly number[]
  readonly elements: Readonly<Record<string, number>>
}

/** All that the user can edit. The source folder comes before the steps. */
export interface World {
  readonly steps: readonly MadeStep[]
  readonly source: Readonly<Record<string, string>>
  readonly versions: Readonly<Record<NodeName, number>>
  readonly read: string
  readonly seed: number
}

/** The step before the first: the folder. */
export const SOURCE = 'source'
export const idOf = (index: number): string => (index < 0 ? SOURCE : `s${index}`)
/** The steps that a step reads, in the order of the pipeline. */
export const sourcesOf = ({ from }: MadeStep, index: number): readonly string[] => from.map(back => idOf(Math.max(-1, index - 1 - back)))

// --- what the nodes make: pure, and coarse, so that other inputs often give the same bytes ---

const numberOf = ({ value, files }: Content): number =>
  Array.from(JSON.stringify([value, files]).replaceAll(/\D/g, ''), Number).reduce((sum, digit) => sum + digit, 0)
const sumOf = (contents: readonly Content[]): number => contents.reduce((sum, c, i) => sum + (i + 1) * numberOf(c), 0)
/** A document, and a file where the number is odd. */
const made = (n: number, name: string): Content => ({ kind: 'anything', value: { n }, files: n % 2 ? { [name]: `file ${n}` } : {} })

/** One element: what it works on. */
export interface MadeElement {
  readonly id: string
  readonly value: number
  readonly files: Readonly<Record<string, string>>
}

/** The elements that the params name, and one for each file of the inputs. */
export function elementsFrom(elements: Readonly<Record<string, number>>, inputs: readonly Content[]): readonly MadeElement[] {
  const named = sorted(elements).map(([id, value]) => ({ id, value, files: {} }))
  const ofFiles = inputs.flatMap((input, i) =>
    sorted(input.files).map(([path, text]) => ({ id: `in${i}-${path}`, value: 0, files: { file: text } })),
  )
  return [...named, ...ofFiles]
}

const sorted = <T>(record: Readonly<Record<string, T>>): [string, T][] => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))

/** What decides a result, as the made nodes see it: equal parts, equal key. */
export interface Parts {
  readonly node: NodeName
  readonly version: number
  readonly k?: number
  readonly elements?: Readonly<Record<string, number>>
  readonly inputs: readonly Content[]
  readonly read?: string
  readonly seed?: number
  readonly element?: MadeElement
}
export const keyOf = (parts: Parts): string => JSON.stringify(parts, sortedKeys)
const sortedKeys = (_: string, x: unknown): unknown =>
  typeof x === 'object' && x !== null && !Array.isArray(x) ? Object.fromEntries(sorted(x as Record<string, unknown>)) : x

export const wholeContent = ({ version, k = 0, inputs, read = '', seed = 0 }: Parts): Content =>
  made((version + k + sumOf(inputs) + read.length + seed) % 3, 'out.txt')

export function elementContent({ version, inputs, seed = 0, element }: Parts): Content {
  const { id, value, files } = element!
  const text = Object.values(files).join()
  return { ...made((version + value + seed + sumOf(inputs) + text.length) % 3, `${id}.txt`), kind: 'anything element' }
}

export const collectContent = ({ k = 0 }: Parts, results: readonly Content[]): Content => ({
  kind: 'anything',
  value: { n: (k + sumOf(results)) % 3, ids: results.length },
  files: Object.fromEntries(sorted(Object.assign({}, ...results.map(r => r.files)) as Content['files'])),
})

// --- the same as nodes ---

/** An artifact as it lies on the disk. */
export const contentOf = (from: Artifact<unknown>): Content => ({
  kind: 'anything',
  value: from.value,
  files: Object.fromEntries(from.files.map(f => [f.path, readFileSync(join(from.dir, f.path), 'utf8')])),
})

const write = async (dir: string, { value, files }: Content): Promise<unknown> => {
  for (const [path, text] of Object.entries(files)) await writeFile(join(dir, path), text)
  return value
}

const params = z.object({
  k: z.number(),
  note: z.number(),
  elements: z.record(z.string(), z.number()),
})
type Params = z.infer<typeof params>

/** A world as files and nodes of a rig. What runs is told to `log` by its key. */
export class MadeWorld {
  readonly #rig: Rig
  readonly #log: (key: string) => void
  /** A node that fails, in whatever step: a disk, a licence server. Not a part of the pipeline. */
  broken: NodeName | undefined

  constructor(rig: Rig, log: (key: string) => void) {
    this.#rig = rig
    this.#log = log
  }

  /** The user saves everything. */
  apply(world: World): Readonly<Record<string, TestStep>> {
    const rig = this.#rig
    rig.seed = world.seed
    writeFileSync(this.#read, world.read)
    rmSync(this.#folder, { recursive: true, force: true })
    mkdirSync(this.#folder)
    for (const [name, text] of Object.entries(world.source)) writeFileSync(join(this.#folder, name), text)
    const define = (name: string, node: AnyNode): unknown => rig.nodes.set(name, { name, runs: 0, ran: [], node })
    define(SOURCE, this.#source())
    for (const name of nodeNames) define(name, this.#node(name, world.versions[name]))
    const steps = world.steps.map((step, i): [string, TestStep] => {
      const { node, k, note, elements } = step
      return [idOf(i), { node, params: { k, note, elements: traits[node].elements ? elements : {} }, from: sourcesOf(step, i) }]
    })
    return { [SOURCE]: {}, ...Object.fromEntries(steps) }
  }

  get #read(): string {
    return join(this.#rig.dir, 'read.txt')
  }

  get #folder(): string {
    return join(this.#rig.dir, 'folder')
  }

  #source(): AnyNode {
    const source = () => ({ dir: this.#folder, value: null })
    return defineSourceNode({ summary: SOURCE, version: 1, params: z.object({}), inputs: {}, output: anything, source })
  }

  #node(name: NodeName, version: number): AnyNode {
    const { reads, seeded, elements, shared } = traits[name]
    const common = {
      ...{ summary: name, version, params, inputs: { from: many(anything) }, output: anything, seeded },
      meaning: ({ k, elements }: Params) => ({ k, elements }),
      ...(reads && { reads: () => [this.#read] }),
    }
    const partsOf = (k: number, from: readonly Artifact<unknown>[], seed: number): Parts => ({
      ...{ node: name, version, k, inputs: from.map(contentOf) },
      ...(reads && { read: readFileSync(this.#read, 'utf8') }),
      ...(seeded && { seed }),
    })
    if (!elements)
      return defineNode({
        ...common,
        run: ({ params, inputs, seed, dir }) => {
          const parts = partsOf(params.k, inputs.from, seed)
          if (this.broken === name) throw new Error('no luck')
          this.#log(keyOf(parts))
          return write(dir, wholeContent(parts))
        },
      })
    return defineEachNode({
      ...common,
      each: {
        shared: shared ? ['from' as const] : [],
        parallel: true,
        elements: ({ params, inputs }) => elementsOf(params, inputs.from),
        run: job => {
          const files = Object.fromEntries(Object.entries(job.files).map(([n, f]) => [n, readFileSync((f as FileRef).path, 'utf8')]))
          const inputs = shared ? (job.inputs as { from: readonly Artifact<unknown>[] }).from.map(contentOf) : []
          const element = { id: job.id, value: job.value, files }
          const parts = { node: name, version, inputs, element, ...(seeded && { seed: job.seed }) }
          this.#log(keyOf(parts))
          return write(job.dir, elementContent(parts))
        },
        collect: ({ params, inputs, results, seed, dir }) => {
          const parts = { ...partsOf(params.k, inputs.from, seed), elements: params.elements }
          if (this.broken === name) throw new Error('no luck')
          this.#log(keyOf(parts))
          const all = [...results].map(([id, value]): Content => {
            const file = join(dir, `${id}.txt`)
            const n = (value as { n: number }).n
            return { kind: 'anything element', value, files: n % 2 ? { [`${id}.txt`]: readFileSync(file, 'utf8') } : {} }
          })
          return collectContent(parts, all).value
        },
      },
    })
  }
}

const elementsOf = ({ elements }: Params, from: readonly Artifact<unknown>[]) => [
  ...sorted(elements).map(([id, value]) => ({ id, value, files: {} })),
  ...from.flatMap((a, i) =>
    a.files.map(f => ({ id: `in${i}-${f.path}`, value: 0, files: { file: { path: join(a.dir, f.path), digest: f.digest } } })),
  ),
]
