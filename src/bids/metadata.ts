import { join } from 'node:path'
import { type BidsName, baseName, folderOf, parseName } from './name.ts'
import { type Metadata, readSidecar, readTsv } from './tables.ts'

interface Sidecar {
  readonly name: BidsName
  readonly path: string
}

/** What the files beside the images say of them: sidecars, and the tables of participants, samples, sessions and scans. */
export interface MetadataReader {
  /** All that is known of one image; what is nearer to the image wins. */
  of(image: string, name: BidsName): Metadata
  /** The subjects of participants.tsv, or undefined where there is no such table. */
  readonly participants: ReadonlySet<string> | undefined
  /** Sentences worth a warning. */
  readonly warnings: readonly string[]
}

/** Reads what is known of a dataset's images from the files in its listing; sidecars are read as they are asked for. */
export function metadataReader(dir: string, files: readonly string[]): MetadataReader {
  const warnings: string[] = []
  const sidecars = sidecarsByFolder(files)
  const present = new Set(files)
  const read = once((path: string) => readSidecar(join(dir, path)))
  const table = (path: string, keys: readonly string[]) => {
    if (!present.has(path)) return undefined
    const rows = readTsv(join(dir, path), keys)
    return keyed(rows, keys, key => warnings.push(`${path} has several rows for ${key}: the first one counts`))
  }
  const participants = table('participants.tsv', ['participant_id'])
  const samples = table('samples.tsv', ['participant_id', 'sample_id'])
  const sessions = once((subject: string) => table(`${subject}/${subject}_sessions.tsv`, ['session_id']))
  const scans = once((path: string) => table(path, ['filename']))

  const of = (image: string, name: BidsName): Metadata => {
    const subject = `sub-${name.entities.sub}`
    const session = name.entities.ses === undefined ? undefined : `ses-${name.entities.ses}`
    const sample = name.entities.sample === undefined ? undefined : `sample-${name.entities.sample}`
    const place = session === undefined ? subject : `${subject}/${session}`
    const scansPath = `${place}/${place.replace('/', '_')}_scans.tsv`
    return Object.assign(
      {},
      participants?.get(subject),
      sample === undefined ? undefined : samples?.get(`${subject} ${sample}`),
      session === undefined ? undefined : sessions(subject)?.get(session),
      scans(scansPath)?.get(image.slice(place.length + 1)),
      ...withOwn(sidecarsOf(sidecars, image, name), image, name, present).map(read),
    ) as Metadata
  }
  return { of, participants: participants && new Set(participants.keys()), warnings }
}

/** Rows by the values of their key columns; the names of things get the prefix that BIDS wants, if they lack it. */
function keyed(rows: readonly Metadata[], keys: readonly string[], twice: (key: string) => void): ReadonlyMap<string, Metadata> {
  const prefixes: Readonly<Record<string, string>> = { participant_id: 'sub-', sample_id: 'sample-', session_id: 'ses-' }
  const found = new Map<string, Metadata>()
  for (const row of rows) {
    const named = Object.fromEntries(
      keys.map(key => {
        const value = String(row[key])
        const prefix = prefixes[key] ?? ''
        return [key, value.startsWith(prefix) ? value : prefix + value]
      }),
    )
    const key = keys.map(k => named[k]).join(' ')
    if (found.has(key)) twice(key)
    else found.set(key, key === named.filename ? without(row, 'filename') : { ...row, ...named })
  }
  return found
}

const without = (row: Metadata, key: string): Metadata => Object.fromEntries(Object.entries(row).filter(([k]) => k !== key))

function sidecarsByFolder(files: readonly string[]): ReadonlyMap<string, readonly Sidecar[]> {
  const found = new Map<string, Sidecar[]>()
  for (const path of files) {
    if (!path.endsWith('.json')) continue
    const name = parseName(baseName(path))
    if (name?.extension !== '.json') continue
    const key = `${folderOf(path)}:${name.suffix}`
    const list = found.get(key)
    if (list) list.push({ name, path })
    else found.set(key, [{ name, path }])
  }
  return found
}

/**
 * The sidecars that hold for an image, the most general first: BIDS's inheritance principle. One holds if it lies in the
 * image's folder or above, has its suffix, and names no entity that the image does not have.
 */
function sidecarsOf(sidecars: ReadonlyMap<string, readonly Sidecar[]>, image: string, name: BidsName): readonly string[] {
  const folders = ['']
  for (let at = image.indexOf('/'); at >= 0; at = image.indexOf('/', at + 1)) folders.push(image.slice(0, at))
  const specificity = (s: Sidecar) => Object.keys(s.name.entities).length
  return folders.flatMap(folder =>
    (sidecars.get(`${folder}:${name.suffix}`) ?? [])
      .filter(s => Object.entries(s.name.entities).every(([key, value]) => name.entities[key] === value))
      .sort((a, b) => specificity(a) - specificity(b))
      .map(s => s.path),
  )
}

/** And the one of the image's own name, where that is not one of BIDS. */
function withOwn(found: readonly string[], image: string, name: BidsName, present: ReadonlySet<string>): readonly string[] {
  const own = `${image.slice(0, image.length - name.extension.length)}.json`
  return present.has(own) && !found.includes(own) ? [...found, own] : found
}

/** Remembers what a function gave for a text. */
function once<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>()
  return key => {
    if (!made.has(key)) made.set(key, make(key))
    return made.get(key)!
  }
}
