import { enlarge, turned, type View } from '../image/picture.ts'
import type { Grey, Rgb } from '../image/png.ts'
import type { PlaneShape } from '../image/warp.ts'
import { addOutline } from './outline.ts'

/** A slice of an image with what was drawn on it; every plane is [H, W]. */
export interface Drawn {
  readonly view: View
  readonly shape: PlaneShape
  /** Millimetres along height and width. */
  readonly spacingMm: readonly [number, number]
  readonly image: Float32Array
  /** By class: 0 and 1. */
  readonly truths: readonly Uint8Array[]
  readonly masks: readonly Uint8Array[]
}

// Of the palette of Okabe and Ito, which all eyes can tell apart.
/** Of the truth: blue. */
export const truthColour = [86, 180, 233] as const
/** Of a mask: orange. */
export const maskColour = [230, 159, 0] as const
const bothColour = [0, 158, 115] as const
const colours = [undefined, truthColour, maskColour, bothColour] as const

/** Small slices are shown large enough to be seen: so many pixels along their longer side. */
const SIDE = 480
const BAND = 8

/** The slice as it is, and beside it with the outlines of the truth (blue) and the mask (orange); green where both run. */
export function overlay(of: Drawn): Rgb {
  const times = enlargement(of)
  const show = (plane: Uint8Array): Grey => enlarge(turned(plane, of.shape, of.view), ...times)
  const { height, width, pixels: levels } = show(levelsOf(of.image))
  const thick = Math.min(3, Math.max(1, Math.round(Math.min(...times) / 5)))
  const marks = new Uint8Array(levels.length)
  for (const [bit, planes] of [of.truths, of.masks].entries()) for (const plane of planes) addOutline(show(plane), thick, 1 << bit, marks)
  const whole = 2 * width + BAND
  const pixels = new Uint8Array(height * whole * 3).fill(255)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const level = levels[y * width + x]!
      const colour = colours[marks[y * width + x]!]
      const left = (y * whole + x) * 3
      const right = left + (width + BAND) * 3
      for (let c = 0; c < 3; c++) {
        pixels[left + c] = level
        pixels[right + c] = colour ? colour[c]! : level
      }
    }
  return { height, width: whole, pixels }
}

/** How often a pixel is repeated down and across, so that a millimetre is as long both ways, as nearly as whole pixels allow. */
function enlargement({ view, shape, spacingMm }: Drawn): readonly [down: number, across: number] {
  const [heightMm, widthMm] = [shape[0] * spacingMm[0], shape[1] * spacingMm[1]]
  const perMm = SIDE / Math.max(heightMm, widthMm)
  const [height, width] = spacingMm.map(mm => Math.max(1, Math.round(mm * perMm))) as [number, number]
  return view === 'axial' ? [width, height] : [height, width]
}

/** Grey levels up to the value that one voxel in 200 exceeds: bright vessels would make the rest dark. */
export function levelsOf(plane: Float32Array): Uint8Array {
  const sorted = plane.toSorted()
  const [low, high] = [sorted[0]!, sorted[Math.ceil(sorted.length * 0.995) - 1]!]
  return Uint8Array.from(plane, v => (high > low ? Math.min(255, Math.round(((v - low) / (high - low)) * 255)) : 0))
}
