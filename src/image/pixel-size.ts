import { fail } from '../failure.ts'
import { isMicrograph } from './formats.ts'

/** Millimetres down, along and across a pixel. */
export type PixelSize = readonly [down: number, along: number, across: number]

/** Units of the size of a pixel, under BIDS' names, in millimetres. */
export const pixelSizeUnits: Readonly<Record<string, number>> = { mm: 1, um: 1e-3, nm: 1e-6 }

/**
 * The size of a pixel as BIDS has it ([x, y], or [x, y, z] with x along the width) in millimetres, in the order of our axes: down,
 * along, across. Where nothing is said of z it is as x, as in ivadomed. Undefined where these are no such numbers.
 */
export function pixelSizeInMm(size: unknown, units: unknown): PixelSize | undefined {
  const factor = typeof units === 'string' && Object.hasOwn(pixelSizeUnits, units) ? pixelSizeUnits[units]! : undefined
  if (factor === undefined || !Array.isArray(size) || (size.length !== 2 && size.length !== 3)) return undefined
  const [x, y, z] = size as readonly unknown[]
  if (typeof x !== 'number' || typeof y !== 'number' || !(x > 0 && y > 0 && Number.isFinite(x + y))) return undefined
  return [y * factor, x * factor, (typeof z === 'number' && z > 0 ? z : x) * factor]
}

/**
 * The size of a picture's pixels by what is known of it: `PixelSize` and `PixelSizeUnits`, as the index has them (lists as their JSON
 * text). Undefined for NIfTI, whose header says it.
 */
export function pixelSizeOf(path: string, metadata: Readonly<Record<string, unknown>>): PixelSize | undefined {
  if (!isMicrograph(path)) return undefined
  const { PixelSize: size, PixelSizeUnits: units } = metadata
  const known = (value: unknown): string =>
    value === undefined || value === null ? 'is not there' : `is ${typeof value === 'string' ? value : JSON.stringify(value)}`
  return (
    pixelSizeInMm(listIn(size), units) ??
    fail({
      kind: 'pixel-size-missing',
      path,
      detail: `by its sidecars PixelSize ${known(size)} and PixelSizeUnits ${known(units)}; [x, y] is wanted, in mm, um or nm`,
    })
  )
}

function listIn(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : text
  } catch {
    return undefined
  }
}
