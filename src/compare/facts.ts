import { parse } from 'yaml'
import { z } from 'zod'
import { failed, ok, type Result } from '../failure.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'

/** A pipeline as it ran, as plain data: what two of them can differ in. */
export interface PipelineFacts {
  readonly name: string
  readonly seed: number
  readonly steps: ReadonlyMap<string, StepFacts>
  /** Programs that shape results, by what they are: `voxelpipe`, `engine`. */
  readonly programs: Readonly<Record<string, string>>
}

/** One step. */
export interface StepFacts {
  readonly node: string
  readonly inputs: Readonly<Record<string, readonly string[]>>
  readonly params: Readonly<Record<string, unknown>>
  readonly timeout?: number
  /** The version of its node, or the digest of the user's own; undefined where a run did not note it. */
  readonly code?: string
}

const text = z.union([z.string(), z.array(z.string())])
const resolved = z.object({
  name: z.string(),
  seed: z.number(),
  steps: z.record(
    z.string(),
    z.object({
      node: z.string(),
      inputs: z.record(z.string(), text).default({}),
      params: z.record(z.string(), z.unknown()).default({}),
      timeout: z.number().optional(),
    }),
  ),
})

/** Reads the text of a resolved pipeline (`pipeline.yaml` of a run), which may be older than the nodes of today: nothing is checked. */
export function readFacts(
  path: string,
  yaml: string,
  code: Readonly<Record<string, string>> = {},
  programs: Readonly<Record<string, string>> = {},
): Result<PipelineFacts> {
  const document = parseYaml(yaml)
  if (typeof document === 'string') return failed({ kind: 'not-a-run', path, detail: document })
  const read = resolved.safeParse(document.value)
  if (!read.success) return failed({ kind: 'not-a-run', path, detail: 'its pipeline.yaml is no resolved pipeline' })
  const { name, seed, steps } = read.data
  const entries = Object.entries(steps).map(([id, { inputs, params, node, timeout }]): [string, StepFacts] => {
    const from = Object.fromEntries(Object.entries(inputs).map(([input, steps]) => [input, [steps].flat()]))
    const more = { ...(timeout !== undefined && { timeout }), ...(code[id] !== undefined && { code: code[id] }) }
    return [id, { node, inputs: from, params: Object.fromEntries(Object.entries(params).map(unescaped)), ...more }]
  })
  return ok({ name, seed, steps: new Map(entries), programs })
}

/** The same of a pipeline file that was just loaded. */
export function factsOf(pipeline: Pipeline, programs: Readonly<Record<string, string>> = {}): Result<PipelineFacts> {
  return readFacts(pipeline.file, pipeline.resolved(), codeOf(pipeline), programs)
}

/** Step -> the code behind its node. */
export const codeOf = ({ steps }: Pick<Pipeline, 'steps'>): Readonly<Record<string, string>> =>
  Object.fromEntries([...steps.values()].map(({ id, code }) => [id, code]))

/** What the text holds, or what is wrong with it. */
function parseYaml(yaml: string): { readonly value: unknown } | string {
  try {
    return { value: parse(yaml) as unknown }
  } catch (error) {
    return `its pipeline.yaml cannot be read: ${error instanceof Error ? error.message.split('\n')[0]! : String(error)}`
  }
}

/** A resolved pipeline writes `$${` where its text has `${`. */
const unescaped = ([key, value]: readonly [string, unknown]): readonly [string, unknown] => [key, plainText(value)]

function plainText(x: unknown): unknown {
  if (typeof x === 'string') return x.replaceAll('$${', () => '${')
  if (Array.isArray(x)) return x.map(plainText)
  if (typeof x === 'object' && x !== null) return Object.fromEntries(Object.entries(x).map(unescaped))
  return x
}
