import { isAbsolute, resolve as resolvePath } from 'node:path'
import type { Artifact, Digest, FileRef } from './artifact.ts'
import { Cache, type ResultRecord } from './cache.ts'
import type { Why } from './event.ts'
import { fail } from './failure.ts'
import { codeOf, listFiles, mapLimited } from './files.ts'
import { canonical, digestText, FINGERPRINT_FORMAT, keyOf, type Fingerprint } from './fingerprint.ts'
import type { Compute, Element, Inputs } from './node.ts'
import type { Pipeline, Step } from './pipeline/pipeline.ts'
import { digestFiles } from './stat-cache.ts'
import { explain } from './why.ts'

/** What a run or a plan knows beside the pipeline. */
export interface Setting {
  readonly cache: Cache
  readonly pipeline: Pipeline
  /** The engine and device chosen, and how the fingerprint calls them: `onnxruntime-node 1.30.0 on cpu`. */
  readonly compute: Compute
  readonly engine: string
}

/** Input name -> the artifacts, in the order of the pipeline. */
export type InputArtifacts = Readonly<Record<string, readonly Artifact<unknown>[]>>

/** One key and what the cache has under it. */
export interface Lookup {
  readonly fingerprint: Fingerprint
  readonly key: Digest
  readonly record?: ResultRecord
  readonly artifact?: Artifact<unknown>
  /** A record is there, its artifact is not, and why. */
  readonly lost?: string
}

/** An element of an `each` step with its key. */
export interface ElementLookup extends Lookup {
  readonly element: Element<unknown>
}

/** The fingerprint of a step as a whole, and what the cache has for it. */
export async function lookupStep(step: Step, inputs: InputArtifacts, setting: Setting): Promise<Lookup> {
  const { node } = step
  const reads = node.reads?.(step.params) ?? []
  if (reads.length > 0) node.checkReads?.(reads)
  const fingerprint: Fingerprint = {
    ...commonPart(step, setting),
    params: plain(node.meaning ? node.meaning(step.params) : step.params),
    inputs: digestsOf(inputs),
    reads: (await Promise.all(reads.map(path => digestOf(absolute(path), setting.cache)))).flat(),
  }
  return lookup(fingerprint, setting.cache)
}

/** The digest of a file of the user's, which is not read again while it is as it was; none of one that is not there. */
async function digestOf(path: string, { stats }: Cache): Promise<readonly Digest[]> {
  const found = await digestFiles(stats, path, ['']).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  })
  return found.map(file => file.digest)
}

/** The elements of an `each` step, each with its key and what the cache has for it. */
export async function lookupElements(step: Step, inputs: InputArtifacts, setting: Setting): Promise<ElementLookup[]> {
  const { node } = step
  if (!('each' in node)) return []
  const { each } = node
  const elements = each.elements({ params: step.params, inputs: nodeInputs(step, inputs) as never }) as readonly Element<unknown>[]
  const shared = Object.fromEntries(Object.entries(inputs).filter(([name]) => (each.shared as string[]).includes(name)))
  const common = { ...commonPart(step, setting), params: null, inputs: digestsOf(shared), reads: [] }
  return mapLimited(elements, 64, async element => {
    const files = Object.fromEntries(Object.entries(element.files).map(([name, refs]) => [name, digestsOfRefs(refs)]))
    return { element, ...(await lookup({ ...common, element: { id: element.id, value: plain(element.value), files } }, setting.cache)) }
  })
}

/** The artifact of a `source` step: the user's folder as it is now, listed and hashed. `warn` hears of what cannot be used. */
export async function sourceArtifact(
  step: Step,
  setting: Setting,
  warn: (line: string) => void = () => undefined,
): Promise<Artifact<unknown>> {
  if (!('source' in step.node)) throw new Error(`${step.nodeName} is not a source node`)
  const { dir, value } = step.node.source(step.params) as { dir: string; value: unknown }
  const root = absolute(dir)
  const lost: string[] = []
  const files = await listFiles(root, { skip: name => name.startsWith('.'), lost: path => lost.push(path) })
    .then(paths => digestFiles(setting.cache.stats, root, paths))
    .catch(unreadable(root))
  if (lost.length > 0)
    warn(
      `${lost.length === 1 ? 'a link leads' : `${lost.length} links lead`} to nothing and ${lost.length === 1 ? 'is' : 'are'} not used: ${lost.sort().slice(0, 3).join(', ')}${lost.length > 3 ? ' ...' : ''} (with DataLad or git-annex: get the files first)`,
    )
  const { kind } = step.node.output
  return { kind, digest: digestText(canonical({ format: 1, kind, value, files })), dir: root, value, files }
}

/** What the system says of the user's own files is for the user; anything else is a bug. */
const unreadable =
  (root: string) =>
  (error: unknown): never => {
    if (codeOf(error) === undefined) throw error
    const { path = root, message } = error as NodeJS.ErrnoException
    return fail({ kind: 'file-unreadable', path, role: 'a part of the dataset', detail: message })
  }

/** The inputs as the node's functions take them: one artifact, a list, or undefined. */
export function nodeInputs(step: Pick<Step, 'node'>, inputs: InputArtifacts): Record<string, unknown> {
  const specs = Object.entries(step.node.inputs as Inputs)
  return Object.fromEntries(specs.map(([name, { many }]) => [name, many ? (inputs[name] ?? []) : inputs[name]?.[0]]))
}

/** Why a step has to run. */
export async function reason(found: Lookup, setting: Setting): Promise<Why> {
  if (found.lost !== undefined) return { kind: 'lost', detail: found.lost }
  return explain(found.fingerprint, await setting.cache.recent(found.fingerprint.node))
}

async function lookup(fingerprint: Fingerprint, cache: Cache): Promise<Lookup> {
  const key = keyOf(fingerprint)
  const record = await cache.get(key)
  if (!record) return { fingerprint, key }
  const opened = await cache.open(record.artifact)
  return 'artifact' in opened ? { fingerprint, key, record, artifact: opened.artifact } : { fingerprint, key, record, lost: opened.lost }
}

function commonPart(step: Step, setting: Setting): Pick<Fingerprint, 'format' | 'node' | 'code' | 'seed' | 'engine'> {
  const { node } = step
  return {
    format: FINGERPRINT_FORMAT,
    // A user's own node is known by what its code does, not by where its file lies.
    node: /[\\/]/.test(step.nodeName) ? 'own' : step.nodeName,
    code: step.code,
    ...(node.seeded ? { seed: step.seed ?? setting.pipeline.seed } : {}),
    ...(node.computes ? { engine: setting.engine } : {}),
  }
}

const digestsOf = (inputs: InputArtifacts): Record<string, readonly Digest[]> =>
  Object.fromEntries(Object.entries(inputs).map(([name, list]) => [name, list.map(a => a.digest)]))

const digestsOfRefs = (refs: FileRef | readonly FileRef[]): Digest | readonly Digest[] =>
  'digest' in refs ? refs.digest : refs.map(r => r.digest)

/** As it will be when it comes back from JSON: without undefined members. */
const plain = (x: unknown): unknown => JSON.parse(canonical(x ?? null)) as unknown

const absolute = (path: string): string => (isAbsolute(path) ? path : resolvePath(path))
