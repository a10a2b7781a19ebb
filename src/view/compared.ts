import { readHeader } from '../image/nifti.ts'
import { pixelSizeOf } from '../image/pixel-size.ts'
import { readImageFile } from '../image/read-file.ts'
import { readTruth } from '../image/truth.ts'
import type { ImageHeader } from '../image/volume.ts'
import { maskOf } from '../metrics/pair.ts'
import { classPairs } from '../qc/class-pairs.ts'
import type { ClassPair } from '../qc/errors.ts'
import type { SliceAxis } from '../image/hwd.ts'
import { allowedFile } from './allowed.ts'
import { imagesOf, type Layer, type ShownImage } from './images.ts'
import { stepsOfKind } from './kinds.ts'
import type { ShownStep } from './run-folder.ts'

/** An image of a run with what is compared on it: the files, those that may be shown. */
export interface ComparedImage {
  readonly shown: ShownImage
  /** Of several channels the first. */
  readonly image: string
  /** Of its mask, else of the image itself: both have one grid. */
  readonly header: ImageHeader
  readonly hasMask: boolean
  readonly hasLabels: boolean
  /** The way that the model cuts images into slices. */
  readonly axis: SliceAxis
  /** Class by class; without a mask all of its labels are missed. Read anew at each call. */
  readonly pairs: () => AsyncIterable<ClassPair>
}

/** Finds an image with its mask and labels; of no id the worst. */
export async function comparedImage(steps: readonly ShownStep[], id?: string): Promise<ComparedImage | undefined> {
  const images = imagesOf(steps)
  const shown = id === undefined ? images[0] : images.find(found => found.id === id)
  const index = stepsOfKind('index', steps)[0]
  const row = index?.value.images.find(found => found.id === shown?.id)
  if (!shown || !index || !row) return undefined
  const pathOf = async (layer: Layer | undefined): Promise<string | undefined> =>
    layer && (await allowedFile(steps, layer.step, layer.path))?.path
  const of = (role: Layer['role']): readonly Layer[] => shown.layers.filter(layer => layer.role === role)

  const image = await pathOf(of('image')[0])
  if (image === undefined) return undefined
  const masks = stepsOfKind('masks', steps)[0]
  const mask = await pathOf(of('mask').find(({ step }) => step === masks?.step.name))
  const paths = new Map(await Promise.all(of('truth').map(async layer => [layer.path, await pathOf(layer)] as const)))
  const targets = (mask === undefined ? undefined : masks)?.value.targets ?? index.value.targets
  const labels = targets.map(target => (row.labels[index.value.targets.indexOf(target)] ?? []).flatMap(path => paths.get(path) ?? []))
  const size = pixelSizeOf(row.image, row.metadata ?? {})
  const header = mask === undefined && size ? await readImageFile(image, size) : await readHeader(mask ?? image)
  return {
    ...{ shown, image, header },
    hasMask: mask !== undefined,
    hasLabels: labels.some(raters => raters.length > 0),
    axis: stepsOfKind('model', steps)[0]?.value.axis ?? 'axial',
    pairs: () => (mask === undefined ? labelsAlone(image, header, labels) : classPairs({ image: shown.id, mask, labels })),
  }
}

/** The labels of an image that has no mask yet. */
async function* labelsAlone(
  image: string,
  header: ImageHeader,
  labels: readonly (readonly string[])[],
): AsyncGenerator<ClassPair, void, undefined> {
  const mask = new Uint8Array(header.shape[0] * header.shape[1] * header.shape[2])
  for (const raters of labels) {
    const { gt } = await readTruth({ image, maskPath: image, mask: header }, raters)
    yield { mask, truth: maskOf(gt) }
  }
}
