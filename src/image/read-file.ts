import { fail } from '../failure.ts'
import { isMicrograph } from './formats.ts'
import { readMicrograph, readMicrographMask } from './micrograph.ts'
import { readLabels, readVolume } from './nifti.ts'
import type { PixelSize } from './pixel-size.ts'
import type { Labels, Volume } from './volume.ts'

/** An image of a dataset: NIfTI of one volume, or a picture (0 to 255), whose pixels have the size that is given. */
export const readImageFile = (path: string, size: PixelSize | undefined): Promise<Volume> =>
  isMicrograph(path) ? readMicrograph(path, size ?? unknownSize(path)) : readVolume(path)

/**
 * A label of a dataset, with the values of the file where it is NIfTI. Of a picture, in which white marks: 1 from the middle grey on,
 * else 0; where `soft`, black to white is 0 to 1.
 */
export const readLabelFile = (path: string, size: PixelSize | undefined, soft: boolean): Promise<Volume> =>
  isMicrograph(path) ? readMicrographMask(path, size ?? unknownSize(path), soft) : readVolume(path)

/** The same, with bytes of NIfTI that have no scale as they are. */
export const readLabelBytes = (path: string, size: PixelSize, soft: boolean): Promise<Labels> =>
  isMicrograph(path) ? readMicrographMask(path, size, soft) : readLabels(path)

/** What belongs to a NIfTI image has no sidecar that would say it. */
const unknownSize = (path: string): never =>
  fail({ kind: 'pixel-size-missing', path, detail: 'it is a picture, and the image that it belongs to is none' })
