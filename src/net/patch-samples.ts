import { fail } from '../failure.ts'
import { keepsSlice } from '../image/slice-filter.ts'
import { crop } from '../transforms/center-crop.ts'
import type { Planes } from '../transforms/transform.ts'
import { gridOf, type PatchParams } from './patch-params.ts'
import { patchPlaces, type Pair } from './patches.ts'
import { RowReader, type SampleRef } from './samples.ts'

/** The size of the prepared slices of each image. */
type Sizes = Readonly<Record<string, { readonly shape: readonly number[] }>>

/**
 * The patches of the slices of training or validation, slice after slice, row by row, without those that the filters refuse; as in
 * ivadomed they are asked before what is done at every draw. Of slices nothing is read unless a filter is on, and then each once.
 */
export async function patchesOf(
  set: string,
  slices: readonly SampleRef[],
  sizes: Sizes,
  params: PatchParams,
  reader: Pick<RowReader, 'read'> = new RowReader(),
): Promise<readonly SampleRef[]> {
  const grid = gridOf(params)
  const { filter_empty_input: emptyInput, filter_empty_mask: emptyMask, filter_absent_class: absentClass } = params
  const patches: SampleRef[] = []
  let all = 0
  for (const slice of slices) {
    const [height, width] = sizes[slice.id]!.shape
    const places = patchPlaces([height!, width!], grid)
    all += places.length
    const image = emptyInput ? await reader.read(slice.image, slice.row) : undefined
    const label = (emptyMask || absentClass) && slice.label !== undefined ? await reader.read(slice.label, slice.row) : undefined
    const isKept = (place: Pair): boolean => {
      const channels = image ? planesOf(crop(image, place, grid.length)) : []
      const masks = label ? classesOf(planesOf(crop(label, place, grid.length)), slice.raters) : []
      return keepsSlice({ emptyInput, emptyMask, absentClass }, channels, masks)
    }
    for (const place of places) if ((!image && !label) || isKept(place)) patches.push({ ...slice, patch: { place, length: grid.length } })
  }
  if (patches.length === 0)
    fail({ kind: 'empty-set', set, reason: `its ${slices.length} slices have ${all} patches, and the filters kept none` })
  return patches
}

const planesOf = ({ shape: [count, height, width], data }: Planes): readonly Float32Array[] =>
  Array.from({ length: count }, (_, p) => data.subarray(p * height * width, (p + 1) * height * width))

/** By class what any of its raters drew. */
function classesOf(planes: readonly Float32Array[], raters: readonly number[] = planes.map(() => 1)): readonly Float32Array[] {
  let first = 0
  return raters.map(count => {
    const [one, ...others] = planes.slice(first, (first += Math.max(1, count)))
    return others.length === 0 ? one! : one!.map((v, i) => Math.max(v, ...others.map(other => other[i]!)))
  })
}
