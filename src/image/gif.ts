import gifenc from 'gifenc'
import type { Grey } from './png.ts'

/** A colour: red, green, blue, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number]

/** A picture that moves; of every frame a pixel is the number of its colour. Frames have one size. */
export interface Animation {
  readonly frames: readonly Grey[]
  /** At most 256. */
  readonly palette: readonly Colour[]
  /** How long each frame is shown. */
  readonly delaysMs: readonly number[]
}

/** The bytes of a GIF file (GIF89a) that plays for ever. */
export function encodeGif({ frames, palette, delaysMs }: Animation): Uint8Array {
  if (palette.length > 256) throw new Error(`a GIF has at most 256 colours, and not ${palette.length}`)
  const encoder = gifenc.GIFEncoder()
  for (const [i, { pixels, width, height }] of frames.entries())
    encoder.writeFrame(pixels, width, height, { delay: delaysMs[i]!, ...(i === 0 && { palette, repeat: 0 }) })
  encoder.finish()
  return encoder.bytes()
}
