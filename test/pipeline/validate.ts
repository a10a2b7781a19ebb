type Schema = Readonly<Record<string, unknown>>

/** A validator of the part of JSON Schema that `pipelineSchema` uses; throws on a keyword it does not know. Gives the places of mistakes. */
export function validate(root: Schema, x: unknown, schema: Schema = root, path = '$'): string[] {
  return Object.entries(schema).flatMap(([keyword, value]) => {
    const check = keywords[keyword]
    if (!check) throw new Error(`the validator of the test does not know ${keyword}`)
    return check({ root, x, schema, path }, value as never)
  })
}

interface At {
  readonly root: Schema
  readonly x: unknown
  readonly schema: Schema
  readonly path: string
}
type Check = (at: At, value: never) => string[]

const annotation: Check = () => []
const when = (broken: boolean, at: At, what: string): string[] => (broken ? [`${at.path}: ${what}`] : [])
const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x)
const typeOf = (x: unknown): string[] =>
  x === null ? ['null'] : Array.isArray(x) ? ['array'] : Number.isInteger(x) ? ['integer', 'number'] : [typeof x]
const on = (at: At, x: unknown, schema: Schema, key: string): string[] => validate(at.root, x, schema, `${at.path}.${key}`)

const keywords: Readonly<Record<string, Check>> = {
  $schema: annotation,
  format: annotation,
  title: annotation,
  description: annotation,
  default: annotation,
  definitions: annotation,
  then: annotation,
  $ref: (at, ref: string) =>
    validate(at.root, at.x, (at.root['definitions'] as Record<string, Schema>)[ref.replace('#/definitions/', '')], at.path),
  type: (at, types: string | string[]) => when(!typeOf(at.x).some(t => [types].flat().includes(t)), at, `wants ${String(types)}`),
  const: (at, value: unknown) => when(at.x !== value, at, `wants ${String(value)}`),
  enum: (at, values: unknown[]) => when(!values.includes(at.x), at, `wants one of ${String(values)}`),
  pattern: (at, pattern: string) => when(typeof at.x === 'string' && !new RegExp(pattern).test(at.x), at, `wants ${pattern}`),
  minLength: (at, n: number) => when(typeof at.x === 'string' && at.x.length < n, at, 'too short'),
  minimum: (at, n: number) => when(typeof at.x === 'number' && at.x < n, at, 'too small'),
  maximum: (at, n: number) => when(typeof at.x === 'number' && at.x > n, at, 'too large'),
  exclusiveMinimum: (at, n: number) => when(typeof at.x === 'number' && at.x <= n, at, 'too small'),
  exclusiveMaximum: (at, n: number) => when(typeof at.x === 'number' && at.x >= n, at, 'too large'),
  minItems: (at, n: number) => when(Array.isArray(at.x) && at.x.length < n, at, 'too few'),
  maxItems: (at, n: number) => when(Array.isArray(at.x) && at.x.length > n, at, 'too many'),
  minProperties: (at, n: number) => when(isObject(at.x) && Object.keys(at.x).length < n, at, 'too few'),
  additionalItems: (at, more: boolean) =>
    when(!more && Array.isArray(at.x) && at.x.length > (at.schema['items'] as Schema[]).length, at, 'too many'),
  items: (at, items: Schema | Schema[]) => {
    if (!Array.isArray(at.x)) return []
    return at.x.flatMap((x, i) => {
      const item = Array.isArray(items) ? items[i] : items
      return item ? on(at, x, item, String(i)) : []
    })
  },
  required: (at, keys: string[]) => (isObject(at.x) ? keys.filter(k => !(k in (at.x as object))).map(k => `${at.path}: needs ${k}`) : []),
  properties: (at, properties: Record<string, Schema>) =>
    isObject(at.x) ? Object.entries(at.x).flatMap(([k, x]) => (Object.hasOwn(properties, k) ? on(at, x, properties[k]!, k) : [])) : [],
  additionalProperties: (at, rest: boolean | Schema) => {
    if (!isObject(at.x)) return []
    const known = Object.keys(at.schema['properties'] ?? {})
    const others = Object.entries(at.x).filter(([k]) => !known.includes(k))
    return typeof rest === 'boolean'
      ? rest
        ? []
        : others.map(([k]) => `${at.path}: no ${k}`)
      : others.flatMap(([k, x]) => on(at, x, rest, k))
  },
  propertyNames: (at, names: Schema) => (isObject(at.x) ? Object.keys(at.x).flatMap(k => on(at, k, names, k)) : []),
  anyOf: (at, options: Schema[]) => {
    const tries = options.map(option => validate(at.root, at.x, option, at.path))
    return tries.some(t => t.length === 0) ? [] : tries.flat()
  },
  oneOf: (at, options: Schema[]) => {
    const tries = options.map(option => validate(at.root, at.x, option, at.path))
    const fit = tries.filter(t => t.length === 0).length
    return fit === 1 ? [] : fit ? [`${at.path}: fits ${fit} forms`] : tries.flat()
  },
  allOf: (at, parts: Schema[]) => parts.flatMap(part => validate(at.root, at.x, part, at.path)),
  if: (at, condition: Schema) =>
    validate(at.root, at.x, condition, at.path).length ? [] : validate(at.root, at.x, at.schema['then'] as Schema, at.path),
}
