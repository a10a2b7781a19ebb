import { z } from 'zod'
import type { AnyNode, Inputs, Registry } from '../node.ts'
import { tableOf } from './schemas.ts'
import { fileShape, stepName, stepShape } from './shape.ts'
import { sweepFileShape } from './sweep-shape.ts'

/** A JSON Schema, as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** The first line of a pipeline file whose editor is to use the schema. */
export const editorLine = (schemaPath: string): string => `# yaml-language-server: $schema=${schemaPath}`

const variable: JsonSchema = {
  type: 'string',
  pattern: String.raw`\$\{(vars|env)\.[^}]+\}`,
  description: 'A variable: ${vars.name} or ${env.NAME}.',
}

/**
 * The JSON Schema (draft 7) of pipeline files, for editors. `node` decides which inputs and params a step has; a step with
 * the path of a user's own node may have any. `${...}` may stand for numbers, flags, choices and lists.
 */
export function pipelineSchema(registry: Registry): JsonSchema {
  const names = Object.keys(registry)
  const { properties, ...top } = convert(fileShape())
  const steps = { ...(properties as Record<string, JsonSchema>)['steps'], additionalProperties: { $ref: '#/definitions/step' } }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A voxelpipe pipeline',
    ...top,
    properties: { ...(properties as object), steps: { ...steps, minProperties: 1, propertyNames: { pattern: stepName.source } } },
    definitions: {
      variable,
      step: stepSchema(registry, names),
      ...Object.fromEntries(names.map(name => [`node-${name}`, nodeSchema(registry[name]!)])),
    },
  }
}

/** The JSON Schema of a file that sweeps a pipeline. */
export const sweepFileSchema = (): JsonSchema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'A sweep of a voxelpipe pipeline',
  ...convert(sweepFileShape()),
  definitions: { variable },
})

function stepSchema(registry: Registry, names: readonly string[]): JsonSchema {
  const { properties, ...step } = convert(stepShape)
  const base = properties as Record<string, JsonSchema>
  const node = {
    ...base['node'],
    anyOf: [
      ...names.map(name => ({ const: name, description: registry[name]!.summary })),
      { pattern: String.raw`^(\.{1,2})?/`, description: 'The path of your own node, from the folder of this file.' },
    ],
  }
  return {
    ...step,
    properties: { ...base, node },
    // One decision a node, instead of a union of steps: an editor then names the mistake, and not every node that it is not.
    allOf: names.map(name => ({
      if: { properties: { node: { const: name } }, required: ['node'] },
      then: { $ref: `#/definitions/node-${name}` },
    })),
  }
}

/** What a step of one node adds: its inputs and params. */
function nodeSchema(node: AnyNode): JsonSchema {
  const specs = Object.entries(node.inputs as Inputs)
  const needed = specs.filter(([, spec]) => !spec.optional).map(([name]) => name)
  const params = convert(node.params as z.ZodType)
  const needsParams = Array.isArray(params['required']) && params['required'].length > 0
  const required = [...(needed.length ? ['inputs'] : []), ...(needsParams ? ['params'] : [])]
  return {
    description: node.summary,
    properties: {
      inputs: {
        type: needed.length ? 'object' : ['object', 'null'],
        properties: Object.fromEntries(specs.map(([name, spec]) => [name, inputSchema(spec.type.kind, spec.many)])),
        additionalProperties: false,
        ...(needed.length ? { required: needed } : {}),
      },
      params: { ...params, type: needsParams ? 'object' : ['object', 'null'] },
    },
    ...(required.length ? { required } : {}),
  }
}

function inputSchema(kind: string, many: boolean): JsonSchema {
  const step = { type: 'string', description: `The step that gives: ${kind}.` }
  const list = { type: 'array', items: step, minItems: 1, ...(many ? {} : { maxItems: 1 }) }
  return { description: `The ${many ? 'steps that give' : 'step that gives'}: ${kind}.`, anyOf: [step, list] }
}

/** zod's own conversion, as editors of YAML want it. */
const convert = (schema: z.core.$ZodType): JsonSchema => forEditors(toJson(schema)) as JsonSchema

const toJson = (schema: z.core.$ZodType): JsonSchema =>
  z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const table = tableOf(zodSchema)
      if (table) jsonSchema.properties = Object.fromEntries(Object.entries(table).map(([key, s]) => [key, entrySchema(toJson(s))]))
    },
  })

/** In an ordered mapping `fill_holes:` alone stands for `fill_holes: {}`. */
const entrySchema = (schema: JsonSchema): JsonSchema => (schema['required'] ? schema : { ...schema, type: ['object', 'null'] })

/** Every schema below, with what only zod needs left out, and with variables allowed. */
function forEditors(x: unknown): unknown {
  if (Array.isArray(x)) return x.map(forEditors)
  if (typeof x !== 'object' || x === null) return x
  const members = Object.entries(x).filter(([key, value]) => isMeant(key, value))
  return orVariable(
    Object.fromEntries(
      members.map(([key, value]) => [key, isData(key) ? value : key === 'properties' ? eachMember(value) : forEditors(value)]),
    ),
  )
}

const eachMember = (properties: unknown): JsonSchema =>
  Object.fromEntries(Object.entries(properties as object).map(([key, value]) => [key, forEditors(value)]))

/** Keywords whose values are the user's data, not schemas. */
const isData = (key: string): boolean => ['default', 'const', 'enum', 'examples', 'required', 'type'].includes(key)

/** Not: what only says where the schema came from, or how far numbers reach. */
const isMeant = (key: string, value: unknown): boolean =>
  key === 'propertyNames' || key === '$schema'
    ? false
    : !(['minimum', 'maximum'].includes(key) && typeof value === 'number' && Math.abs(value) >= Number.MAX_SAFE_INTEGER)

/** `trees: ${vars.n}` is text to an editor. */
function orVariable(schema: JsonSchema): JsonSchema {
  const { description, default: fallback, title, ...rest } = schema
  const typed = ['number', 'integer', 'boolean', 'array'].includes(rest['type'] as string) || 'enum' in rest || 'pattern' in rest
  if (!typed) return schema
  const shown = Object.fromEntries(Object.entries({ title, description, default: fallback }).filter(([, value]) => value !== undefined))
  return { ...shown, anyOf: [rest, { $ref: '#/definitions/variable' }] }
}
