import type { z } from 'zod'
import { orderedTables } from '../ordered.ts'
import type { Path } from './tree.ts'

type Schema = z.core.$ZodType
type Table = Readonly<Record<string, z.ZodObject>>

/** zod's own union of schema classes, so that a switch over `def.type` narrows. */
const known = (schema: Schema): z.core.$ZodTypes => schema as z.core.$ZodTypes

/** The table behind an ordered mapping (src/ordered.ts), also after `.describe()` or `.optional()`. */
export function tableOf(schema: Schema): Table | undefined {
  for (let s: Schema | undefined = schema; s; s = s._zod.parent) {
    const table = orderedTables.get(s)
    if (table) return table
  }
  return undefined
}

/** The schema inside `.default()`, `.optional()` and the like. */
export function bare(schema: Schema): z.core.$ZodTypes {
  const s = known(schema)
  if (tableOf(s)) return s
  switch (s._zod.def.type) {
    case 'default':
    case 'prefault':
    case 'optional':
    case 'nonoptional':
    case 'nullable':
    case 'readonly':
    case 'catch':
      return bare(s._zod.def.innerType)
    case 'lazy':
      return bare(s._zod.def.getter())
    case 'pipe':
      return bare(s._zod.def.in)
    default:
      return s
  }
}

/** The schema of the value under one key or index, or undefined. Of a union the first member that has such a key. */
export function below(schema: Schema, key: string | number): Schema | undefined {
  const table = tableOf(schema)
  if (table) return Object.hasOwn(table, key) ? table[key] : undefined
  const s = bare(schema)
  if (s !== schema && tableOf(s)) return below(s, key)
  const { def } = s._zod
  switch (def.type) {
    case 'object':
      return Object.hasOwn(def.shape, key) ? def.shape[key] : undefined
    case 'record':
      return def.valueType
    case 'array':
      return def.element
    case 'tuple':
      return def.items[Number(key)] ?? def.rest ?? undefined
    case 'union':
      return def.options.map(option => below(option, key)).find(found => found)
    default:
      return undefined
  }
}

/** The schema of the value at the end of a path, or undefined. */
export const schemaAt = (schema: Schema, path: Path): Schema | undefined =>
  path.reduce<Schema | undefined>((s, key) => s && below(s, key), schema)

/** The keys that a mapping may have; empty where any are allowed. */
export function keysOf(schema: Schema | undefined): readonly string[] {
  if (!schema) return []
  const s = bare(schema)
  const table = tableOf(s)
  if (table) return Object.keys(table)
  const { def } = s._zod
  if (def.type === 'object') return Object.keys(def.shape)
  return def.type === 'union' ? [...new Set(def.options.flatMap(keysOf))] : []
}

/** The text given with `.describe()`, on the schema itself or inside its wrappers. */
export function descriptionOf(schema: Schema | undefined): string | undefined {
  if (!schema) return undefined
  const own = (schema as z.ZodType).description
  if (own) return own
  const { def } = known(schema)._zod
  return 'innerType' in def ? descriptionOf(def.innerType) : undefined
}

/**
 * Checked params in the form that a pipeline file writes them: defaults filled in, ordered mappings as mappings again,
 * and what a schema transforms as the user wrote it. Checking the result gives the same params.
 */
export function asWritten(schema: Schema, raw: unknown, checked: unknown): unknown {
  const s = bare(schema)
  const table = tableOf(s)
  if (table) return Array.isArray(checked) ? orderedAsWritten(table, raw, checked) : raw
  const { def } = s._zod
  if (def.type === 'object' && isRecord(checked)) {
    const source = isRecord(raw) ? raw : {}
    return mapEntries(checked, (key, value) => {
      const inner = Object.hasOwn(def.shape, key) ? def.shape[key] : undefined
      return inner ? asWritten(inner, source[key], value) : value
    })
  }
  if (def.type === 'record' && isRecord(checked)) {
    const source = isRecord(raw) ? raw : {}
    return mapEntries(checked, (key, value) => asWritten(def.valueType, source[key], value))
  }
  if (def.type === 'array' && Array.isArray(checked)) {
    const source: readonly unknown[] = Array.isArray(raw) ? raw : []
    return checked.map((value, i) => asWritten(def.element, source[i], value))
  }
  if (def.type === 'union') {
    const option = def.options.find(o => (o as z.ZodType).safeParse(raw).success)
    if (option) return asWritten(option, raw, checked)
  }
  return raw ?? checked
}

function orderedAsWritten(table: Table, raw: unknown, entries: readonly unknown[]): unknown {
  const source = isRecord(raw) ? raw : {}
  return Object.fromEntries(
    entries.filter(isRecord).map(({ name, ...settings }) => {
      const key = String(name)
      const schema = table[key]
      return [key, schema ? asWritten(schema, source[key], settings) : settings]
    }),
  )
}

const isRecord = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x)

const mapEntries = (record: Record<string, unknown>, change: (key: string, value: unknown) => unknown): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, change(key, value)]),
  )
