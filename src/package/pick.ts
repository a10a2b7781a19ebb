import { fail } from '../failure.ts'
import { cutImage } from '../image/cut.ts'
import type { PixelSize } from '../image/pixel-size.ts'
import { crop } from '../transforms/center-crop.ts'
import type { Planes, Sample, UndoRecord } from '../transforms/transform.ts'
import { pixelSizeBeside } from './pixel-size.ts'
import type { ModelSettings } from './settings.ts'

/** An image as a model sees it first: the slices to predict, and how to go back. */
export interface Picked extends Sample {
  /** Height, width, depth of the whole volume. */
  readonly shape: readonly [number, number, number]
  readonly slices: readonly number[]
  /** Millimetres from slice to slice. */
  readonly sliceSpacing: number
  readonly from: { readonly id: string; readonly slices: readonly number[] }
  /** What was done already: the crop to the box of the prior mask. */
  readonly undo: readonly UndoRecord[]
  readonly native: Native
}

/** Where the masks are written: the grid of the image as it is stored. */
export interface Native {
  readonly shape: readonly [number, number, number]
  readonly affine: readonly number[]
  readonly qformCode: number
  readonly sformCode: number
  readonly xyztUnits: number
  /** Whether the image is a picture (PNG, TIFF): then so are its masks. */
  readonly isPicture?: true
}

/** What is read: a file a channel, and a mask of the region to look at. */
export interface ToPick {
  readonly id: string
  readonly files: readonly string[]
  readonly prior?: string | undefined
  /** Of pictures, where it is given: else their sidecar says. */
  readonly pixelSizeMm?: PixelSize | undefined
  readonly warn: (line: string) => void
}

/** Reads an image, checks that it has the channels of the model, and cuts it into slices. */
export async function pickImage(settings: ModelSettings, { id, files, prior, pixelSizeMm: asked, warn }: ToPick): Promise<Picked> {
  checkChannels(settings, files)
  const { axis, skipsEmpty, roiThreshold, volume } = settings
  // A volume is looked at as a whole.
  const roi = prior === undefined || volume ? undefined : (roiThreshold ?? 0)
  const filters = { emptyInput: skipsEmpty && !volume, emptyMask: false, absentClass: false, roi }
  const pixelSizeMm = await pixelSizeBeside(files[0]!, asked)
  const cut = await cutImage({ axis, filters, images: files, raters: [], labels: [], roi: prior, pixelSizeMm, warn })
  const [height, width] = cut.shape
  const of = (data: Float32Array): Planes => ({ shape: [data.length / (height * width), height, width], data })
  const { shape, slices, spacing, native } = cut
  if (prior !== undefined && slices.length === 0) fail({ kind: 'prior-empty', path: prior })
  const sample = {
    ...{ image: of(cut.image), ...(cut.roi && { roi: of(cut.roi) }), spacing: [spacing[0], spacing[1]] as const, sliceSpacing: spacing[2] },
    ...{ shape, slices, from: { id, slices }, undo: [] },
    native: { ...native, shape: native.shape as unknown as Native['shape'] },
  }
  // Of a volume the box is cut in all three directions, where it is prepared.
  if (volume) return sample
  return cut.roi && prior !== undefined && !settings.chain.some(({ name }) => name === 'ROICrop') ? toBox(sample, prior) : sample
}

/** The channels that the model wants, as files. */
export function checkChannels({ multichannel, contrasts }: ModelSettings, files: readonly string[]): void {
  const wanted = multichannel ? contrasts : [contrasts.join(' or ') || 'any contrast']
  if (files.length !== wanted.length) fail({ kind: 'channels-wanted', path: files[0]!, contrasts: wanted, given: files.length })
}

/** Cropped to the box of the prior mask, the same for all slices: for models that have no crop of their own to put there. */
function toBox(picked: Picked & { readonly roi?: Planes }, prior: string): Picked {
  const { image, roi, shape } = picked
  const [height, width] = shape
  let [top, left, bottom, right] = [height, width, -1, -1]
  roi!.data.forEach((v, i) => {
    if (!(v >= 0.5)) return
    const [y, x] = [Math.floor(i / width) % height, i % width]
    ;[top, bottom, left, right] = [Math.min(top, y), Math.max(bottom, y), Math.min(left, x), Math.max(right, x)]
  })
  if (bottom < 0) fail({ kind: 'prior-empty', path: prior })
  const start = [top, left] as const
  const out = [bottom - top + 1, right - left + 1] as const
  const undo = [{ name: 'CenterCrop', shape: [height, width], start: [...start] }]
  return { ...picked, image: crop(image, start, out), roi: crop(roi!, start, out), undo }
}
