import { z } from 'zod'
import { fail } from '../failure.ts'
import { cornerDistance, voxelSizes } from './affine.ts'
import { threshold, type Voxels } from './morphology.ts'
import { readLabelBytes } from './read-file.ts'
import type { ImageHeader } from './volume.ts'

/** The param by which a node is told to take soft labels as they are; without it, what is compared says so (`soft` of its document). */
export const softGt = z
  .boolean()
  .optional()
  .describe(
    'labels keep their values between 0 and 1, and are not cut at 0.5; if absent: as when they were sliced (soft_gt of the slice step)',
  )

/** The ground truth of one class of an image, in the grid of its mask. */
export interface Truth {
  /** 0 or 1 (uint8); or soft (float32), where that was asked for. */
  readonly gt: Voxels
  /** How far the corners of a label lie from those of the mask, at most. */
  readonly offsetMm: number
}

/** Which image is read, for what is said when it cannot be. */
export interface Compared {
  readonly image: string
  readonly maskPath: string
  readonly mask: Pick<ImageHeader, 'shape' | 'affine'>
}

/**
 * Reads the labels of one class, of one rater or several: at least half of them must have marked a voxel (value of at least 0.5).
 * Where `soft`, labels keep their values, and several raters are averaged. Without a file the class is empty. Labels of another shape
 * than the mask are a failure.
 */
export async function readTruth({ image, maskPath, mask }: Compared, raters: readonly string[], soft = false): Promise<Truth> {
  const size = mask.shape[0] * mask.shape[1] * mask.shape[2]
  let gt: Voxels = soft ? new Float32Array(size) : new Uint8Array(size)
  let offsetMm = 0
  for (const path of raters) {
    const label = await readLabelBytes(path, voxelSizes(mask.affine), soft)
    if (label.shape.some((n, axis) => n !== mask.shape[axis]))
      fail({ kind: 'mask-grid', image, mask: maskPath, label: path, maskShape: mask.shape, labelShape: label.shape })
    offsetMm = Math.max(offsetMm, cornerDistance(mask.shape, mask.affine, label.affine))
    const vote = soft ? label.data : cut(label.data)
    if (raters.length === 1) gt = vote
    else for (let i = 0; i < size; i++) gt[i]! += vote[i]!
  }
  if (raters.length < 2) return { gt, offsetMm }
  return { gt: soft ? gt.map(sum => sum / raters.length) : threshold(gt, raters.length / 2), offsetMm }
}

/** Labels cut at 0.5; bytes of 0 and 1 are that already. */
function cut(labels: Voxels): Uint8Array {
  if (!(labels instanceof Uint8Array)) return threshold(labels, 0.5)
  for (let i = 0; i < labels.length; i++) if (labels[i]! > 1) return threshold(labels, 0.5)
  return labels
}
