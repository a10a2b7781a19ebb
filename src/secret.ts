import { createReadStream } from 'node:fs'

/** What the environment holds, by name. */
export type Environment = Readonly<Record<string, string | undefined>>

const token = /\$\{secret\.([^}]*)\}/g
/** What stands where a secret stood. */
const HIDDEN = '***'

/** A secret as it stands in params, in fingerprints and on disk: `${secret.TOKEN}`. Only the process of a step puts the value there. */
export const secretToken = (name: string): string => `\${secret.${name}}`

/** Whether a text has a secret in it, whose value is not known yet. */
export const hasSecret = (text: string): boolean => text.search(token) >= 0

/** The secrets of a unit of work: puts them in, and takes them out of all that leaves it. */
export interface Secrets {
  /** The value with every `${secret.X}` replaced by what the environment holds. */
  reveal(x: unknown): unknown
  /** The value with every secret in its texts replaced by `***`. */
  hide<T>(x: T): T
  /** Whether a text tells a secret. */
  isTold(text: string): boolean
  /** The first file that tells a secret, as bytes. */
  toldBy(paths: readonly string[]): Promise<string | undefined>
}

/** The secrets that some values name. */
export function secretsOf(x: unknown, env: Environment): Secrets {
  const names = new Set([...texts(x)].flatMap(text => [...text.matchAll(token)].map(match => match[1]!)))
  const values = [...names].map(name => env[name] ?? '').filter(value => value !== '')
  // The longest first: one may be a part of another.
  const spellings = [...new Set(values.flatMap(spellingsOf))].sort((a, b) => b.length - a.length)
  const hideText = (text: string): string => spellings.reduce((t, s) => t.replaceAll(s, HIDDEN), text)
  return {
    reveal: value => mapTexts(value, text => text.replace(token, (_, name: string) => env[name] ?? '')),
    // One cast: only texts change, and stay texts.
    hide: <T>(value: T): T => (spellings.length ? (mapTexts(value, hideText) as T) : value),
    isTold: text => spellings.some(s => text.includes(s)),
    async toldBy(paths) {
      for (const path of spellings.length ? paths : []) if (await tells(path, spellings)) return path
      return undefined
    },
  }
}

/** A value as it is, and as it may be found in a URL, in JSON and in a header. */
const spellingsOf = (value: string): string[] => [
  value,
  encodeURI(value),
  encodeURIComponent(value),
  JSON.stringify(value).slice(1, -1),
  Buffer.from(value).toString('base64'),
]

async function tells(path: string, spellings: readonly string[]): Promise<boolean> {
  const wanted = spellings.map(s => Buffer.from(s))
  const longest = Math.max(...wanted.map(w => w.length))
  let kept = Buffer.alloc(0)
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes = Buffer.concat([kept, chunk as Buffer])
    if (wanted.some(w => bytes.includes(w))) return true
    // A secret may lie across two chunks.
    kept = Buffer.from(bytes.subarray(Math.max(0, bytes.length - longest + 1)))
  }
  return false
}

function* texts(x: unknown): Generator<string> {
  if (typeof x === 'string') yield x
  else if (typeof x === 'object' && x !== null) for (const value of Object.values(x)) yield* texts(value)
}

function mapTexts(x: unknown, change: (text: string) => string): unknown {
  if (typeof x === 'string') return change(x)
  if (Array.isArray(x)) return x.map(item => mapTexts(item, change))
  if (typeof x === 'object' && x !== null)
    return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, mapTexts(value, change)]))
  return x
}

/** A command line or an address without the passwords in its URLs: `redis://me:***@host`. */
export const withoutPassword = (text: string): string => text.replace(/(\/\/[^\s/:@]*):[^\s/@]+@/g, `$1:${HIDDEN}@`)
