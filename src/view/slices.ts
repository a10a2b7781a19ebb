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

/** Looks that were drawn, the newest last. Results never change; a dataset is taken to stay as it is while the viewer runs. */
const drawnLooks = new Map<string, Promise<Buffer | undefined>>()
const MAX_LOOKS = 64

/** The first look at an image (of no id: at the worst), as a PNG: the slice that is most wrong, plain and with outlines; undefined without an image. */
export function firstLook(steps: readonly ShownStep[], id?: string): Promise<Buffer | undefined> {
  const key = JSON.stringify([id, steps.map(({ name, dir }) => [name, dir])])
  const look = drawnLooks.get(key) ?? drawLook(steps, id)
  drawnLooks.delete(key)
  drawnLooks.set(key, look)
  look.catch(() => drawnLooks.delete(key))
  const [oldest] = drawnLooks.keys()
  if (drawnLooks.size > MAX_LOOKS && oldest !== undefined) drawnLooks.delete(oldest)
  return look
}

async function drawLook(steps: readonly ShownStep[], id: string | undefined): Promise<Buffer | undefined> {
  const found = await comparedImage(steps, id)
  if (!found) return undefined
  const { image, header, axis, pairs } = found
  const { worst, middle } = await sliceErrors(pairs(), header, axis)
  const slice = worst?.slice ?? middle
  const drawn = await drawnSlices(pairs(), image, axis, [slice], header)
  return encodeRgbPng(overlay(drawn.get(slice)!))
}
