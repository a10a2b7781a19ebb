/** Four digits that mean something, at equal width: `0.9334`, `12.30`, `1234`; a dash for what is undefined. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (Number.isInteger(value) || size >= 1000) return String(Math.round(value))
  if (size < 0.0005) return value.toExponential(2)
  return value.toFixed(size < 1 ? 4 : size < 10 ? 3 : size < 100 ? 2 : 1)
}

/** A place in a drawing: two decimals are enough for every screen, and keep files small. */
export const place = (value: number): number => Math.round(value * 100) / 100

/** Round numbers that cut a range into about `count` parts, from the first at or below it to the last at or above it. */
export function ticksOf([low, high]: readonly [number, number], count = 5): readonly number[] {
  const span = high > low ? high - low : Math.abs(low) || 1
  const rough = span / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find(factor => factor * power >= rough * 0.999) ?? 10) * power
  const first = Math.floor(low / step + 1e-9)
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9))
  // Times a whole number, so that 3 * 0.1 does not read 0.30000000000000004.
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

/** `n image`, `n images`. */
export const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`
