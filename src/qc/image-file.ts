import { findFile, type Artifact, type FileRef } from '../artifact.ts'
import { fail } from '../failure.ts'

/** Of an index: where the images are. */
interface Indexed {
  readonly images: readonly { readonly id: string; readonly dataset: number; readonly image: string }[]
}

/** The file of an image; of several channels the first. */
export function imageFile(id: string, { images }: Indexed, datasets: readonly Artifact<unknown>[]): FileRef {
  const row = images.find(image => image.id === id) ?? fail({ kind: 'image-not-in-index', id, images: images.length })
  const { image: path, dataset } = row
  const from = datasets[dataset]
  return (from && findFile(from, path)) ?? fail({ kind: 'image-not-in-dataset', id, path, dataset, datasets: datasets.length })
}
