import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { artifact } from '../../src/artifact.ts'
import { printFailures } from '../../src/cli/print.ts'
import { failed, ok, type Result } from '../../src/failure.ts'
import { defineNode, many, maybe, one, type Registry } from '../../src/node.ts'
import { ordered } from '../../src/ordered.ts'
import { loadPipeline, type LoadOptions } from '../../src/pipeline/load.ts'
import type { Pipeline } from '../../src/pipeline/pipeline.ts'

const any = z.looseObject({})
const apple = artifact('apple', any)
const juice = artifact('juice', any)

/** Three nodes that know nothing of images: an orchard gives apples, a press makes juice of them, a bar mixes juices. */
export const registry: Registry = {
  orchard: defineNode({
    summary: 'Gives an apple.',
    version: 3,
    params: z.strictObject({
      sort: z.enum(['boskoop', 'elstar', 'gala']).default('elstar').describe('Which apple.'),
      trees: z.int().min(1).max(500).default(10).describe('How many trees.'),
      urls: z.array(z.string().min(1)).default([]),
      label: z.string().optional(),
    }),
    inputs: {},
    output: apple,
    run: () => ({}),
  }),
  press: defineNode({
    summary: 'Makes juice.',
    version: 1,
    params: z.strictObject({
      bar: z.number().gt(0).describe('Pressure, in bar.'),
      cloth: z.union([z.boolean(), z.strictObject({ mesh: z.number() })]).default(false),
      stages: ordered({
        filter: z.strictObject({ size: z.number().min(0).default(1).describe('Largest particle, in micrometres.') }),
        heat: z.strictObject({ celsius: z.number().min(0).max(100) }),
      }).default([]),
    }),
    inputs: { fruit: one(apple), more: maybe(apple) },
    output: juice,
    run: () => ({}),
  }),
  bar: defineNode({
    summary: 'Mixes juices.',
    version: 1,
    params: z.strictObject({
      name: z
        .string()
        .regex(/^[a-z]+$/, 'a name is made of small letters')
        .default('mix'),
    }),
    inputs: { juices: many(juice) },
    output: juice,
    run: () => ({}),
  }),
}

/** A pipeline file in a folder of its own, and what becomes of it. */
export async function load(text: string, options: Partial<LoadOptions> = {}): Promise<Result<Pipeline>> {
  const cwd = mkdtempSync(join(tmpdir(), 'pipeline-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  writeFileSync(join(cwd, 'p.yaml'), text)
  const loadUserNode: LoadOptions['loadUserNode'] = async path =>
    path.endsWith('/own.ts')
      ? ok({ node: registry['orchard']!, code: 'abc123' })
      : failed({ kind: 'user-node-missing', path: './none.ts', kinds: ['.ts'] })
  const result = await loadPipeline('p.yaml', { registry, sets: [], env: {}, cwd, loadUserNode, ...options })
  if (!result.ok) printed.set(result, printFailures(result.failures, { color: false, cwd }))
  return result
}

const printed = new WeakMap<object, string>()

/** The pipeline, of a file that has no mistakes. */
export async function good(text: string, options: Partial<LoadOptions> = {}): Promise<Pipeline> {
  const result = await load(text, options)
  if (!result.ok) throw new Error(printed.get(result))
  return result.value
}

/** All that is printed of a file with mistakes. */
export async function bad(text: string, options: Partial<LoadOptions> = {}): Promise<string> {
  const result = await load(text, options)
  if (result.ok) throw new Error('no mistake was found')
  return printed.get(result)!
}

/** The params of a step. */
export const paramsOf = (pipeline: Pipeline, step: string): unknown => pipeline.steps.get(step)?.params
