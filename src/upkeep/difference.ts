import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artifact, FileEntry } from '../artifact.ts'
import { canonical } from '../fingerprint.ts'

/** How two makings of the same result differ. */
export type Difference =
  /** A number of the document or of a table: the drift of a metric. */
  | { readonly kind: 'number'; readonly where: string; readonly was: number; readonly is: number }
  | { readonly kind: 'value'; readonly where: string; readonly was: string; readonly is: string }
  | { readonly kind: 'bytes'; readonly file: string; readonly differing: number; readonly of: number }
  | { readonly kind: 'missing' | 'extra'; readonly file: string }

/** All differences of documents, tables (CSV, TSV) and bytes; empty for equal results. */
export async function differencesOf(was: Artifact<unknown>, is: Artifact<unknown>): Promise<readonly Difference[]> {
  const documents = leavesDiffer(leavesOf(was.value), leavesOf(is.value), '')
  const there = new Map(is.files.map(file => [file.path, file]))
  const files: Difference[] = []
  for (const file of was.files) {
    const other = there.get(file.path)
    if (!other) files.push({ kind: 'missing', file: file.path })
    else if (other.digest !== file.digest) files.push(...(await fileDiffers(was, is, file)))
  }
  const known = new Set(was.files.map(file => file.path))
  const extra = is.files.filter(file => !known.has(file.path)).map(({ path }): Difference => ({ kind: 'extra', file: path }))
  return [...documents, ...files, ...extra]
}

/** The bytes of a file, and what its numbers say where it is a table. */
async function fileDiffers(was: Artifact<unknown>, is: Artifact<unknown>, { path }: FileEntry): Promise<readonly Difference[]> {
  const [a, b] = [join(was.dir, path), join(is.dir, path)]
  const bytes: Difference = { kind: 'bytes', file: path, ...(await countDiffering(a, b)) }
  if (!/\.[ct]sv$/.test(path)) return [bytes]
  const [tableA, tableB] = await Promise.all([a, b].map(file => readFile(file, 'utf8')))
  return [bytes, ...leavesDiffer(cellsOf(tableA!), cellsOf(tableB!), `${path} `)]
}

const CHUNK = 1 << 20

/** Bytes that are not equal, those beyond the end of the shorter file too, of so many of the longer. */
async function countDiffering(a: string, b: string): Promise<{ readonly differing: number; readonly of: number }> {
  const files = await Promise.all([open(a), open(b)])
  try {
    const [sizeA, sizeB] = (await Promise.all(files.map(file => file.stat()))).map(stat => stat.size) as [number, number]
    let differing = Math.abs(sizeA - sizeB)
    const common = Math.min(sizeA, sizeB)
    for (let at = 0; at < common; at += CHUNK) {
      const length = Math.min(CHUNK, common - at)
      const [x, y] = await Promise.all(files.map(file => readFully(file, at, length)))
      for (let i = 0; i < length; i++) if (x![i] !== y![i]) differing++
    }
    return { differing, of: Math.max(sizeA, sizeB) }
  } finally {
    await Promise.all(files.map(file => file.close()))
  }
}

async function readFully(file: Awaited<ReturnType<typeof open>>, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done)
    if (bytesRead === 0) throw new Error('a file became shorter while it was read')
    done += bytesRead
  }
  return bytes
}

type Leaves = ReadonlyMap<string, unknown>

/** Every value of a document that holds no others, by its path: `images.0.id`. */
function leavesOf(value: unknown): Leaves {
  const leaves = new Map<string, unknown>()
  const walk = (x: unknown, path: string): void => {
    const members = typeof x === 'object' && x !== null ? Object.entries(x) : []
    if (members.length === 0) leaves.set(path || 'document', x)
    for (const [key, member] of members) walk(member, path ? `${path}.${key}` : key)
  }
  walk(value, '')
  return leaves
}

/** Every cell of a table, by the first cell of its row (and its line, since these may repeat) and the head of its column. */
function cellsOf(text: string): Leaves {
  const [head = [], ...rows] = text
    .trimEnd()
    .split(/\r?\n/)
    .map(line => line.split(/[,\t]/))
  return new Map(
    rows.flatMap((row, line) =>
      row.map((cell, column) => {
        const number = cell.trim() === '' ? NaN : Number(cell)
        return [`${row[0]} (line ${line + 2}) ${head[column] ?? column + 1}`, Number.isNaN(number) ? cell : number] as const
      }),
    ),
  )
}

const shown = (x: unknown): string => (x === undefined ? 'nothing' : typeof x === 'number' ? String(x) : canonical(x))

function leavesDiffer(was: Leaves, is: Leaves, prefix: string): Difference[] {
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((path): Difference[] => {
    const [a, b] = [was.get(path), is.get(path)]
    if (shown(a) === shown(b)) return []
    const where = `${prefix}${path}`
    if (typeof a === 'number' && typeof b === 'number') return [{ kind: 'number', where, was: a, is: b }]
    return [{ kind: 'value', where, was: shown(a), is: shown(b) }]
  })
}
