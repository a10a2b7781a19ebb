import { encodeGif, type Colour } from '../image/gif.ts'
import { numberPicture } from '../image/digits.ts'
import { enlarge } from '../image/picture.ts'
import type { Grey } from '../image/png.ts'
import { readNpy, writeNpy } from '../npy.ts'
import { addOutline } from './outline.ts'
import { maskColour, truthColour } from './overlay.ts'

/**
 * A slice over the epochs of a training, as one looks at it: planes of bytes, row by row. Of several classes each pixel has the largest
 * value.
 */
export interface Film {
  readonly height: number
  readonly width: number
  /** Grey levels of the first channel, as the network was given it. */
  readonly image: Uint8Array
  /** 0 to 255 for 0 to 1; so are the predictions. */
  readonly truth: Uint8Array
  /** One an epoch, of consecutive epochs. */
  readonly predictions: readonly Uint8Array[]
}

/** Writes a film as uint8 [2 + epochs, height, width]: the image, the truth, and the prediction after each epoch. */
export async function writeFilm(path: string, { height, width, image, truth, predictions }: Film): Promise<void> {
  const planes = [image, truth, ...predictions]
  await writeNpy(path, 'uint8', [planes.length, height, width], Buffer.concat(planes))
}

/** Reads what `writeFilm` wrote. */
export async function readFilm(path: string): Promise<Film> {
  const { shape, data } = await readNpy(path)
  const [count, height, width] = shape
  if (!(data instanceof Uint8Array) || count === undefined || height === undefined || width === undefined || count < 2)
    throw new Error(`${path} is no film: uint8 [2 + epochs, height, width]`)
  const [image, truth, ...predictions] = Array.from({ length: count }, (_, i) =>
    data.subarray(i * height * width, (i + 1) * height * width),
  )
  return { height, width, image: image!, truth: truth!, predictions }
}

// A pixel of a frame is LEVELS x strength + level: how strongly the prediction covers it, and how light the image is there.
const [LEVELS, STRENGTHS] = [36, 7]
const [OUTLINE, INK, PAPER] = [252, 253, 254]
/** What of the image a prediction of 1 covers. */
const COVER = 0.65
const palette: readonly Colour[] = [
  ...Array.from({ length: LEVELS * STRENGTHS }, (_, i): Colour => {
    const grey = ((i % LEVELS) / (LEVELS - 1)) * 255
    const cover = (Math.floor(i / LEVELS) / (STRENGTHS - 1)) * COVER
    const [red, green, blue] = maskColour.map(c => Math.round(grey * (1 - cover) + c * cover)) as [number, number, number]
    return [red, green, blue]
  }),
  ...[truthColour, [255, 255, 255] as const, [0, 0, 0] as const, [0, 0, 0] as const],
]

/** Small slices are shown large enough to be seen: about so many pixels along their longer side. */
const SIDE = 256
/** All epochs take about ten seconds, none of them less than the first or more than the second of these. */
const [TOTAL_MS, LEAST_MS, MOST_MS, LAST_MS] = [10_000, 50, 500, 2000]

/**
 * The film as a GIF, one frame an epoch: the image under the prediction (orange, the stronger the surer) with the outline of the truth
 * (blue), and the number of the epoch in the corner. `firstEpoch`: that of the first prediction.
 */
export function filmGif(film: Film, firstEpoch: number): Uint8Array {
  const count = film.predictions.length
  const pace = Math.min(MOST_MS, Math.max(LEAST_MS, Math.round(TOTAL_MS / count / 10) * 10))
  const draw = drawer(film)
  return encodeGif({
    frames: film.predictions.map((prediction, i) => draw(prediction, firstEpoch + i)),
    palette,
    delaysMs: film.predictions.map((_, i) => (i === count - 1 ? LAST_MS : pace)),
  })
}

/** Draws the frame of an epoch. */
function drawer({ height, width, image, truth }: Film): (prediction: Uint8Array, epoch: number) => Grey {
  const times = Math.max(1, Math.round(SIDE / Math.max(height, width)))
  const large = (pixels: Uint8Array): Grey => enlarge({ height, width, pixels }, times)
  const levels = image.map(v => Math.round((v / 255) * (LEVELS - 1)))
  const outline = new Uint8Array(height * width * times * times)
  addOutline(large(truth.map(v => (v >= 128 ? 1 : 0))), times > 3 ? 2 : 1, 1, outline)
  return (prediction, epoch) => {
    const frame = large(levels.map((level, i) => LEVELS * Math.round((prediction[i]! / 255) * (STRENGTHS - 1)) + level))
    outline.forEach((is, i) => {
      if (is) frame.pixels[i] = OUTLINE
    })
    writeNumber(frame, epoch)
    return frame
  }
}

/** Into the upper left corner, white on black, as large as there is room for up to twice its size. */
function writeNumber({ height, width, pixels }: Grey, value: number): void {
  const plain = numberPicture(value)
  const number = 2 * plain.width <= width && 2 * plain.height <= height ? enlarge(plain, 2) : plain
  for (let y = 0; y < Math.min(number.height, height); y++)
    for (let x = 0; x < Math.min(number.width, width); x++) pixels[y * width + x] = number.pixels[y * number.width + x] ? INK : PAPER
}
