import { fail, FailureError, failed, ok, type Location, type Result } from '../failure.ts'
import type { Source } from '../pipeline/read.ts'
import type { Member, Scalar, Tree } from '../pipeline/tree.ts'

/** Reads strict JSON into values that know their places. The first mistake ends it, with its line and column. */
export function readJson(source: Source): Result<Tree> {
  try {
    return ok(new Reader(source).document())
  } catch (error) {
    if (error instanceof FailureError) return failed(error.failure)
    throw error
  }
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const word = /[A-Za-z]+/y
const space = /[ \t\r\n]*/y
const text = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const words: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null }
/** What Python and JavaScript write, and JSON does not. */
const foreign: Readonly<Record<string, string>> = { True: 'true', False: 'false', None: 'null', undefined: 'null' }

class Reader {
  readonly #source: Source
  readonly #text: string
  /** Where brackets that are still open stand. */
  readonly #open: number[] = []
  #at: number

  constructor(source: Source) {
    this.#source = source
    this.#text = source.text
    this.#at = source.text.startsWith('\uFEFF') ? 1 : 0
  }

  document(): Tree {
    const tree = this.#value()
    this.#match(space)
    if (this.#at < this.#text.length) this.#stop('the configuration ends before this', 'remove what follows it')
    return tree
  }

  #value(): Tree {
    this.#match(space)
    const start = this.#at
    const first = this.#text[start]
    if (first === '{') return { kind: 'mapping', entries: this.#mapping(), at: this.#place(start) }
    if (first === '[') return { kind: 'list', items: this.#list(), at: this.#place(start) }
    if (first === '"') return this.#scalar(start, JSON.parse(this.#string()) as string)
    const digits = this.#match(number)
    if (digits) return this.#scalar(start, Number(digits))
    const name = this.#match(word)
    if (name !== undefined && Object.hasOwn(words, name)) return this.#scalar(start, words[name]!)
    return this.#noValue(start, name)
  }

  #scalar(start: number, value: Scalar['value']): Scalar {
    return { kind: 'scalar', value, at: this.#place(start), source: this.#text.slice(start, this.#at) }
  }

  #mapping(): ReadonlyMap<string, Member> {
    const entries = new Map<string, Member>()
    this.#inside('}', () => {
      const start = this.#at
      if (this.#text[start] !== '"') this.#stop('a key stands in double quotes here', this.#keyHint())
      const key = JSON.parse(this.#string()) as string
      const place = this.#place(start)
      const twice = entries.get(key)
      if (twice) fail({ kind: 'duplicate-key', key, firstLine: twice.key.line, at: place })
      this.#match(space)
      if (this.#text[this.#at] !== ':') this.#stop(`":" is missing after the key "${key}"`)
      this.#at++
      entries.set(key, { key: place, value: this.#value() })
    })
    return entries
  }

  #list(): readonly Tree[] {
    const items: Tree[] = []
    this.#inside(']', () => items.push(this.#value()))
    return items
  }

  /** From a bracket to its partner: what stands between, separated by commas. */
  #inside(closer: '}' | ']', item: () => void): void {
    this.#open.push(this.#at++)
    this.#match(space)
    while (this.#text[this.#at] !== closer) {
      item()
      this.#match(space)
      if (this.#text[this.#at] === ',') {
        this.#at++
        this.#match(space)
        if (this.#text[this.#at] === closer) this.#stop(`a comma too many before "${closer}"`, 'remove the comma')
      } else if (this.#text[this.#at] !== closer) {
        this.#stop(`"," or "${closer}" is missing before this`)
      }
    }
    this.#at++
    this.#open.pop()
  }

  #string(): string {
    const found = this.#match(text)
    if (found !== undefined) return found
    const line = this.#text.slice(this.#at).split('\n', 1)[0]!
    const closed = /^"(?:[^"\\]|\\.)*"/.test(line)
    return this.#stop(
      closed ? 'this text has a character that JSON does not allow' : 'this text has no closing quote in its line',
      closed ? 'a backslash is written \\\\, and a tab \\t' : undefined,
    )
  }

  #noValue(start: number, name: string | undefined): never {
    this.#at = start
    if (name && foreign[name]) this.#stop(`${name} is not JSON`, `write ${foreign[name]}`)
    if (name) this.#stop(`${name} is not JSON`, `for the text write "${name}"`)
    if (this.#text[start] === "'") this.#stop('a text stands in double quotes', 'write " in the place of \'')
    return this.#stop('a value is missing here')
  }

  #keyHint(): string | undefined {
    const here = this.#text[this.#at]
    return here === "'" ? 'write " in the place of \'' : here === ',' ? 'a comma too many' : undefined
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #place(start: number, end = this.#at): Location {
    return this.#source.place(start, end)
  }

  #stop(detail: string, hint?: string): never {
    const at = this.#place(this.#at, this.#at + 1)
    const opened = this.#open.at(-1)
    if (this.#at >= this.#text.length)
      return fail({
        kind: 'json-syntax',
        detail:
          opened === undefined ? 'the file is empty' : `the file ends, and the bracket of line ${this.#place(opened).line} is not closed`,
        at,
      })
    if (this.#text.startsWith('//', this.#at) || this.#text.startsWith('/*', this.#at) || this.#text[this.#at] === '#')
      return fail({ kind: 'json-syntax', detail: 'JSON has no comments', hint: 'remove it', at })
    return fail({ kind: 'json-syntax', detail, ...(hint === undefined ? {} : { hint }), at })
  }
}
