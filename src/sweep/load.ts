import { dirname, isAbsolute, join, resolve } from 'node:path'
import { failed, ok, sentence, type Failure, type Location, type Result } from '../failure.ts'
import { failuresOf } from '../pipeline/issues.ts'
import { loadPipeline, type LoadOptions } from '../pipeline/load.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { fileSource, readYaml } from '../pipeline/read.ts'
import { applySets } from '../pipeline/set.ts'
import { sweepFileShape } from '../pipeline/sweep-shape.ts'
import { readText } from '../pipeline/text.ts'
import { child, plain, type Mapping, type Report } from '../pipeline/tree.ts'
import { substitute } from '../pipeline/variables.ts'
import { expand, repeatedBy, setsOf } from './expand.ts'
import { inParts } from './parts.ts'
import { readHalving, type Halved } from './read-halving.ts'
import { readSpace, type Places } from './read.ts'
import type { Values } from './space.ts'

/** One trial of a sweep: the values it gives, and the pipeline with them. */
export interface Trial {
  readonly values: Values
  readonly pipeline: Pipeline
}

/** A sweep, read and checked: the pipeline as it is without it, and its trials. */
export interface Sweep {
  readonly base: Pipeline
  readonly trials: readonly Trial[]
  /** How many there are, before `max` cuts them. */
  readonly all: number
  /** The keys that tell the repeats of one variant apart: seed, and the folds of a step. */
  readonly repeated: readonly string[]
  /** How trainings are stopped early, where they are. */
  readonly halved: Halved | undefined
}

/** Reads a pipeline with a `sweep:` block, or a file that names a pipeline and sweeps it. Gives all its mistakes in one go; at most `max` trials. */
export async function loadSweep(file: string, options: LoadOptions, max = Infinity): Promise<Result<Sweep>> {
  const found = await findBlock(file, options)
  if (!found.ok) return found
  const { target, block } = found.value
  const cached = { ...options, loadUserNode: once((path, shown) => options.loadUserNode(path, shown)) }
  const base = await loadPipeline(target, cached)
  if (!base.ok) return base
  if (!block) return failed({ kind: 'no-sweep', file })
  const failures: Failure[] = []
  const read = readSpace(block, base.value.seed, failure => failures.push(failure))
  if (!read) return failed(...failures)
  const values = expand(read.space)
  if (!values.length)
    return failed({ kind: 'no-trials', excludes: read.space.exclude.length, at: block.entries.get('exclude')?.key ?? block.at })
  const halved = readHalving(
    block,
    base.value,
    values,
    key => read.places.key(key),
    failure => failures.push(failure),
  )
  if (failures.length > 0) return failed(...failures)
  const some = values.slice(0, max)
  const whole = await loadTrials(target, some, read.places, cached)
  // Mistakes of a trial are told of the step that the user wrote, not of each of its parts.
  const trials =
    whole.ok && halved ? await loadTrials(target, some, read.places, { ...cached, change: root => inParts(root, halved) }) : whole
  if (!trials.ok) return trials
  return ok({ base: base.value, trials: trials.value, all: values.length, repeated: repeatedBy(read.space), halved })
}

interface Block {
  /** The pipeline's file. */
  readonly target: string
  readonly block: Mapping | undefined
}

const unheard: Report = () => undefined

/** What is wrong with a pipeline's own block, its own loading reports. */
async function findBlock(file: string, options: LoadOptions): Promise<Result<Block>> {
  const text = options.text === undefined ? readText(resolve(options.cwd, file)) : ok(options.text)
  if (!text.ok) return text
  const failures: Failure[] = []
  const report: Report = failure => failures.push(failure)
  const tree = readYaml(fileSource(file, text.value), report)
  if (tree?.kind !== 'mapping') return ok({ target: file, block: undefined })
  const isOwn = tree.entries.has('pipeline')
  const root = isOwn ? substitute(tree, options.env, report) : substitute(applySets(tree, options.sets, unheard), options.env, unheard)
  const sweep = child(root, 'sweep')
  const block = sweep?.kind === 'mapping' ? sweep : undefined
  if (!isOwn) return ok({ target: file, block })
  const shape = sweepFileShape()
  const checked = shape.safeParse(plain(root))
  const name = (path: readonly (string | number)[]): string => path.join('.') || 'a file that sweeps a pipeline'
  failuresOf({ tree: root, schema: shape, name, at: root.at }, checked.error?.issues ?? []).forEach(report)
  if (failures.length || !checked.success) return failed(...failures)
  const { pipeline } = checked.data
  return ok({ target: isAbsolute(pipeline) ? pipeline : join(dirname(file), pipeline), block })
}

async function loadTrials(file: string, all: readonly Values[], places: Places, options: LoadOptions): Promise<Result<readonly Trial[]>> {
  const trials: Trial[] = []
  const failures = new Map<string, Failure>()
  for (const values of all) {
    const loaded = await loadPipeline(file, { ...options, sets: [...options.sets, ...setsOf(values)] })
    if (loaded.ok) trials.push({ values, pipeline: loaded.value })
    else
      for (const failure of loaded.failures.map(f => placed(f, values, places, options.sets.length))) failures.set(keyOf(failure), failure)
  }
  return failures.size ? failed(...failures.values()) : ok(trials)
}

/** Many trials have the same mistake: it is told once. */
const keyOf = (failure: Failure): string =>
  failure.kind === 'bad-trial' ? `${failure.detail} ${JSON.stringify(failure.at)}` : JSON.stringify(failure)

/** A mistake in a value of the trial is shown where the sweep writes it; another one names the trial. */
function placed(failure: Failure, values: Values, places: Places, own: number): Failure {
  const at = failure.at && inBlock(failure.at, values, places, own)
  if (at) return { ...failure, at }
  const { what, hint } = sentence(failure)
  return {
    kind: 'bad-trial',
    trial: trialWords(values),
    detail: what,
    ...(hint ? { hint } : {}),
    ...(failure.at ? { at: failure.at } : {}),
  }
}

function inBlock({ file, column, text }: Location, values: Values, places: Places, own: number): Location | undefined {
  const number = text === undefined ? undefined : /^--set #(\d+)$/.exec(file)?.[1]
  const entry = number === undefined ? undefined : Object.entries(values)[Number(number) - own - 1]
  if (!entry) return undefined
  const [key, value] = entry
  return column <= key.length ? places.key(key) : places.value(key, value)
}

/** `model.batch_size=8, seed=2`. */
export const trialWords = (values: Values): string =>
  Object.entries(values)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')

/** A user's node is bundled and loaded once, however many trials there are. */
function once(load: LoadOptions['loadUserNode']): LoadOptions['loadUserNode'] {
  const loaded = new Map<string, ReturnType<LoadOptions['loadUserNode']>>()
  return (path, shown) => {
    const found = loaded.get(path) ?? load(path, shown)
    loaded.set(path, found)
    return found
  }
}
