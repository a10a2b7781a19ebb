import type { SliceAxis } from './hwd.ts'
import type { Grey } from './png.ts'
import type { PlaneShape } from './warp.ts'

/** How a slice is looked at: of a body along an axis, its head or front up; a picture as it is. */
export type View = SliceAxis | 'picture'

/**
 * A slice as one looks at it: the head or the front of the body is up. Black and white are the two values of `range`; by default its
 * least and its largest.
 */
export function pictureOf(plane: Float32Array, shape: PlaneShape, view: View, range = rangeOf(plane)): Grey {
  const [low, high] = range
  const levels = Uint8Array.from(plane, v => (high > low ? Math.round(Math.min(Math.max((v - low) / (high - low), 0), 1) * 255) : 0))
  return turned(levels, shape, view)
}

/** Levels of a slice [H, W] as one looks at it. */
export function turned(levels: Uint8Array, [height, width]: PlaneShape, view: View): Grey {
  if (view === 'picture') return { height, width, pixels: levels }
  // Axial slices have right as their height and front as their width; the others have up as their height.
  const isAxial = view === 'axial'
  const [rows, columns] = isAxial ? [width, height] : [height, width]
  const pixels = Uint8Array.from({ length: rows * columns }, (_, i) => {
    const [up, along] = [rows - 1 - Math.floor(i / columns), i % columns]
    return isAxial ? levels[along * width + up]! : levels[up * width + along]!
  })
  return { height: rows, width: columns, pixels }
}

function rangeOf(plane: Float32Array): readonly [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity]
  for (const v of plane) {
    if (v < low) low = v
    if (v > high) high = v
  }
  return [low, high]
}

/** Every pixel as a square of `times` pixels; or as a rectangle, `across` wide. */
export function enlarge({ height, width, pixels }: Grey, times: number, across = times): Grey {
  const [rows, columns] = [height * times, width * across]
  const large = new Uint8Array(rows * columns)
  for (let y = 0; y < height; y++) {
    const from = y * times * columns
    for (let x = 0; x < width; x++) large.fill(pixels[y * width + x]!, from + x * across, from + (x + 1) * across)
    for (let row = 1; row < times; row++) large.copyWithin(from + row * columns, from, from + columns)
  }
  return { height: rows, width: columns, pixels: large }
}

/** Two pictures side by side, their tops in line, with a white band between them; black below the lower one. */
export function beside(left: Grey, right: Grey, band = 8): Grey {
  const height = Math.max(left.height, right.height)
  const width = left.width + band + right.width
  const pixels = new Uint8Array(height * width)
  const place = (from: Grey, x: number) => {
    for (let y = 0; y < from.height; y++) pixels.set(from.pixels.subarray(y * from.width, (y + 1) * from.width), y * width + x)
  }
  place(left, 0)
  place(right, left.width + band)
  for (let y = 0; y < height; y++) pixels.fill(255, y * width + left.width, y * width + left.width + band)
  return { height, width, pixels }
}
