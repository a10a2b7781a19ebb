import type { LabelFinder } from './labels.ts'
import type { RawImage } from './raw-images.ts'

/** What of an index's params decides the labels. */
export interface LabelParams {
  readonly target_suffix: readonly (string | readonly string[])[]
  readonly extensions: readonly string[]
  readonly roi_suffix?: string | undefined
  readonly label_contrast?: string | undefined
}

/** The rater's suffixes of each class. */
export const ratersOf = (p: Pick<LabelParams, 'target_suffix'>): readonly (readonly string[])[] =>
  p.target_suffix.map(t => (typeof t === 'string' ? [t] : t))

/** The labels of an image. */
export interface FoundLabels {
  readonly labels: readonly (readonly string[])[]
  readonly roi?: string | undefined
  /** Names of the files that are not there, by class. */
  readonly missing: readonly string[]
  /** Why the image cannot be used, if so. */
  readonly unusable?: string | undefined
}

/**
 * The labels of an image, or of the channels of one. Of several channels, which lie on one grid, a class has the labels of the first
 * that has any, or those of `label_contrast` alone; ivadomed takes those of the file that it meets last.
 */
export function findLabels(channels: readonly RawImage[], finder: LabelFinder, params: LabelParams): FoundLabels {
  const { label_contrast: named, roi_suffix } = params
  const sources = named === undefined || channels.length === 1 ? channels : channels.filter(({ name }) => name.suffix === named)
  const { name } = sources[0]!
  const fileName = (suffix: string) => `${name.stem}${suffix.startsWith('_') ? '' : '_'}${suffix}${name.extension}`
  const filesOf = (suffixes: readonly string[]): readonly string[] =>
    sources.map(image => suffixes.flatMap(suffix => find(image, suffix, finder, params) ?? [])).find(files => files.length > 0) ?? []

  const raters = ratersOf(params)
  const labels = raters.map(filesOf)
  const missing = raters.filter((_, k) => labels[k]!.length === 0).map(suffixes => suffixes.map(fileName).join(' or '))
  const roi = roi_suffix === undefined ? undefined : filesOf([roi_suffix])[0]
  if (raters.length > 0 && missing.length === raters.length) {
    const there = sources.flatMap(({ labelStem }) => finder.suffixesOf(labelStem))
    const instead = there.length > 0 ? `; there is ${[...new Set(there)].join(', ')}` : ''
    return { labels, missing, unusable: `${missingText(missing)}${instead}` }
  }
  if (roi_suffix !== undefined && roi === undefined)
    return { labels, missing, unusable: `its region of interest ${fileName(roi_suffix)} is not below derivatives/` }
  return { labels, roi, missing }
}

function find({ name, labelStem }: RawImage, suffix: string, finder: LabelFinder, { extensions }: LabelParams): string | undefined {
  return finder.find(labelStem, suffix, [name.extension, ...extensions.filter(e => e !== name.extension)])
}

/** What is said of labels that are not there. */
export const missingText = (missing: readonly string[]): string =>
  `its label ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not below derivatives/`
