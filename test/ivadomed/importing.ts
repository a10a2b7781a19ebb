import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodes } from '../../nodes/index.ts'
import { printFailures } from '../../src/cli/print.ts'
import type { Failure } from '../../src/failure.ts'
import { importConfig, type Imported } from '../../src/ivadomed/import.ts'
import { loadPipeline } from '../../src/pipeline/load.ts'
import type { Pipeline } from '../../src/pipeline/pipeline.ts'
import { loadUserNode } from '../../src/user-node.ts'

/** A configuration as plain data, to be changed. */
export type Config = Record<string, unknown>

/** The configuration of ivadomed's tutorial "One-class segmentation with 2D U-Net". */
export const tutorial = (): Config => JSON.parse(readFileSync(join(import.meta.dirname, 'tutorial.json'), 'utf8')) as Config

/** Sets a value at a path such as `split_dataset.random_seed`; undefined removes it. */
export function set(config: Config, key: string, value: unknown): Config {
  const path = key.split('.')
  const last = path.pop()!
  const owner = path.reduce<Config>((c, part) => (c[part] ??= {}) as Config, config)
  if (value === undefined) Reflect.deleteProperty(owner, last)
  else owner[last] = value
  return config
}

const textOf = (config: Config | string): string => (typeof config === 'string' ? config : JSON.stringify(config, undefined, 2))

/** The import of a configuration that has no mistakes. */
export function imported(config: Config | string, allowUnknown = false): Imported {
  const result = importConfig('config.json', textOf(config), { registry: nodes, allowUnknown })
  if (!result.ok) throw new Error(printFailures(result.failures, { color: false }))
  return result.value
}

/** The mistakes of a configuration; none is a mistake of the test. */
export function mistakes(config: Config | string, allowUnknown = false): readonly Failure[] {
  const result = importConfig('config.json', textOf(config), { registry: nodes, allowUnknown })
  if (result.ok) throw new Error(`no mistake was found; the pipeline is\n${result.value.yaml}`)
  return result.failures
}

/** A pipeline from its text. */
export async function load(text: string, file = 'imported.yaml'): Promise<Pipeline> {
  const result = await loadPipeline(file, { registry: nodes, sets: [], env: {}, cwd: '.', loadUserNode, text })
  if (!result.ok) throw new Error(printFailures(result.failures, { color: false }))
  return result.value
}

/** The params of a step of the pipeline that a configuration becomes. */
export async function paramsOf(config: Config | string, step: string): Promise<unknown> {
  return (await load(imported(config).yaml)).steps.get(step)?.params
}
