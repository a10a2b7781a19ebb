import { basename, dirname, extname, resolve } from 'node:path'
import { failed, ok, type Failure, type Location, type Result } from '../failure.ts'
import { nearest } from '../nearest.ts'
import type { Registry } from '../node.ts'
import { checkInputs, type Draft } from './inputs.ts'
import { failuresOf } from './issues.ts'
import type { Pipeline, Step } from './pipeline.ts'
import { fileSource, readYaml } from './read.ts'
import { resolvedText } from './resolved.ts'
import { applySets } from './set.ts'
import { fileShape, reservedNames, stepName, stepShape, topShape } from './shape.ts'
import { isNodePath, type UserNode } from '../user-node.ts'
import { child, keyPlace, plain, type Mapping, type Member, type Report, type Tree } from './tree.ts'
import { readText } from './text.ts'
import { substitute } from './variables.ts'

/** What a pipeline file is read with. */
export interface LoadOptions {
  readonly registry: Registry
  /** Every `--set`, in the order of the command line: `step.key=value`, `vars.x=value`, `seed=value`. */
  readonly sets: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** What a relative `file` is relative to. */
  readonly cwd: string
  /** Loads the node of `node: ./my-node.ts`: `path` is absolute, found from the pipeline file's folder; `shown` is as written. */
  loadUserNode(path: string, shown: string): Promise<Result<UserNode>>
  /** What the file says, where it is not to be read: a pipeline made of another file. */
  readonly text?: string
  /** Changes what was read, after variables and `--set`. */
  change?(root: Mapping): Mapping
}

/** Reads and checks a pipeline file. Gives all its mistakes in one go, in the order of their places. */
export async function loadPipeline(file: string, options: LoadOptions): Promise<Result<Pipeline>> {
  const failures: Failure[] = []
  const report: Report = failure => failures.push(failure)
  const text = options.text === undefined ? readText(resolve(options.cwd, file)) : ok(options.text)
  if (!text.ok) return text

  const start: Location = { file, line: 1, column: 1 }
  const tree = readYaml(fileSource(file, text.value), report) ?? { kind: 'mapping', at: start, entries: new Map() }
  if (tree.kind !== 'mapping') {
    if (!failures.length)
      report({ kind: 'yaml-syntax', detail: 'a pipeline file is a mapping with the keys name, seed, vars and steps', at: tree.at })
    return failed(...sorted(failures))
  }
  const read = substitute(applySets(tree, options.sets, report), options.env, report)
  const root = options.change?.(read) ?? read
  const pipeline = await check(file, root, start, options, report)
  return failures.length || !pipeline ? failed(...sorted(withoutEchoes(failures))) : ok(pipeline)
}

/** What is read once needs no parser compiled for it. */
const once = { jitless: true }

async function check(file: string, root: Mapping, start: Location, options: LoadOptions, report: Report): Promise<Pipeline | undefined> {
  const schema = root.entries.has('sweep') ? fileShape() : topShape
  const top = schema.safeParse(plain(root), once)
  const name = (path: readonly (string | number)[]): string => path.join('.') || 'a pipeline'
  failuresOf({ tree: root, schema, name, at: start }, top.error?.issues ?? []).forEach(report)
  const steps = root.entries.get('steps')?.value
  if (steps?.kind !== 'mapping') return undefined
  if (!steps.entries.size)
    report({ kind: 'missing-key', key: 'steps', owner: 'a pipeline', wants: 'at least one step', at: keyPlace(root, ['steps'], start) })

  const folder = dirname(resolve(options.cwd, file))
  const drafts = new Map<string, StepDraft>()
  for (const [id, member] of steps.entries) drafts.set(id, await draftStep(id, member, folder, options, report))
  const inputs = checkInputs(drafts, report)
  const checked = new Map([...drafts.values()].flatMap(draft => entryOf(draft, inputs.get(draft.id)!, report)))
  if (!top.success || checked.size < drafts.size) return undefined

  const { name: given, seed, description } = top.data
  const pipeline = { name: given ?? basename(file, extname(file)), file, seed, steps: checked }
  const raw = new Map([...drafts.values()].map(draft => [draft.id, draft.params && plain(draft.params)]))
  let text: string | undefined
  return { ...pipeline, resolved: () => (text ??= resolvedText(pipeline, description, raw, folder)) }
}

