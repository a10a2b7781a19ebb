import { fail } from '../failure.ts'
import { groupChannels, type Grouped } from './channels.ts'
import type { BidsConfig } from './config.ts'
import { findLabels, missingText, ratersOf } from './find-labels.ts'
import { labelFinder } from './labels.ts'
import { metadataReader } from './metadata.ts'
import { rawImages, type RawImage, type RawImages } from './raw-images.ts'
import { compare, type ImageRow } from './row.ts'

/** A dataset as the index sees it: where it lies, and the relative paths of its files. */
export interface DatasetListing {
  readonly name: string
  readonly dir: string
  readonly files: readonly string[]
}

/** Which images and labels to take; the names of ivadomed's loader_parameters. */
export interface IndexParams {
  /** Suffixes of the images; empty: all. */
  readonly contrasts: readonly string[]
  /** One label a class; a list of labels where several raters drew that class. Empty: images need no label. */
  readonly target_suffix: readonly (string | readonly string[])[]
  readonly extensions: readonly string[]
  readonly roi_suffix?: string | undefined
  /** Sessions to take, with or without `ses-`; empty: all. An image without a session is of none of them. */
  readonly target_sessions: readonly string[]
  /** False: names that BIDS does not know are taken too. */
  readonly bids_validate: boolean
  /** The contrasts are the channels of one image, in their order. */
  readonly multichannel?: boolean | undefined
  /** Of several channels, the one whose labels count; undefined: the first that has some, class by class. */
  readonly label_contrast?: string | undefined
}

/** How an index is made, beside what is in it. */
export interface IndexOptions {
  /** The contents of the file that `bids_config` names. */
  readonly config?: BidsConfig | undefined
  /** How many warnings of one kind are told in full: 10. */
  readonly told?: number | undefined
}

type Warn = (line: string) => void

/** What the classes are called: the label's suffix, the first rater's where there are several. */
export const targetNames = (p: IndexParams): readonly string[] => ratersOf(p).map(r => r[0]!)

/**
 * The images of the datasets and their labels, sorted by id. As ivadomed's BidsDataframe: raw files of the contrasts and
 * extensions asked for that have at least one label, and the region of interest if one is asked for; but labels are found
 * by their exact names. Reads tables and sidecars, never images.
 */
export function indexDatasets(
  datasets: readonly DatasetListing[],
  params: IndexParams,
  warn: Warn,
  { config, told = 10 }: IndexOptions = {},
): readonly ImageRow[] {
  const raw = datasets.map(d => rawImages(d.files, { ...params, config }))
  const rows = datasets.flatMap((dataset, at) => indexDataset(dataset, at, raw[at]!, params, several(dataset, datasets, warn), told))
  if (rows.length === 0) fail({ kind: 'no-images', asked: asked(params), found: whatIsThere(datasets, raw), ...nested(datasets) })
  const names = unique(rows, warn)
  return names.sort((a, b) => compare(a.id, b.id))
}

/** Warnings name the dataset where there are several. */
const several =
  (dataset: DatasetListing, all: readonly DatasetListing[], warn: Warn): Warn =>
  line =>
    warn(all.length > 1 ? `${dataset.name}: ${line}` : line)

function indexDataset(
  dataset: DatasetListing,
  at: number,
  raw: RawImages,
  params: IndexParams,
  warn: Warn,
  told: number,
): readonly ImageRow[] {
  const wanted = raw.images.filter(isWanted(params))
  const { groups, left } = params.multichannel ? groupChannels(wanted, params.contrasts) : oneByOne(wanted)
  const metadata = metadataReader(dataset.dir, dataset.files)
  const labels = labelFinder(dataset.files)
  const unlabelled = new Report('not used, as')
  const incomplete = new Report('used, though')
  for (const { path, reason } of left) unlabelled.add(path, reason)
  const rows = groups.flatMap(({ id, images }): ImageRow[] => {
    const { path, name } = images[0]!
    const found = findLabels(images, labels, params)
    if (found.unusable) unlabelled.add(path, found.unusable)
    if (found.unusable) return []
    if (found.missing.length > 0) incomplete.add(path, missingText(found.missing))
    const { sub, ses } = name.entities
    return [
      {
        id,
        dataset: at,
        subject: `sub-${sub}`,
        ...(ses === undefined ? {} : { session: `ses-${ses}` }),
        contrast: images.map(image => image.name.suffix).join('+'),
        entities: name.entities,
        image: path,
        ...(params.multichannel ? { channels: images.map(image => image.path) } : {}),
        labels: found.labels,
        ...(found.roi === undefined ? {} : { roi: found.roi }),
        metadata: metadata.of(path, name),
      },
    ]
  })
  for (const line of [...metadata.warnings, ...labels.warnings]) warn(line)
  const invalid = new Report('not used, as')
  for (const path of raw.invalid)
    if (params.extensions.some(extension => path.endsWith(extension)))
      invalid.add(path, 'its name is not one of BIDS, or not of its subject')
  for (const report of [invalid, unlabelled, incomplete]) report.lines(told).forEach(warn)
  participantWarnings(raw.images, metadata.participants).forEach(warn)
  return rows
}

