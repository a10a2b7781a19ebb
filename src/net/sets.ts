import { fail } from '../failure.ts'
import type { SampleRef } from './samples.ts'

/** An image among the packed samples: which slices of it there are, and its .npy files. */
export interface PackedImage {
  readonly slices: readonly number[]
  readonly image: string
  readonly label?: string | undefined
  /** As in `SampleRef`. */
  readonly raters?: readonly number[] | undefined
}

/**
 * The samples of the images of one part of the split, in the order of the split, slices ascending. Fails where an image is not
 * there or has no label, and where there is no slice at all. `pathOf` gives the path of a packed file.
 */
export function samplesOf(
  set: string,
  ids: readonly string[],
  images: Readonly<Record<string, PackedImage>>,
  pathOf: (file: string) => string,
): readonly SampleRef[] {
  checkPresent(set, ids, images)
  const unlabelled = ids.filter(id => images[id]!.label === undefined)
  if (unlabelled.length) fail({ kind: 'no-label', set, images: unlabelled })
  const samples = ids.flatMap(id => {
    const { slices, image, label, raters } = images[id]!
    const files = { image: pathOf(image), label: pathOf(label!), ...(raters && { raters }) }
    return slices.map((slice, row) => ({ id, slice, row, ...files }))
  })
  if (samples.length === 0) {
    const reason = ids.length ? `its ${ids.length} images have no slice that the filters kept` : 'the split puts no image into it'
    fail({ kind: 'empty-set', set, reason })
  }
  return samples
}

/** Fails where images of a part of the split are not among the packed ones. */
export function checkPresent(set: string, ids: readonly string[], images: Readonly<Record<string, unknown>>): void {
  const missing = ids.filter(id => !Object.hasOwn(images, id))
  if (missing.length) fail({ kind: 'image-not-in-tensors', set, missing, known: Object.keys(images).length })
}
