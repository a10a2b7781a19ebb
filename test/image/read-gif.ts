import omggif from 'omggif'

/** A GIF file as another implementation reads it: frames as red, green, blue, opacity of every pixel; delays in hundredths of a second. */
export function readGif(bytes: Uint8Array) {
  const reader = new omggif.GifReader(bytes)
  const { width, height } = reader
  const frames = Array.from({ length: reader.numFrames() }, (_, i) => {
    const pixels = new Uint8Array(width * height * 4)
    reader.decodeAndBlitFrameRGBA(i, pixels)
    return { pixels, delay: reader.frameInfo(i).delay }
  })
  return { width, height, frames, loops: reader.loopCount() }
}
