import { z } from 'zod'
import { readJsonFile } from './json-file.ts'
import { baseName } from './name.ts'
import { emptyPart, partNames, type Parts } from './parts.ts'
import { filesOf, type ImageRow } from './row.ts'

/** What turns ivadomed's own file into one that can be read here. */
export const joblibHint =
  "python's joblib files hold code, and are not read; convert it, with the Python that wrote it: " +
  `python -c "import joblib, json; json.dump(joblib.load('split_datasets.joblib'), open('split_datasets.json', 'w'))"`

const names = z.array(z.string()).readonly()
const splitFile = z.object({ train: names, valid: names, test: names })

/** A split_datasets.json: per part the ids of images, their file names, or subjects. */
export type GivenSplit = Readonly<z.infer<typeof splitFile>>

/** Reads a split that was written earlier, here or by ivadomed (after the conversion that `joblibHint` says). */
export const readSplit = (path: string): GivenSplit =>
  readJsonFile(path, 'the split of fname_split', splitFile, detail => ({ kind: 'bad-split-file', path, detail }))

/**
 * The rows that a given split names. A name is an id, else the name of a file (as ivadomed writes it), else a subject (as older
 * versions of ivadomed wrote). What the index does not have is told, and so are images that no part names.
 */
export function givenParts(rows: readonly ImageRow[], given: GivenSplit, warn: (line: string) => void): Parts {
  const unknown: string[] = []
  const named = new Set<ImageRow>()
  const find = (part: string, list: readonly string[]): readonly ImageRow[] => {
    const found = new Set<ImageRow>()
    for (const name of list) {
      const matches = matching(rows, name)
      if (matches.length === 0) unknown.push(name)
      for (const row of matches) found.add(row)
    }
    if (found.size === 0 && list.length > 0)
      emptyPart(part, [`the index has none of the ${list.length} images that fname_split names for it`])
    for (const row of found) named.add(row)
    return [...found]
  }
  const parts = { train: find('train', given.train), validation: find('validation', given.valid), test: find('test', given.test) }
  for (const part of partNames.slice(0, 2)) if (parts[part].length === 0) emptyPart(part, ['fname_split names no image for it'])
  if (unknown.length > 0) warn(`fname_split names images that the index does not have: ${listed(unknown)}`)
  const left = rows.filter(row => !named.has(row)).map(row => row.id)
  if (left.length > 0) warn(`not in any part, as fname_split does not name them: ${listed(left)}`)
  return parts
}

function matching(rows: readonly ImageRow[], name: string): readonly ImageRow[] {
  for (const key of [(r: ImageRow) => [r.id], (r: ImageRow) => filesOf(r).map(baseName), (r: ImageRow) => [r.subject]]) {
    const found = rows.filter(row => key(row).includes(name))
    if (found.length > 0) return found
  }
  return []
}

const listed = (all: readonly string[]): string =>
  all.length > 10 ? `${all.slice(0, 10).join(', ')} and ${all.length - 10} more` : all.join(', ')
