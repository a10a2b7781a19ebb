import { nameBy, type BidsConfig } from './config.ts'
import { labelKey } from './labels.ts'
import { baseName, type BidsName, parseLoosely, parseName } from './name.ts'

/** An image by its path: what its name says, its id, and what the names of its labels begin with. */
export interface RawImage {
  readonly path: string
  readonly name: BidsName
  readonly id: string
  readonly labelStem: string
}

/** Which names are taken for images. */
export interface Naming {
  readonly extensions: readonly string[]
  /** False: names that BIDS does not know are taken too, as far as they can be understood. */
  readonly bids_validate: boolean
  /** Patterns that find entities in paths; names that they understand need not be of BIDS. */
  readonly config?: BidsConfig | undefined
}

/** The images of a dataset, and the paths that cannot be one, for warnings. */
export interface RawImages {
  readonly images: readonly RawImage[]
  readonly invalid: readonly string[]
}

/** Files below sub-*, whatever their extension, that BIDS gives a meaning; and the names that it does not know. */
export function rawImages(files: readonly string[], naming: Naming): RawImages {
  const images: RawImage[] = []
  const invalid: string[] = []
  for (const path of files) {
    if (!path.startsWith('sub-') || !path.includes('/') || path.endsWith('.json') || path.endsWith('.tsv')) continue
    const image = rawImage(path, naming)
    if (image) images.push(image)
    else invalid.push(path)
  }
  return { images, invalid }
}

function rawImage(path: string, { extensions, bids_validate, config }: Naming): RawImage | undefined {
  const subject = path.slice(0, path.indexOf('/'))
  const strict = parseName(baseName(path))
  const isStrict = strict && `sub-${strict.entities.sub}` === subject
  if (isStrict && !config) return { path, name: strict, id: strict.stem, labelStem: strict.stem }
  const loose = isStrict ? strict : bids_validate && !config ? undefined : looseName(path, subject, extensions)
  if (!loose) return undefined
  const name = config ? nameBy(config, path, loose) : loose
  return { path, name, id: idOf(name), labelStem: labelKey(path.slice(0, path.length - name.extension.length)) }
}

/** A name that BIDS does not know. What it does not say itself of subject and session, its folders do. */
function looseName(path: string, subject: string, extensions: readonly string[]): BidsName | undefined {
  const name = parseLoosely(baseName(path), extensions)
  if (!name) return undefined
  // Misfiled rather than misnamed: whose image it is, nobody can tell.
  if (name.entities.sub !== undefined && `sub-${name.entities.sub}` !== subject) return undefined
  const session = path
    .split('/')
    .slice(1, -1)
    .find(folder => folder.startsWith('ses-'))
  const folders = { sub: subject.slice('sub-'.length), ...(session === undefined ? {} : { ses: session.slice('ses-'.length) }) }
  return { ...name, entities: { ...folders, ...name.entities } }
}

/** The stem of the name, with subject and session before it where it lacks them; of characters that files may have everywhere. */
function idOf({ stem, entities }: BidsName): string {
  const words = stem.split('_')
  const place = ['sub', 'ses'].flatMap(key => (entities[key] === undefined ? [] : [`${key}-${entities[key]}`]))
  return [...place.filter(word => !words.includes(word)), stem].join('_').replace(/[^a-zA-Z0-9_.-]/g, '-')
}
