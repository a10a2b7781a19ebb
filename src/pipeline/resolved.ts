import { resolve } from 'node:path'
import { stringify } from 'yaml'
import type { Inputs } from '../node.ts'
import type { Pipeline, Step } from './pipeline.ts'
import { asWritten } from './schemas.ts'
import { isNodePath } from '../user-node.ts'

/** The pipeline as it runs, as YAML that loads to the same pipeline from any folder. `raw`: each step's params as written. */
export function resolvedText(
  pipeline: Omit<Pipeline, 'resolved'>,
  description: string | undefined,
  raw: ReadonlyMap<string, unknown>,
  folder: string,
): string {
  const steps = Object.fromEntries([...pipeline.steps].map(([id, step]) => [id, stepAsWritten(step, raw.get(id), folder)]))
  const { name, seed } = pipeline
  const document = { name, ...(description === undefined ? {} : { description }), seed, steps }
  return stringify(escapeVariables(document), { lineWidth: 0, aliasDuplicateObjects: false })
}

function stepAsWritten(step: Step, raw: unknown, folder: string): Record<string, unknown> {
  const specs: Inputs = step.node.inputs as Inputs
  const inputs = Object.entries(step.inputs).map(([input, steps]) => [input, specs[input]?.many ? steps : steps[0]])
  const params = asWritten(step.node.params, raw ?? {}, step.params) as object
  return {
    node: isNodePath(step.nodeName) ? resolve(folder, step.nodeName) : step.nodeName,
    ...(inputs.length ? { inputs: Object.fromEntries(inputs) } : {}),
    ...(Object.keys(params).length ? { params } : {}),
    ...(step.timeout === undefined ? {} : { timeout: step.timeout }),
  }
}

/** What looks like a variable now is text; but a secret is one still. */
function escapeVariables(x: unknown): unknown {
  if (typeof x === 'string') return x.replaceAll(/\$\{(?!secret\.)/g, () => '$${')
  if (Array.isArray(x)) return x.map(escapeVariables)
  if (typeof x === 'object' && x !== null) return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, escapeVariables(value)]))
  return x
}