interface StepDraft extends Draft {
  readonly code: string
  readonly params: Tree | undefined
  readonly paramsAt: Location
  readonly timeout: number | undefined
}

/** What one step says by itself, and the node it names. */
async function draftStep(id: string, member: Member, folder: string, options: LoadOptions, report: Report): Promise<StepDraft> {
  if (!stepName.test(id) || reservedNames.includes(id)) report({ kind: 'bad-step-name', name: id, at: member.key })
  const shape = stepShape.safeParse(plain(member.value), once)
  const name = (path: readonly (string | number)[]): string => (path.length ? `${id}.${path.join('.')}` : `step "${id}"`)
  failuresOf({ tree: member.value, schema: stepShape, name, at: member.key }, shape.error?.issues ?? []).forEach(report)
  const named = child(member.value, 'node')
  const nodeName = named?.kind === 'scalar' && typeof named.value === 'string' ? named.value : undefined
  const found = nodeName === undefined ? undefined : await findNode(nodeName, named!.at, folder, options, report)
  return {
    id,
    at: member.key,
    nodeName: nodeName ?? '',
    node: found?.node,
    code: found?.code ?? '',
    inputs: child(member.value, 'inputs'),
    inputsAt: keyPlace(member.value, ['inputs'], member.key),
    params: child(member.value, 'params'),
    paramsAt: keyPlace(member.value, ['params'], member.key),
    timeout: shape.data?.timeout,
  }
}

async function findNode(name: string, at: Location, folder: string, options: LoadOptions, report: Report): Promise<UserNode | undefined> {
  if (isNodePath(name)) {
    const loaded = await options.loadUserNode(resolve(folder, name), name)
    if (loaded.ok) return loaded.value
    for (const failure of loaded.failures) report({ at, ...failure })
    return undefined
  }
  const node = Object.hasOwn(options.registry, name) ? options.registry[name] : undefined
  if (node) return { node, code: String(node.version) }
  const near = /\.[cm]?[jt]s$/.test(name) ? `./${name}` : nearest(name, Object.keys(options.registry))
  report({ kind: 'unknown-node', name, ...(near ? { nearest: near } : {}), at })
  return undefined
}

/** The step, when its params fit its node. */
function entryOf(draft: StepDraft, inputs: Record<string, string[]>, report: Report): [string, Step][] {
  const { id, node, nodeName, code, params, timeout, at } = draft
  if (!node) return []
  const empty = !params || (params.kind === 'scalar' && params.value === null)
  const tree = empty ? undefined : params
  // Anything but a mapping is a mistake of the step's shape, reported there.
  if (tree && tree.kind !== 'mapping') return []
  const parsed = node.params.safeParse(tree ? plain(tree) : {}, once)
  if (!parsed.success) {
    const name = (path: readonly (string | number)[]): string => (path.length ? `${id}.${path.join('.')}` : `node "${nodeName}"`)
    failuresOf(
      { tree: tree ?? { kind: 'mapping', at, entries: new Map() }, schema: node.params, name, at: draft.paramsAt },
      parsed.error.issues,
    ).forEach(report)
    return []
  }
  return [[id, { id, nodeName, node, code, params: parsed.data as unknown, inputs, ...(timeout === undefined ? {} : { timeout }), at }]]
}

/** Mistakes that stand for themselves, wherever the YAML is broken further down. */
const soundBeforeSyntax: readonly Failure['kind'][] = [
  'unknown-key',
  'wrong-value',
  'unknown-node',
  'unknown-input',
  'duplicate-key',
  'set-syntax',
]

/** After broken YAML, the rest of the file is guesswork: only what is above it, and does not depend on it, is told. */
function withoutEchoes(failures: readonly Failure[]): Failure[] {
  const broken = failures.filter(f => f.kind === 'yaml-syntax' && f.at?.text === undefined).map(f => f.at?.line ?? 1)
  if (!broken.length) return [...failures]
  const first = Math.min(...broken)
  return failures.filter(f => f.kind === 'yaml-syntax' || (soundBeforeSyntax.includes(f.kind) && (f.at?.line ?? 1) < first))
}

/** The file's mistakes first, by place, then those of each `--set`. */
function sorted(failures: readonly Failure[]): Failure[] {
  const rank = (f: Failure): number => (f.at?.text === undefined ? 0 : Number(f.at.file.replace(/\D/g, '')))
  return [...failures].sort(
    (a, b) => rank(a) - rank(b) || (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0),
  )
}
