import { readHeader } from '../image/nifti.ts'
import { classPairs } from '../qc/class-pairs.ts'
import { sliceErrors, type SliceErrors } from '../qc/errors.ts'
import { allowedFile } from './allowed.ts'
import { imagesOf, type Layer } from './images.ts'
import { stepsOfKind } from './kinds.ts'
import type { ShownStep } from './run-folder.ts'

/** Where the mask of an image is wrong, slice by slice along the axis that the model works on; undefined without mask or label. */
export async function errorSlices(steps: readonly ShownStep[], id: string): Promise<SliceErrors | undefined> {
  const image = imagesOf(steps).find(shown => shown.id === id)
  const masks = stepsOfKind('masks', steps)[0]
  const index = stepsOfKind('index', steps)[0]
  const pathOf = async ({ step, path }: Pick<Layer, 'step' | 'path'>): Promise<string | undefined> =>
    (await allowedFile(steps, step, path))?.path
  const maskLayer = image?.layers.find(({ role, step }) => role === 'mask' && step === masks?.step.name)
  const mask = maskLayer && (await pathOf(maskLayer))
  if (!image || !index || !masks || mask === undefined) return undefined

  const row = index.value.images.find(found => found.id === id)
  const truths = image.layers.filter(({ role }) => role === 'truth')
  const paths = new Map(await Promise.all(truths.map(async layer => [layer.path, await pathOf(layer)] as const)))
  const labels = masks.value.targets.map(target => {
    const raters = row?.labels[index.value.targets.indexOf(target)] ?? []
    return raters.flatMap(path => paths.get(path) ?? [])
  })
  if (labels.every(raters => raters.length === 0)) return undefined
  const axis = stepsOfKind('model', steps)[0]?.value.axis ?? 'axial'
  return sliceErrors(classPairs({ image: id, mask, labels }), await readHeader(mask), axis)
}
