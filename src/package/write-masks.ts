import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeNifti } from '../image/nifti-write.ts'
import { encodePng } from '../image/png.ts'
import type { Native } from './pick.ts'
import type { Segmentation } from './segment.ts'

/** The names of an image's masks: `x_pred.nii.gz`, or of several classes `x_class-0_pred.nii.gz` ... as ivadomed's; PNG for pictures. */
const maskNames = (name: string, classes: number, { isPicture }: Native): readonly string[] => {
  const end = isPicture ? '_pred.png' : '_pred.nii.gz'
  return classes === 1 ? [`${name}${end}`] : Array.from({ length: classes }, (_, k) => `${name}_class-${k}${end}`)
}

/**
 * Writes a file a class, in the grid of the image: uint8 where they are masks, float32 where soft. Of a picture a PNG of 8 bits: 255
 * times the value.
 */
export async function writeMasks(dir: string, name: string, { data, classes }: Segmentation, native: Native): Promise<readonly string[]> {
  const size = data.length / classes
  const names = maskNames(name, classes, native)
  const dtype = data instanceof Uint8Array ? 'uint8' : 'float32'
  for (const [k, file] of names.entries()) {
    const values = data.subarray(k * size, (k + 1) * size)
    if (native.isPicture) await writeFile(join(dir, file), pictureOf(values, native))
    else await writeNifti(join(dir, file), { ...native, data: values, dtype })
  }
  return names
}

function pictureOf(values: ArrayLike<number>, { shape: [height, width] }: Native): Buffer {
  const pixels = Uint8Array.from({ length: height * width }, (_, p) => 255 * values[Math.floor(p / width) + height * (p % width)]! + 0.5)
  return encodePng({ height, width, pixels })
}
