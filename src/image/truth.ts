import { fail } from '../failure.ts'
import { cornerDistance } from './affine.ts'
import { threshold } from './morphology.ts'
import { readVolume } from './nifti.ts'
import type { Volume } from './volume.ts'

/** The ground truth of an image in the grid of its mask. */
export interface Truth {
  /** 0 or 1; one class after the other. */
  readonly gt: Uint8Array<ArrayBuffer>
  /** Millimetres, as the labels' header has them: an image's own sizes, where the mask has them back from its affine. */
  readonly spacing: readonly [number, number, number]
  /** How far the corners of a label lie from those of the mask, at most. */
  readonly offsetMm: number
}

/**
 * Reads the labels: per class the files of its raters, of whom at least half must have marked a voxel (value of at least
 * 0.5). A class without a file is empty. Labels of another shape than the mask are a failure.
 */
export async function readTruth(image: string, maskPath: string, mask: Volume, classes: readonly (readonly string[])[]): Promise<Truth> {
  const size = mask.shape[0] * mask.shape[1] * mask.shape[2]
  const gt = new Uint8Array(size * classes.length)
  let spacing = mask.spacing
  let offsetMm = 0
  let first = true
  for (const [index, raters] of classes.entries()) {
    const votes = new Uint8Array(size)
    for (const path of raters) {
      const label = await readVolume(path)
      if (label.shape.some((n, axis) => n !== mask.shape[axis]))
        fail({ kind: 'mask-grid', image, mask: maskPath, label: path, maskShape: mask.shape, labelShape: label.shape })
      if (first) spacing = label.spacing
      first = false
      offsetMm = Math.max(offsetMm, cornerDistance(mask.shape, mask.affine, label.affine))
      for (let i = 0; i < size; i++) if (label.data[i]! >= 0.5) votes[i]!++
    }
    if (raters.length > 0) gt.set(threshold(votes, raters.length / 2), index * size)
  }
  return { gt, spacing, offsetMm }
}
