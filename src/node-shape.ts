/** What keeps a value from being a node, as sentences; none when it is one. For the nodes that no compiler has checked. */
export function nodeProblems(value: unknown): readonly string[] {
  if (value === undefined) return ['it has no default export']
  if (!isRecord(value)) return [`its default export is ${named(value)}, not an object`]
  const ways = ['run', 'each', 'source'].filter(way => value[way] !== undefined)
  return [
    ...(typeof value['summary'] === 'string' && value['summary'] ? [] : ['"summary" should be a sentence that says what the node does']),
    ...(value['version'] === undefined || typeof value['version'] === 'number' ? [] : ['"version" should be a number']),
    ...(value['page'] === undefined || typeof value['page'] === 'string'
      ? []
      : ['"page" should be the name of a file that the node writes']),
    ...schemaProblems('params', value['params']),
    ...inputProblems(value['inputs']),
    ...kindProblems('output', value['output']),
    ...(ways.length === 1
      ? wayProblems(ways[0]!, value[ways[0]!])
      : [`it should have exactly one of "run", "each", "source"; it has ${ways.join(' and ') || 'none'}`]),
    ...(value['parts'] === undefined ? [] : partsProblems(value['parts'])),
    ...['meaning', 'reads', 'checkReads'].flatMap(name => (value[name] === undefined ? [] : functionProblems(name, value[name]))),
  ]
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null && !Array.isArray(x)

const named = (x: unknown): string => (Array.isArray(x) ? 'a list' : x === null ? 'null' : `a ${typeof x}`)

const functionProblems = (name: string, x: unknown): readonly string[] =>
  typeof x === 'function' ? [] : [`"${name}" should be a function`]

/** Schemas must be of the zod that this package has: only those can be written out for editors. */
function schemaProblems(name: string, x: unknown): readonly string[] {
  if (isRecord(x) && '_zod' in x) return []
  const other = isRecord(x) && '_def' in x
  return [`"${name}" should be a schema ${other ? "of zod 4; import it so: import { z } from 'voxelpipe'" : 'such as z.object({ ... })'}`]
}

function kindProblems(name: string, x: unknown): readonly string[] {
  if (!isRecord(x) || typeof x['kind'] !== 'string')
    return [`"${name}" should be an artifact kind, such as artifact('masks', z.object({ ... }))`]
  return schemaProblems(`${name}.schema`, x['schema'])
}

function inputProblems(inputs: unknown): readonly string[] {
  if (!isRecord(inputs)) return ['"inputs" should be an object, { name: one(kind) }; {} for a node without inputs']
  return Object.entries(inputs).flatMap(([name, spec]) =>
    isRecord(spec) && typeof spec['many'] === 'boolean' && typeof spec['optional'] === 'boolean'
      ? kindProblems(`inputs.${name}.type`, spec['type'])
      : [`"inputs.${name}" should be one(kind), many(kind) or maybe(kind)`],
  )
}

function partsProblems(parts: unknown): readonly string[] {
  if (!isRecord(parts)) return ['"parts" should be an object with total, until, from and scores']
  const scores = parts['scores']
  return [
    ...['total', 'until', 'from'].flatMap(name => (typeof parts[name] === 'string' ? [] : [`"parts.${name}" should be a name`])),
    ...(isRecord(scores)
      ? Object.entries(scores).flatMap(([name, score]) =>
          functionProblems(`parts.scores.${name}.of`, isRecord(score) ? score['of'] : score),
        )
      : ['"parts.scores" should be an object, { loss: { better: \'lower\', of: part => part.loss } }']),
  ]
}

function wayProblems(way: string, x: unknown): readonly string[] {
  if (way !== 'each') return functionProblems(way, x)
  if (!isRecord(x)) return ['"each" should be an object with elements, run and collect']
  return [
    ...['elements', 'run', 'collect'].flatMap(name => functionProblems(`each.${name}`, x[name])),
    ...(Array.isArray(x['shared']) ? [] : ['"each.shared" should be a list of input names']),
    ...(typeof x['parallel'] === 'boolean' ? [] : ['"each.parallel" should be true or false']),
  ]
}