/** Every image for itself. */
const oneByOne = (images: readonly RawImage[]): Grouped => ({ groups: images.map(image => ({ id: image.id, images: [image] })), left: [] })

/** Whether an image has an extension, a contrast and a session that are asked for. */
function isWanted({ extensions, contrasts, target_sessions }: IndexParams): (image: RawImage) => boolean {
  const sessions = target_sessions.map(s => (s.startsWith('ses-') ? s.slice('ses-'.length) : s))
  return ({ name }) =>
    extensions.includes(name.extension) &&
    (contrasts.length === 0 || contrasts.includes(name.suffix)) &&
    (sessions.length === 0 || (name.entities.ses !== undefined && sessions.includes(name.entities.ses)))
}

/** Lines of one kind: the first ones as they are, then how many more. */
class Report {
  readonly #lines: string[] = []
  readonly #word: string
  constructor(word: string) {
    this.#word = word
  }
  add(path: string, reason: string): void {
    this.#lines.push(`${path} is ${this.#word} ${reason}`)
  }
  lines(told: number): readonly string[] {
    const more = this.#lines.length - told
    return more > 0 ? [...this.#lines.slice(0, told), `... and ${more} more images ${this.#word} above`] : this.#lines
  }
}

function participantWarnings(images: readonly RawImage[], participants: ReadonlySet<string> | undefined): readonly string[] {
  const subjects = [...new Set(images.map(i => `sub-${i.name.entities.sub}`))].sort(compare)
  if (!participants) return ['there is no participants.tsv: nothing is known of the subjects but their names']
  const present = new Set(subjects)
  const unknown = subjects.filter(s => !participants.has(s))
  const absent = [...participants].filter(s => !present.has(s))
  return [
    ...(unknown.length > 0 ? [`not in participants.tsv, though there is a folder: ${list(unknown)}`] : []),
    ...(absent.length > 0 ? [`in participants.tsv, and no folder holds an image: ${list(absent)}`] : []),
  ]
}

const list = (names: readonly string[]): string =>
  names.length > 10 ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more` : names.join(', ')

/** Makes ids unique: a later dataset's image that is called like another gets `ds<k>_`; within a dataset the first one stays. */
function unique(rows: readonly ImageRow[], warn: Warn): ImageRow[] {
  const seen = new Map<string, ImageRow>()
  for (const row of rows) {
    const other = seen.get(row.id)
    const id = other && other.dataset !== row.dataset ? `ds${row.dataset}_${row.id}` : row.id
    const twin = seen.get(id)
    if (twin) warn(`${row.image} is not used, as ${twin.image} has the same name`)
    else seen.set(id, { ...row, id })
  }
  return [...seen.values()]
}

const asked = (p: IndexParams): readonly string[] => [
  `contrasts: ${p.contrasts.length > 0 ? p.contrasts.join(p.multichannel ? ' + ' : ', ') : 'all'}; extensions: ${p.extensions.join(', ')}`,
  ...(p.target_sessions.length > 0 ? [`sessions: ${p.target_sessions.join(', ')}`] : []),
  `labels: ${ratersOf(p).length > 0 ? ratersOf(p).flat().join(', ') : 'none needed'}; region of interest: ${p.roi_suffix ?? 'none'}`,
]

function whatIsThere(datasets: readonly DatasetListing[], raw: readonly RawImages[]): readonly string[] {
  const contrasts = new Map<string, number>()
  const labels = new Map<string, number>()
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1)
  datasets.forEach((dataset, at) => {
    const finder = labelFinder(dataset.files)
    for (const { name, labelStem } of raw[at]!.images) {
      count(contrasts, `${name.suffix}${name.extension}`)
      for (const suffix of finder.suffixesOf(labelStem)) count(labels, suffix)
    }
  })
  const text = (map: Map<string, number>) =>
    [...map]
      .sort(([a], [b]) => compare(a, b))
      .map(([key, n]) => `${key} (${n})`)
      .join(', ') || 'none'
  return [`images: ${text(contrasts)}`, `labels: ${text(labels)}`]
}

/** Where the subjects lie one folder down, that folder. */
function nested(datasets: readonly DatasetListing[]): { readonly inside?: string } {
  for (const { files } of datasets) {
    if (files.some(f => f.startsWith('sub-'))) continue
    const below = files.find(f => /^[^/]+\/sub-[^/]+\//.test(f))
    if (below) return { inside: below.slice(0, below.indexOf('/')) }
  }
  return {}
}
