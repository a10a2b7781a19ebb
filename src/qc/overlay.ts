import type { SliceAxis } from '../image/hwd.ts'
import { enlarge, turned } from '../image/picture.ts'
import type { Grey, Rgb } from '../image/png.ts'
import type { PlaneShape } from '../image/warp.ts'

/** A slice of an image with what was drawn on it; every plane is [H, W]. */
export interface Drawn {
  readonly axis: SliceAxis
  readonly shape: PlaneShape
  /** Millimetres along height and width. */
  readonly spacingMm: readonly [number, number]
  readonly image: Float32Array
  /** By class: 0 and 1. */
  readonly truths: readonly Uint8Array[]
  readonly masks: readonly Uint8Array[]
}

// Of the palette of Okabe and Ito, which all eyes can tell apart.
const truthColour = [86, 180, 233] as const
const maskColour = [230, 159, 0] as const
const bothColour = [255, 255, 255] as const

/** Small slices are shown large enough to be seen: so many pixels along their longer side. */
const SIDE = 480
const BAND = 8

/** The slice as it is, and beside it with the contours of the truth (blue) and the mask (orange); white where both run. */
export function overlay(of: Drawn): Rgb {
  const show = shownAs(of)
  const image = show(levelsOf(of.image))
  const outline = (planes: readonly Uint8Array[]): readonly Uint8Array[] => planes.map(plane => contour(show(plane)))
  const [truth, mask] = [union(outline(of.truths), image), union(outline(of.masks), image)]
  const { height, width } = image
  const whole = 2 * width + BAND
  const pixels = new Uint8Array(height * whole * 3).fill(255)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      const grey = [image.pixels[at]!, image.pixels[at]!, image.pixels[at]!] as const
      pixels.set(grey, (y * whole + x) * 3)
      pixels.set(truth[at] ? (mask[at] ? bothColour : truthColour) : mask[at] ? maskColour : grey, (y * whole + width + BAND + x) * 3)
    }
  return { height, width: whole, pixels }
}

/** Turns a plane as one looks at it, and enlarges it so that a millimetre is as long both ways, as nearly as whole pixels allow. */
function shownAs({ axis, shape, spacingMm }: Drawn): (plane: Uint8Array) => Grey {
  const [heightMm, widthMm] = [shape[0] * spacingMm[0], shape[1] * spacingMm[1]]
  const perMm = SIDE / Math.max(heightMm, widthMm)
  const times = spacingMm.map(mm => Math.max(1, Math.round(mm * perMm))) as [number, number]
  const [down, across] = axis === 'axial' ? [times[1], times[0]] : times
  return plane => enlarge(turned(plane, shape, axis), down, across)
}

/** Grey levels up to the value that one voxel in 200 exceeds: bright vessels would make the rest dark. */
function levelsOf(plane: Float32Array): Uint8Array {
  const sorted = plane.toSorted()
  const [low, high] = [sorted[0]!, sorted[Math.ceil(sorted.length * 0.995) - 1]!]
  return Uint8Array.from(plane, v => (high > low ? Math.min(255, Math.round(((v - low) / (high - low)) * 255)) : 0))
}

/** The pixels of a mask that have a neighbour outside of it. */
export function contour({ height, width, pixels }: Grey): Uint8Array {
  const isIn = (y: number, x: number): boolean => y >= 0 && x >= 0 && y < height && x < width && pixels[y * width + x] !== 0
  return Uint8Array.from(pixels, (value, at) => {
    if (value === 0) return 0
    const [y, x] = [Math.floor(at / width), at % width]
    return isIn(y - 1, x) && isIn(y + 1, x) && isIn(y, x - 1) && isIn(y, x + 1) ? 0 : 1
  })
}

function union(planes: readonly Uint8Array[], { pixels }: Grey): Uint8Array {
  const all = new Uint8Array(pixels.length)
  for (const plane of planes) for (let i = 0; i < all.length; i++) all[i]! |= plane[i]!
  return all
}
