import type { Random } from '../../src/random.ts'

/** What a hostile or careless hand writes in the place of a value. */
const words = [
  ...['', 'null', '~', '[]', '{}', '-1', '0', '1e308', '-1e309', 'NaN', '.inf', '99999999999999999999', '0x7fffffff', 'true', 'n/a', '1.5'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '../../../etc/passwd', '/etc/shadow', '.', '..', 'a/../..', '\\\\x\\y'],
  ...[
    '${env.HOME}',
    '${env.NOPE}',
    '${vars.x}',
    '${',
    '*a',
    '&a',
    '&a [*a]',
    '!!js/function "x"',
    '!!binary aGk=',
    '<<: *a',
    '- ',
    '? ',
    ': ',
  ],
  ...[
    '"',
    "'",
    '\t',
    '\r',
    '\u0000',
    '\uFEFF',
    '\uD800',
    '𝒳',
    'a'.repeat(3000),
    '['.repeat(300),
    '{"a":'.repeat(300),
    '%YAML 9.9',
    '---\n',
    '...\n',
  ],
] as const

/** Values in the place of others in JSON. */
const values: readonly unknown[] = [
  ...[
    null,
    true,
    -1,
    0,
    1.5,
    1e308,
    2 ** 53,
    '',
    'a',
    '../x',
    '__proto__',
    [],
    {},
    [null],
    [[[[]]]],
    { a: 1 },
    ['', ''],
    [1, 'a'],
    '\u0000',
  ],
]

const pick = <T>(random: Random, list: readonly T[]): T => list[random.integer(list.length)]!
/** A place and a length in something of `size`. */
const range = (random: Random, size: number): readonly [number, number] => {
  const from = random.integer(size + 1)
  return [from, Math.min(size, from + random.integer(2) * random.integer(64) + random.integer(8))]
}

type Mutation<T> = (from: T, random: Random) => T

const textMutations: readonly Mutation<string>[] = [
  (t, r) => splice(t, range(r, t.length), ''),
  (t, r) => splice(t, range(r, t.length), pick(r, words)),
  (t, r) => splice(t, tokenOf(t, r), pick(r, words)),
  (t, r) => splice(t, tokenOf(t, r), t.slice(...tokenOf(t, r))),
  (t, r) => splice(t, lineOf(t, r), ''),
  (t, r) => splice(t, [lineOf(t, r)[0], lineOf(t, r)[0]], t.slice(...lineOf(t, r))),
  (t, r) => splice(t, lineOf(t, r), `${' '.repeat(r.integer(9))}${t.slice(...lineOf(t, r)).trim()}\n`),
  (t, r) => t.slice(0, r.integer(t.length + 1)),
]
const splice = (t: string, [from, to]: readonly [number, number], by: string): string => t.slice(0, from) + by + t.slice(to)

/** A word or number of a text. */
function tokenOf(text: string, random: Random): readonly [number, number] {
  const tokens = [...text.matchAll(/[\w.$-]+|[^\w\s]/g)]
  if (tokens.length === 0) return [0, 0]
  const token = pick(random, tokens)
  return [token.index, token.index + token[0].length]
}

function lineOf(text: string, random: Random): readonly [number, number] {
  const from = text.lastIndexOf('\n', random.integer(text.length + 1)) + 1
  const to = text.indexOf('\n', from)
  return [from, to < 0 ? text.length : to + 1]
}

const byteMutations: readonly Mutation<Buffer>[] = [
  (b, r) => changed(b, r, at => b[at]! ^ (1 << r.integer(8))),
  (b, r) => changed(b, r, () => pick(r, [0, 1, 0x7f, 0x80, 0xff])),
  (b, r) => Buffer.concat([b.subarray(0, range(r, b.length)[0]), b.subarray(range(r, b.length)[1])]),
  (b, r) => b.subarray(0, r.integer(b.length + 1)),
  (b, r) => Buffer.concat([b, b.subarray(...range(r, b.length))]),
]
function changed(bytes: Buffer, random: Random, to: (at: number) => number): Buffer {
  if (bytes.length === 0) return bytes
  const copy = Buffer.from(bytes)
  const at = random.integer(bytes.length)
  copy[at] = to(at)
  return copy
}

/** One to four changes, one after the other; mostly one. */
function several<T>(from: T, mutations: readonly Mutation<T>[], random: Random): T {
  let result = from
  for (let k = random.integer(2) * random.integer(4); k >= 0; k--) result = pick(random, mutations)(result, random)
  return result
}

export const mutateText = (text: string, random: Random): string => several(text, textMutations, random)
export const mutateBytes = (bytes: Buffer, random: Random): Buffer => several(bytes, byteMutations, random)

/** Numbers in the fields of a NIfTI-1 header; the rest stays, so that readers get further than the first check. */
const fields = [
  { at: 0, write: (b: Buffer, at: number, n: number) => b.writeInt32LE(n | 0, at) },
  ...Array.from({ length: 8 }, (_, i) => ({ at: 40 + 2 * i, write: int16 })),
  ...[70, 72, 252, 254].map(at => ({ at, write: int16 })),
  ...[...Array.from({ length: 8 }, (_, i) => 76 + 4 * i), 108, 112, 116, ...Array.from({ length: 18 }, (_, i) => 256 + 4 * i)].map(at => ({
    at,
    write: float,
  })),
]
const numbers = [
  0,
  1,
  -1,
  2,
  3,
  4,
  5,
  7,
  8,
  16,
  64,
  128,
  256,
  348,
  352,
  512,
  768,
  1536,
  2304,
  32767,
  -32768,
  1e9,
  1e30,
  1e-30,
  NaN,
  Infinity,
]
function int16(b: Buffer, at: number, n: number): void {
  b.writeInt16LE(((n | 0) << 16) >> 16, at)
}
function float(b: Buffer, at: number, n: number): void {
  b.writeFloatLE(n, at)
}
export function mutateHeader(bytes: Buffer, random: Random): Buffer {
  const field: Mutation<Buffer> = (b, r) => {
    const copy = Buffer.from(b)
    const { at, write } = pick(r, fields)
    if (copy.length >= at + 4) write(copy, at, pick(r, numbers))
    return copy
  }
  return several(bytes, [field, field, field, field, ...byteMutations], random)
}

/** Values anywhere in JSON, keys too. */
export function mutateJson(value: unknown, random: Random): unknown {
  const change: Mutation<unknown> = (from, r) => {
    if (typeof from !== 'object' || from === null || r.uniform() < 0.1) return pick(r, values)
    if (Array.isArray(from)) {
      const list = from as readonly unknown[]
      const at = r.integer(list.length + 1)
      return [...list.slice(0, at), change(list[at], r), ...list.slice(at + 1)]
    }
    const entries = Object.entries(from)
    if (entries.length === 0) return { a: pick(r, values) }
    const [key] = pick(r, entries)
    const how = r.uniform()
    return Object.fromEntries(
      entries.flatMap(([k, v]): [string, unknown][] => {
        if (k !== key) return [[k, v]]
        if (how < 0.1) return []
        if (how < 0.2) return [[pick(r, words), v]]
        return [[k, change(v, r)]]
      }),
    )
  }
  return several(value, [change], random)
}
