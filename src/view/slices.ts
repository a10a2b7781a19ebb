import { encodeRgbPng } from '../image/png.ts'
import { drawnSlices } from '../qc/drawn-slices.ts'
import { sliceErrors, type SliceErrors } from '../qc/errors.ts'
import { overlay } from '../qc/overlay.ts'
import { comparedImage } from './compared.ts'
import type { ShownStep } from './run-folder.ts'

/** Where the mask of an image is wrong, slice by slice along the axis that the model works on; undefined without mask or label. */
export async function errorSlices(steps: readonly ShownStep[], id: string): Promise<SliceErrors | undefined> {
  const found = await comparedImage(steps, id)
  return found?.hasMask && found.hasLabels ? sliceErrors(found.pairs(), found.header, found.axis) : undefined
}

/** The first look at an image (of no id: at the worst), as a PNG: the slice that is most wrong, plain and with contours; undefined without an image. */
export async function firstLook(steps: readonly ShownStep[], id?: string): Promise<Buffer | undefined> {
  const found = await comparedImage(steps, id)
  if (!found) return undefined
  const { image, header, axis, pairs } = found
  const { worst, middle } = await sliceErrors(pairs(), header, axis)
  const slice = worst?.slice ?? middle
  const drawn = await drawnSlices(pairs(), image, axis, [slice])
  return encodeRgbPng(overlay(drawn.get(slice)!))
}
