import { writeNifti } from '../image/nifti-write.ts'
import type { Native } from './pick.ts'
import type { Segmentation } from './segment.ts'
import { join } from 'node:path'

/** The names of an image's masks: `x_pred.nii.gz`, or of several classes `x_class-0_pred.nii.gz` ... as ivadomed's. */
export const maskNames = (name: string, classes: number): readonly string[] =>
  classes === 1 ? [`${name}_pred.nii.gz`] : Array.from({ length: classes }, (_, k) => `${name}_class-${k}_pred.nii.gz`)

/** Writes a file a class, in the grid of the image: uint8 where they are masks, float32 where soft. */
export async function writeMasks(dir: string, name: string, { data, classes }: Segmentation, native: Native): Promise<readonly string[]> {
  const size = data.length / classes
  const names = maskNames(name, classes)
  const dtype = data instanceof Uint8Array ? 'uint8' : 'float32'
  for (const [k, file] of names.entries())
    await writeNifti(join(dir, file), { ...native, data: data.subarray(k * size, (k + 1) * size), dtype })
  return names
}
