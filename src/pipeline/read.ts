import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Alias,
  type Document,
  type Node,
  type Pair,
  type Scalar,
  type YAMLError,
} from 'yaml'
import type { Location } from '../failure.ts'
import type { Member, Report, Tree } from './tree.ts'

/** Text that may be YAML, and where its characters lie. */
export interface Source {
  readonly text: string
  /** The place of the characters from `start` up to `end`. */
  place(start: number, end: number): Location
}

/** A file as a source. A place is cut at the end of its first line. */
export function fileSource(file: string, text: string): Source {
  const lines = new LineCounter()
  lines.addNewLine(0)
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) lines.addNewLine(i + 1)
  return {
    text,
    place(start, end) {
      const { line, col } = lines.linePos(start)
      const lineEnd = text.indexOf('\n', start)
      const length = Math.max(1, Math.min(end, lineEnd < 0 ? text.length : lineEnd) - start)
      return { file, line, column: col, length }
    },
  }
}

/** Reads YAML 1.2 with merge keys (`<<`). Undefined when the text is empty or nothing could be made of it. */
export function readYaml(source: Source, report: Report): Tree | undefined {
  const document = parseDocument(source.text, { merge: true, prettyErrors: false, uniqueKeys: false })
  reportSyntax(source, [...document.errors, ...document.warnings], report)
  return document.contents ? new Reader(source, document, report).read(document.contents) : undefined
}

/** One syntax error a line: what follows in the same line is most often its echo. */
function reportSyntax(source: Source, errors: readonly YAMLError[], report: Report): void {
  const lines = new Set<number>()
  for (const error of errors) {
    const at = source.place(...error.pos)
    if (lines.has(at.line)) continue
    lines.add(at.line)
    report({ kind: 'yaml-syntax', at, ...explain(error, lineAround(source.text, error.pos[0])) })
  }
}

const lineAround = (text: string, offset: number): string => text.slice(text.lastIndexOf('\n', offset - 1) + 1).split('\n', 1)[0]!

/** YAML's own messages, in words for who meets YAML a few times a year. */
const words: Partial<Record<YAMLError['code'], { readonly detail: string; readonly hint?: string }>> = {
  TAB_AS_INDENT: { detail: 'a tab cannot indent YAML', hint: 'use spaces' },
  BLOCK_AS_IMPLICIT_KEY: {
    detail: 'a second "key:" in one line',
    hint: 'indent it under the first, or put a text that has ": " in it in quotes',
  },
  MULTILINE_IMPLICIT_KEY: {
    detail: 'this line fits neither the one before nor the one after it',
    hint: 'look for a missing ":" or wrong indentation',
  },
  BAD_INDENT: { detail: 'wrong indentation, or a bracket that is not closed' },
  MULTIPLE_DOCS: { detail: 'a second document starts here; a pipeline is one', hint: 'remove the line "---"' },
  TAG_RESOLVE_FAILED: { detail: 'YAML tags (!name) mean nothing here', hint: 'put a text that starts with "!" in quotes' },
  BAD_SCALAR_START: { detail: 'a text cannot start with this character', hint: 'put it in quotes' },
}

function explain(error: YAMLError, line: string): { detail: string; hint?: string } {
  if (/[[{,:]\s*\$\{/.test(line) && /UNEXPECTED_TOKEN|MISSING_CHAR|BAD_INDENT/.test(error.code))
    return { detail: 'a variable inside { } or [ ] needs quotes', hint: 'write "${vars.name}"' }
  return words[error.code] ?? { detail: error.message.charAt(0).toLowerCase() + error.message.slice(1) }
}

/** How many values aliases may multiply a file into. */
const MAX_VALUES = 100_000

class Reader {
  readonly #source: Source
  readonly #document: Document.Parsed
  readonly #report: Report
  readonly #open = new Set<Node>()
  #values = 0

  constructor(source: Source, document: Document.Parsed, report: Report) {
    this.#source = source
    this.#document = document
    this.#report = report
  }

  read(node: Node): Tree {
    const at = this.#place(node)
    if (++this.#values > MAX_VALUES) {
      // Said once: the holes above it are not filled again.
      if (this.#values === MAX_VALUES + 1) this.#syntax(at, `the aliases (*name) of this file stand for more than ${MAX_VALUES} values`)
      return { kind: 'hole', at }
    }
    if (isAlias(node)) return this.#alias(node, at)
    if (isScalar(node)) return this.#scalar(node, at)
    this.#open.add(node)
    const tree: Tree = isMap<Node, Node | null>(node)
      ? { kind: 'mapping', at, entries: this.#entries(node.items) }
      : isSeq<Node>(node)
        ? { kind: 'list', at, items: node.items.map(item => this.read(item)) }
        : { kind: 'hole', at }
    this.#open.delete(node)
    return tree
  }

  #scalar(node: Scalar, at: Location): Tree {
    const { value } = node
    const source = this.#source.text.slice(...this.#range(node))
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return { kind: 'scalar', value, at, source }
    this.#syntax(at, `${source} is no value that a pipeline can hold`)
    return { kind: 'hole', at }
  }

  #alias(node: Alias, at: Location): Tree {
    const target = node.resolve(this.#document)
    if (target && !this.#open.has(target)) return this.read(target)
    this.#syntax(
      at,
      target
        ? `*${node.source} stands inside the value that it names`
        : `*${node.source} names no anchor: &${node.source} is not written above it`,
    )
    return { kind: 'hole', at }
  }

  #entries(pairs: readonly Pair<Node, Node | null>[]): ReadonlyMap<string, Member> {
    const own = new Map<string, Member>()
    const merged: Tree[] = []
    for (const pair of pairs) {
      const key = this.#key(pair.key)
      if (key === undefined) continue
      const place = this.#place(pair.key)
      const value: Tree = pair.value ? this.read(pair.value) : { kind: 'scalar', value: null, at: place, source: '' }
      if (key === '<<') {
        merged.push(value)
        continue
      }
      const first = own.get(key)
      if (first) this.#report({ kind: 'duplicate-key', key, firstLine: first.key.line, at: place })
      else own.set(key, { key: place, value })
    }
    // What is written out wins over what is merged; of several merged mappings the first wins.
    for (const tree of merged.flatMap(tree => (tree.kind === 'list' ? tree.items : [tree]))) {
      if (tree.kind === 'mapping') for (const [key, member] of tree.entries) if (!own.has(key)) own.set(key, member)
      if (tree.kind === 'scalar') this.#syntax(tree.at, '"<<" merges mappings, and this is none')
    }
    return own
  }

  /** The key's characters: `01` stays `01`. */
  #key(node: Node): string | undefined {
    if (isScalar(node) && typeof node.value === 'string') return node.value
    const source = this.#source.text.slice(...this.#range(node))
    if (isScalar(node) && source) return source
    this.#syntax(this.#place(node), 'a key must be a text')
    return undefined
  }

  #syntax(at: Location, detail: string): void {
    this.#report({ kind: 'yaml-syntax', at, detail })
  }

  #place(node: Node): Location {
    return this.#source.place(...this.#range(node))
  }

  #range(node: Node): [number, number] {
    return node.range ? [node.range[0], node.range[1]] : [0, 0]
  }
}
