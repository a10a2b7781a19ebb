import type { Grey } from '../image/png.ts'

/** Adds `bit` to `marks` where a pixel of the mask has one outside of it at most `thick` pixels away, also diagonally. */
export function addOutline({ height, width, pixels }: Grey, thick: number, bit: number, marks: Uint8Array): void {
  const along = eroded(pixels, { lines: height, length: width, stride: width, step: 1 }, thick)
  const inner = eroded(along, { lines: width, length: height, stride: 1, step: width }, thick)
  for (let i = 0; i < marks.length; i++) if (pixels[i] && !inner[i]) marks[i]! |= bit
}

/** Pixels of which all neighbours up to `reach` on both sides in their line are in the mask; there is nothing beyond the ends. */
function eroded(
  pixels: Uint8Array,
  { lines, length, stride, step }: { readonly lines: number; readonly length: number; readonly stride: number; readonly step: number },
  reach: number,
): Uint8Array {
  const kept = new Uint8Array(pixels.length)
  for (let line = 0; line < lines; line++)
    for (let i = 0, run = 0; i < length; i++) {
      run = pixels[line * stride + i * step] ? run + 1 : 0
      if (run > 2 * reach) kept[line * stride + (i - reach) * step] = 1
    }
  return kept
}
