import { findFile, type Artifact, type FileRef } from '../artifact.ts'
import { fail } from '../failure.ts'

/** Of an index: the classes, and which label files each image has. */
interface Labelled {
  readonly targets: readonly string[]
  readonly images: readonly { readonly id: string; readonly dataset: number; readonly labels: readonly (readonly string[])[] }[]
}

/** The label files of an image, per class of `targets` those of its raters; no classes where the index does not know the image. */
export function labelFiles(
  id: string,
  targets: readonly string[],
  index: Labelled,
  datasets: readonly Artifact<unknown>[],
): readonly FileRef[][] {
  const image = index.images.find(row => row.id === id)
  if (!image) return []
  const from = datasets[image.dataset]
  const file = (path: string): FileRef =>
    (from && findFile(from, path)) ?? fail({ kind: 'image-not-in-dataset', id, path, dataset: image.dataset, datasets: datasets.length })
  return targets.map(target => (image.labels[index.targets.indexOf(target)] ?? []).map(file))
}

/** The file or files of one name that an element works on. */
export const filesUnder = (file: FileRef | readonly FileRef[] | undefined): readonly FileRef[] =>
  file === undefined ? [] : 'path' in file ? [file] : file
