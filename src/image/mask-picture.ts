import { encodePng } from './png.ts'

/** The names of an image's masks as a file a class, as ivadomed's: `x_pred.png`, or of several classes `x_class-0_pred.png` ... */
export const maskNames = (name: string, classes: number, end: '.png' | '.nii.gz' | '_TP-FP-FN.png'): readonly string[] =>
  classes === 1 ? [`${name}_pred${end}`] : Array.from({ length: classes }, (_, k) => `${name}_class-${k}_pred${end}`)

/** A mask or soft values, 0 to 1, in the grid of a picture (down fastest, then along) as a PNG of 8 bits: 255 times the value. */
export function encodeMask(values: ArrayLike<number>, [height, width]: readonly number[]): Buffer {
  const [rows, columns] = [height!, width!]
  const pixels = Uint8Array.from({ length: rows * columns }, (_, p) => 255 * values[Math.floor(p / columns) + rows * (p % columns)]! + 0.5)
  return encodePng({ height: rows, width: columns, pixels })
}
