import { threshold } from '../image/morphology.ts'
import { eachVolume } from '../image/nifti.ts'
import { readTruth } from '../image/truth.ts'
import { maskOf } from '../metrics/pair.ts'
import type { ClassPair } from './errors.ts'

/** The files of an image's mask and labels. */
export interface Compared {
  /** Its id, for what is said when they do not fit. */
  readonly image: string
  readonly mask: string
  /** By class the files of its raters. */
  readonly labels: readonly (readonly string[])[]
}

/** Class by class the mask (values of at least 0.5) and the truth; only one class is held. */
export async function* classPairs({ image, mask: maskPath, labels }: Compared): AsyncGenerator<ClassPair, void, undefined> {
  let c = 0
  for await (const mask of eachVolume(maskPath)) {
    const { gt } = await readTruth({ image, maskPath, mask }, labels[c++] ?? [])
    yield { mask: threshold(mask.data, 0.5), truth: maskOf(gt) }
  }
}
